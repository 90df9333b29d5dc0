import type { Finished } from '../helpers/netns.ts';

/** Runs a program to its end: in a namespace, or not. */
export type Place = (program: string, args: readonly string[]) => Promise<Finished>;

/** What one run of a program took, children included. */
export interface Cost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** A command to be measured. */
export interface Subject {
  readonly command: readonly string[];
  /** Sets the stage, without being measured. */
  readonly before?: () => Promise<unknown>;
}

/** Node tells nothing of what its children used; bash does, wherever there is a bash. */
const timed = 'TIMEFORMAT="%3R %3U %3S"; time "$@" >/dev/null';

async function finish(place: Place, program: string, args: readonly string[]): Promise<Finished> {
  const result = await place(program, args);
  if (result.status === 0) return result;
  throw new Error(`${args.join(' ')} ended with ${result.status}: ${result.stderr}`);
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

async function costOf(place: Place, { command, before }: Subject): Promise<Cost> {
  await before?.();
  const { stderr } = await finish(place, 'bash', ['-c', timed, 'bash', ...command]);
  const [wallSeconds = 0, user = 0, system = 0] = lastLine(stderr).split(' ').map(Number);
  return { wallSeconds, cpuSeconds: user + system };
}

/**
 * What each of the subjects takes, `runs` times. They take turns, so that whatever else the machine does disturbs them
 * alike; the first round only warms the caches of the disk.
 */
export async function costs<Name extends string>(
  place: Place,
  runs: number,
  subjects: Readonly<Record<Name, Subject>>,
): Promise<Record<Name, Cost[]>> {
  const entries = Object.entries(subjects) as [Name, Subject][];
  const taken = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, Cost[]>;
  for (let round = 0; round <= runs; round++) {
    for (const [name, subject] of entries) {
      const cost = await costOf(place, subject);
      if (round > 0) taken[name].push(cost);
    }
  }
  return taken;
}

const tellPeak =
  'import{writeSync}from"node:fs";process.on("exit",()=>writeSync(2,`\\n${process.resourceUsage().maxRSS}\\n`))';

/** The most memory a program of Node's has had at once, in MiB, in each run. */
export async function peaks(place: Place, runs: number, { command }: Subject): Promise<number[]> {
  const preload = `NODE_OPTIONS=--import=data:text/javascript,${encodeURIComponent(tellPeak)}`;
  const taken = [];
  for (let run = 0; run < runs; run++) {
    const { stderr } = await finish(place, 'env', [preload, ...command]);
    taken.push(Number(lastLine(stderr)) / 1024);
  }
  return taken;
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? Number.NaN) + (sorted[sorted.length >> 1] ?? Number.NaN)) / 2;
}

export const wallOf = (taken: readonly Cost[]): number => median(taken.map(({ wallSeconds }) => wallSeconds));
export const cpuOf = (taken: readonly Cost[]): number => median(taken.map(({ cpuSeconds }) => cpuSeconds));
