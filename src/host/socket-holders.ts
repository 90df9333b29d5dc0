import { tryRead } from '../errors.ts';
import type { System } from '../system/system.ts';

/** A process that holds a socket. */
export interface SocketHolder {
  /** As the kernel has it, at most 15 characters: "sshd-session". */
  readonly name: string;
  /** What ps(1) shows, which a program may write over: "sshd-session: alice@pts/0". */
  readonly title: string;
}

/** The processes that hold a socket, by its inode as a text. */
export type SocketHolders = ReadonlyMap<string, readonly SocketHolder[]>;

/**
 * Returns who holds which sockets, of the processes whose name is `wanted`. Without privilege only those of the same
 * user are seen, and in a service with ProtectProc= none of others.
 */
export async function readSocketHolders(
  { readText, listFolder, readLink }: Pick<System, 'readText' | 'listFolder' | 'readLink'>,
  wanted: (name: string) => boolean,
): Promise<SocketHolders> {
  const holders = new Map<string, SocketHolder[]>();
  for (const pid of (await listFolder('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    // A process may end while it is looked at.
    const name = (await tryRead(readText(`/proc/${pid}/comm`)))?.trimEnd();
    if (name === undefined || !wanted(name)) continue;
    const command = (await tryRead(readText(`/proc/${pid}/cmdline`))) ?? '';
    const holder = { name, title: command.replaceAll('\0', ' ').trimEnd() };
    for (const file of await listFolder(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec((await readLink(`/proc/${pid}/fd/${file}`)) ?? '')?.[1];
      if (inode !== undefined) holders.set(inode, [...(holders.get(inode) ?? []), holder]);
    }
  }
  return holders;
}
