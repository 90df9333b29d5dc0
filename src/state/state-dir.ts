import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { GeofenceError, messageOf } from '../errors.ts';
import type { Variant } from '../firewall/choose.ts';
import { makeFolder, readIfExists, writeFileAtomic } from '../system/files.ts';

/** The policy of the last refresh. */
export interface AppliedPolicy {
  /** What it was told by hand: for runs that are told nothing. */
  readonly settings: Settings;
  /** What it went by in all, the configuration file included. */
  readonly inForce: Settings;
  /** The guards that were passed over for it. */
  readonly forced: readonly string[];
}

/** What was there before the last change. */
export interface Backup {
  /** ISO 8601 */
  readonly savedAt: string;
  /** As the backend wrote it. */
  readonly fence: object;
  readonly policy?: AppliedPolicy | undefined;
  /** Which iptables has it. */
  readonly iptables: Variant;
}

/** A change that waits to be confirmed, or was taken back. */
export interface UnconfirmedRecord {
  readonly id: string;
  /** When it is taken back, ISO 8601. */
  readonly until: string;
  /** Of the running system: neither timer nor fence survives a reboot. */
  readonly bootId: string;
  /** What to remember once it is confirmed. */
  readonly policy: AppliedPolicy;
  readonly isTakenBack: boolean;
}

/** Since when the rules count. The kernel does not keep the time, and rules that are replaced begin anew. */
export interface CounterEpoch {
  /** Of the running system: no rule survives a reboot. */
  readonly bootId: string;
  /** When the rules of a family were put in place, ISO 8601. */
  readonly since: { readonly ipv4?: string; readonly ipv6?: string };
}

/** What geofence remembers from run to run: a folder with a JSON file for each thing. */
export class StateDir {
  readonly dir: string;
  readonly policy: StateFile<AppliedPolicy>;
  readonly former: StateFile<Backup>;
  readonly pending: StateFile<UnconfirmedRecord>;
  readonly counting: StateFile<CounterEpoch>;

  constructor(dir: string) {
    this.dir = dir;
    this.policy = new StateFile(join(dir, 'policy.json'), 'the remembered policy');
    this.former = new StateFile(join(dir, 'former.json'), 'the former fence');
    this.pending = new StateFile(join(dir, 'pending.json'), 'the change to be confirmed');
    this.counting = new StateFile(join(dir, 'counting.json'), 'since when the rules count');
  }
}

class StateFile<T> {
  readonly path: string;
  readonly #what: string;
  #isIgnored = false;

  constructor(path: string, what: string) {
    this.path = path;
    this.#what = what;
  }

  /** From now on a damaged file counts as none, until it is written; returns what is wrong with it. */
  async ignoreDamage(): Promise<string[]> {
    try {
      await this.read();
      return [];
    } catch (error) {
      if (!(error instanceof GeofenceError)) throw error;
      this.#isIgnored = true;
      return [error.message];
    }
  }

  async read(): Promise<T | undefined> {
    if (this.#isIgnored) return undefined;
    const data = await readIfExists(this.path, { plainOnly: true });
    if (data === undefined) return undefined;
    try {
      return JSON.parse(data.toString('utf8')) as T;
    } catch (error) {
      throw new GeofenceError(`Cannot read ${this.#what} "${this.path}": ${messageOf(error)}`, {
        hint: 'delete it; if it was the policy, state that once more: geofence refresh --allow CA',
      });
    }
  }

  async write(value: T): Promise<void> {
    await makeFolder(dirname(this.path));
    await writeFileAtomic(this.path, `${JSON.stringify(value)}\n`);
    this.#isIgnored = false;
  }

  async forget(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
