import { existsSync, realpathSync } from 'node:fs';

/** This program as it was started. */
export interface ThisProgram {
  /** Its file, links resolved. */
  readonly path: string;
  /** Its Node.js, by a path that stays the same when Node.js is updated, where there is one. */
  readonly node: string;
  /** Whether that is where other hosts have theirs too. */
  readonly isNodeUsual: boolean;
}

/** Where Node.js is installed for all users. */
const nodeFolders = ['/usr/local/bin', '/usr/bin', '/bin'];

/** Tells by which file and which Node.js this program was started. */
export function thisProgram(): ThisProgram {
  const real = process.execPath;
  const usual = nodeFolders.map((folder) => `${folder}/node`).find((path) => realPath(path) === real);
  return {
    path: realPath(process.argv[1] ?? '') ?? '',
    node: usual ?? real,
    isNodeUsual: usual !== undefined,
  };
}

/** Returns a path with all links resolved; undefined when nothing is there or it cannot be told. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Whether systemd runs this host, by the folder that sd_booted(3) looks for. */
export const isSystemdRunning = (): boolean => existsSync('/run/systemd/system');
