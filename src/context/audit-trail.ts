import { randomUUID } from 'node:crypto';
import { messageOf } from '../errors.ts';
import type { Backend, SetEdit } from '../firewall/backend.ts';
import { readCaller } from '../host/caller.ts';
import { describeChange } from '../plan/describe-change.ts';
import type { History } from '../state/history.ts';
import type { System } from '../system/system.ts';
import { formatList } from '../words/format.ts';
import { printable } from '../words/printable.ts';

/** Beyond these nobody reads on, and syslog daemons cut a line (RFC 5424, section 6.1). */
const MAX_CHANGES = 16;
const MAX_COLUMNS = 200;

type TrailSystem = Pick<System, 'env' | 'readText' | 'isRoot' | 'now' | 'tellSyslog'>;

/** One command line, and what it changes in the kernel: told to the history before, to the system's log at its end. */
export class AuditTrail {
  readonly #id = randomUUID();
  readonly #command: string;
  readonly #system: TrailSystem;
  readonly #warn: (text: string) => void;
  #changes: readonly string[] = [];
  #count = 0;
  #history: History | undefined;

  constructor(argv: readonly string[], system: TrailSystem, warn: (text: string) => void) {
    this.#command = shorten(argv.map(quoteWord).join(' '));
    this.#system = system;
    this.#warn = warn;
  }

  /** Returns `backend`, of which each change is noted in `history` before it is made. */
  watch(backend: Backend, history: History): Backend {
    return {
      ...backend,
      apply: async (changes, actual) => {
        await this.#note(history, changes.map(describeChange));
        await backend.apply(changes, actual);
      },
      edit: async (set, edits) => {
        await this.#note(history, edits.map(describeEdit(set)));
        await backend.edit(set, edits);
      },
    };
  }

  async #note(history: History, all: readonly string[]): Promise<void> {
    const changes = first(all.map(shorten), all.length);
    this.#history = history;
    this.#changes = [...this.#changes, ...all.map(shorten)].slice(0, MAX_CHANGES);
    this.#count += all.length;
    const at = new Date(this.#system.now()).toISOString();
    const by = await this.#caller();
    await this.#try('the history', async () => {
      await history.append({ id: this.#id, at, command: this.#command, by, changes });
    });
  }

  /** The environment says who it is, and that may be anything. */
  async #caller(): Promise<string> {
    return shorten(printable(await readCaller(this.#system)).replaceAll('\n', ' '));
  }

  /** Tells how the command ended, if it changed anything. Never throws: what is done is done. */
  async end(exitCode: number): Promise<void> {
    const history = this.#history;
    if (history === undefined) return;
    await this.#try('the history', async () => await history.append({ id: this.#id, exitCode }));
    await this.#try('the log of the system', async () => {
      const by = await this.#caller();
      const changes = formatList(first(this.#changes, this.#count));
      await this.#system.tellSyslog(`${by}: ${this.#command}: ${changes}: exit code ${exitCode}`);
    });
  }

  /** A change that cannot be told is made all the same: a fence matters more. */
  async #try(what: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#warn(`${what} does not tell of this change: ${messageOf(error)}`);
    }
  }
}

const describeEdit =
  (set: string) =>
  ({ verb, entry }: SetEdit): string =>
    verb === 'add' ? `add ${entry} to set ${set}` : `remove ${entry} from set ${set}`;

/** As a shell would take it; what a terminal obeys is no part of a log. */
const quoteWord = (word: string): string => {
  const plain = word.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?');
  return /^[\w@%+=:,./!-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", "'\\''")}'`;
};

const shorten = (text: string): string =>
  text.length <= MAX_COLUMNS ? text : `${text.slice(0, MAX_COLUMNS - 1)}…`;

/** The first of `count` changes, of which `changes` are the first or all, and how many more there are. */
const first = (changes: readonly string[], count: number): string[] => {
  const shown = changes.slice(0, MAX_CHANGES);
  return count > shown.length ? [...shown, `${count - shown.length} more`] : shown;
};
