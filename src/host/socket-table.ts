/** TCP_ESTABLISHED, TCP_CLOSE and TCP_LISTEN of the kernel's tcp_states.h, as /proc/net/tcp and /proc/net/udp write them. */
export const socketStates = { established: '01', close: '07', listen: '0A' } as const;

/** All in which the other end may still say something: neither listening, nor closed, nor TCP_TIME_WAIT. */
export const openStates: readonly string[] = ['01', '02', '03', '04', '05', '08', '09', '0B'];

/** A socket of this host, its addresses for parseHexAddress(). */
export interface TableSocket {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** By which /proc/PID/fd names it; "0" of a connection that no process has accepted yet. */
  readonly inode: string;
}

/**
 * Returns the sockets that are in one of these states, out of the text of /proc/net/tcp, tcp6, udp or udp6; a line
 * that is cut is passed over:
 *
 *       sl  local_address rem_address   st tx_queue:rx_queue tr:when retrnsmt   uid  timeout inode
 *        0: 0100007F:0016 050071CB:C3B6 01 00000000:00000000 00:00000000 00000000   0        0 12345 ...
 */
export function socketsIn(table: string, ...states: readonly string[]): TableSocket[] {
  const sockets: TableSocket[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', remote = '', found = '', , , , , , inode = '0'] = line.trim().split(/\s+/);
    if (!states.includes(found)) continue;
    const [localAddress = '', port = ''] = local.split(':');
    const [remoteAddress = '', remotePort = ''] = remote.split(':');
    sockets.push({
      localAddress,
      localPort: Number.parseInt(port, 16),
      remoteAddress,
      remotePort: Number.parseInt(remotePort, 16),
      inode,
    });
  }
  return sockets;
}
