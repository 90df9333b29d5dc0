import { GeofenceError } from '../errors.ts';

/** Of the kernel's 256 bytes for this line (BINPRM_BUF_SIZE, Linux 5.1) with the marks around. */
const LONGEST_PATH = 250;

/**
 * The text of a program so that this Node.js starts it, by its path: the PATH of cron, of systemd and of sudo need not
 * hold the folder that `env node` would have to look in, and root should not run whatever is called node in a PATH.
 * Throws GeofenceError for a path that the first line of a script cannot hold.
 */
export function withInterpreter(program: string, node: string): string {
  if (node.length > LONGEST_PATH || /\s/.test(node))
    throw new GeofenceError(`Cannot start geofence by "${node}": a space in its path, or a path too long`, {
      hint: 'install Node.js where every program finds it, for example with "apt-get install nodejs"',
    });
  return program.replace(/^#!.*\n/, `#!${node}\n`);
}
