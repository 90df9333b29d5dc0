import { chmod, copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Arena } from './arena.ts';

/** When geofence is killed: at which of its calls of a tool, and what becomes of that call. */
export interface Moment {
  /** Counted from 1. */
  readonly call: number;
  /** Before the tool does anything; while it works, so that it ends as an orphan; when it is done. */
  readonly when: 'before' | 'amid' | 'after';
}

/**
 * Stands in for a tool and counts the calls, each a file whose name is its number: several may run at once, and only one
 * of them can make a file of that name. A look at the rules of others (`-t raw`), for a warning after the change, does
 * not count: it is only made for a policy that was not remembered before.
 */
const wrapper = (dir: string, real: string): string => `#!/bin/bash
set -C
[ "$*" != "-t raw" ] || exec -a "$0" ${real} "$@"
n=1
until { echo "\${0##*/} $*" >${dir}/calls/$n; } 2>/dev/null; do n=$((n + 1)); done
read -r call when <${dir}/moment
if [ "$n" != "$call" ]; then exec -a "$0" ${real} "$@"; fi
work() { (exec -a "$0" ${real} "$@"); }
case $when in
  before) kill -9 $PPID ;;
  amid) kill -9 $PPID; work "$@" ;;
  after) work "$@"; kill -9 $PPID ;;
esac
: >${dir}/done
`;

/** Puts wrappers over the tools, for one process and those it starts. */
export class Killer {
  readonly #dir: string;
  readonly #words: readonly string[];

  private constructor(dir: string, words: readonly string[]) {
    this.#dir = dir;
    this.#words = words;
  }

  static async create(arena: Arena): Promise<Killer> {
    const dir = join(arena.dir, 'killer');
    await mkdir(dir);
    const found = await arena.sh(
      'PATH=/usr/sbin:/sbin:/usr/bin:/bin; for t in ipset iptables-nft-save iptables-legacy-save; do readlink -f "$(command -v $t)"; done',
    );
    const mounts = [];
    for (const path of new Set(found.trim().split('\n'))) {
      const [real, script] = [join(dir, basename(path)), join(dir, `${basename(path)}.sh`)];
      await copyFile(path, real);
      await writeFile(script, wrapper(dir, real));
      for (const file of [real, script]) await chmod(file, 0o755);
      mounts.push(`mount --bind ${script} ${path}`);
    }
    return new Killer(dir, ['unshare', '--mount', 'sh', '-c', `${mounts.join(' && ')} && exec "$@"`, 'sh']);
  }

  /** The words before the next command, which is killed then; without a moment its calls are only counted. */
  async aim(moment?: Moment): Promise<readonly string[]> {
    await rm(join(this.#dir, 'calls'), { recursive: true, force: true });
    await rm(join(this.#dir, 'done'), { force: true });
    await mkdir(join(this.#dir, 'calls'));
    const { call, when } = moment ?? { call: 0, when: 'before' };
    await writeFile(join(this.#dir, 'moment'), `${call} ${when}\n`);
    return this.#words;
  }

  /** Waits until the tool that was called last has ended, although geofence has. */
  async isDone(longestMilliseconds = 10_000): Promise<boolean> {
    const until = performance.now() + longestMilliseconds;
    while (performance.now() < until) {
      if ((await readdir(this.#dir)).includes('done')) return true;
      await sleep(5);
    }
    return false;
  }

  /** Every moment of the calls that were made since it was aimed. */
  async moments(): Promise<Moment[]> {
    return momentsOf(withoutRetries(await this.#calls()));
  }

  /** When the last reading began since it was aimed: milliseconds since the epoch. */
  async lastReading(): Promise<number> {
    const numbers = (await readdir(join(this.#dir, 'calls'))).map(Number).sort((a, b) => b - a);
    for (const number of numbers) {
      const path = join(this.#dir, 'calls', String(number));
      if ((await readFile(path, 'utf8')).startsWith('ipset list -n')) return (await stat(path)).mtimeMs;
    }
    throw new Error('nothing was read');
  }

  async #calls(): Promise<string[]> {
    const numbers = (await readdir(join(this.#dir, 'calls'))).map(Number).sort((a, b) => a - b);
    return await Promise.all(
      numbers.map(async (n) => (await readFile(join(this.#dir, 'calls', String(n)), 'utf8')).trim()),
    );
  }
}

/** Calls that come at the same time as the one before: between the two there is no moment of its own. */
const isAlongside = (call: string, before: string | undefined): boolean =>
  [/^ipset save /, /-save /, /--version$/].some(
    (pattern) => pattern.test(call) && pattern.test(before ?? ''),
  );

/** The rest of a text is given once more when the kernel has not let go of a set yet: in another run it may have. */
const withoutRetries = (calls: readonly string[]): string[] =>
  calls.filter((call, i) => call !== 'ipset restore' || calls[i - 1] !== call);

const changesSomething = (call: string): boolean => /restore(?!.*--version)/.test(call);

/** Every moment between two calls, and each call that changes something while it works. */
const momentsOf = (calls: readonly string[]): Moment[] => [
  ...calls.flatMap((call, i): Moment[] => [
    ...(isAlongside(call, calls[i - 1]) ? [] : [{ call: i + 1, when: 'before' } as const]),
    ...(changesSomething(call) ? [{ call: i + 1, when: 'amid' } as const] : []),
  ]),
  { call: calls.length, when: 'after' },
];

/** "amid call 7", "after 123 ms" */
export const momentName = (at: Moment | number): string =>
  typeof at === 'number' ? `after ${Math.round(at)} ms` : `${at.when} call ${at.call}`;
