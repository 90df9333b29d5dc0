import { tryRead } from '../errors.ts';
import type { System } from '../system/system.ts';
import type { Address } from './parse-connections.ts';
import { parseHost } from './parse-host.ts';

/** An SSH session of this host. */
export interface Session {
  readonly peer: Address;
  /** Of sshd. */
  readonly port: number;
}

/**
 * Returns the SSH session that this program was started in, by SSH_CONNECTION of its environment or of an ancestor's
 * (sudo takes it away); undefined outside of any.
 */
export const findThisSession = async (system: System): Promise<Session | undefined> =>
  parseSshConnection(system.env['SSH_CONNECTION'] ?? (await findInAncestors(system)));

/** sudo takes SSH_CONNECTION away; the shell it was typed in still has it. */
async function findInAncestors({ readText, pid }: System): Promise<string | undefined> {
  let ancestor = pid;
  for (let generation = 0; generation < 32 && ancestor > 1; generation++) {
    // Field 4 of /proc/PID/stat (proc(5)); the second, the command in parentheses, may hold spaces.
    const stat = (await readText(`/proc/${ancestor}/stat`)) ?? '';
    ancestor = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
    const environment = await tryRead(readText(`/proc/${ancestor}/environ`));
    const found = /(?:^|\0)SSH_CONNECTION=([^\0]*)/.exec(environment ?? '')?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** "192.0.2.7 50022 198.51.100.1 22": peer, its port, own address, own port; a link-local peer has a zone id. */
function parseSshConnection(value: string | undefined): Session | undefined {
  const [host = '', , , port] = (value ?? '').split(' ');
  const peer = parseHost(host);
  return peer && { peer, port: Number(port) };
}
