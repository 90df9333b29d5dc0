/** TCP_ESTABLISHED, TCP_CLOSE and TCP_LISTEN of the kernel's tcp_states.h, as /proc/net/tcp and /proc/net/udp write them. */
export const socketStates = { established: '01', close: '07', listen: '0A' } as const;

/** A socket of this host, its addresses for parseHexAddress(). */
export interface TableSocket {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  /** By which /proc/PID/fd names it; "0" of a connection that no process has accepted yet. */
  readonly inode: string;
}

/**
 * Returns the sockets that are in a state, out of the text of /proc/net/tcp, tcp6, udp or udp6; a line that is cut is
 * passed over:
 *
 *       sl  local_address rem_address   st tx_queue:rx_queue tr:when retrnsmt   uid  timeout inode
 *        0: 0100007F:0016 050071CB:C3B6 01 00000000:00000000 00:00000000 00000000   0        0 12345 ...
 */
export function socketsIn(table: string, state: string): TableSocket[] {
  const sockets: TableSocket[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', remote = '', found, , , , , , inode = '0'] = line.trim().split(/\s+/);
    if (found !== state) continue;
    const [localAddress = '', port = ''] = local.split(':');
    const [remoteAddress = ''] = remote.split(':');
    sockets.push({ localAddress, localPort: Number.parseInt(port, 16), remoteAddress, inode });
  }
  return sockets;
}
