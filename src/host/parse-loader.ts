const COMMAND = /\bip6?tables(?:-(?:nft|legacy))?-restore\b|\bnft\s+(?:-\S+\s+)*-f\b/;

/** A script or configuration that loads saved rules, or makes our sets for one that does. */
export interface Loader {
  /** The files it loads them from, as far as they stand there. */
  readonly files: readonly string[];
  /** Whether a line of it makes our sets, before it loads any rules. */
  readonly hasSets: boolean;
}

/** Looks in a text for commands that load saved rules or make our sets; undefined when there are none. Comments do not count. */
export function parseLoader(text: string): Loader | undefined {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const first = lines.findIndex((line) => COMMAND.test(line));
  const before = first < 0 ? lines : lines.slice(0, first);
  const hasSets = before.some((line) => /\brestore\b.*--sets-only\b/.test(line));
  if (first < 0 && !hasSets) return undefined;
  const loading = lines.filter((line) => COMMAND.test(line));
  return {
    files: [...new Set(loading.flatMap((line) => line.match(/(?<=[\s<])\/[\w./+-]+/g) ?? []))].filter(
      (path) => !/bin\//.test(path),
    ),
    hasSets,
  };
}
