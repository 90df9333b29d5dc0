const COMMAND = /\bip6?tables(?:-(?:nft|legacy))?-restore\b|\bnft\s+(?:-\S+\s+)*-f\b/;

/** A script or configuration that loads saved rules. */
export interface Loader {
  /** The files it loads them from, as far as they stand there. */
  readonly files: readonly string[];
  /** Whether our sets are made before, by a line of it. */
  readonly hasSets: boolean;
}

/** Looks for commands in a text that load saved rules; undefined when there are none. Comments do not count. */
export function parseLoader(text: string): Loader | undefined {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const first = lines.findIndex((line) => COMMAND.test(line));
  if (first < 0) return undefined;
  const loading = lines.filter((line) => COMMAND.test(line));
  return {
    files: [...new Set(loading.flatMap((line) => line.match(/(?<=[\s<])\/[\w./+-]+/g) ?? []))].filter(
      (path) => !/bin\//.test(path),
    ),
    hasSets: lines.slice(0, first).some((line) => /\brestore\b.*--sets-only\b/.test(line)),
  };
}
