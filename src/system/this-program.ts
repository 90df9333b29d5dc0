import { existsSync, realpathSync } from 'node:fs';

/** This program as it was started. */
export interface ThisProgram {
  /** Its file, links resolved. */
  readonly path: string;
  /** Its Node.js, by a path that stays the same when Node.js is updated, where there is one. */
  readonly node: string;
  /** Whether that is where other hosts have theirs too. */
  readonly isNodeUsual: boolean;
  readonly isRoot: boolean;
}

/** Where Node.js is installed for all users. */
const nodeFolders = ['/usr/local/bin', '/usr/bin', '/bin'];

export function thisProgram(): ThisProgram {
  const real = process.execPath;
  const usual = nodeFolders.map((folder) => `${folder}/node`).find((path) => realPath(path) === real);
  return {
    path: realPath(process.argv[1] ?? '') ?? '',
    node: usual ?? real,
    isNodeUsual: usual !== undefined,
    isRoot: process.getuid?.() === 0,
  };
}

/** The path with all links resolved, or undefined when nothing is there. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** sd_booted(3) */
export const isSystemdRunning = (): boolean => existsSync('/run/systemd/system');
