/**
 * Names a TCP connection by what all packets of its peer have: the peer's address and port, and the address they go to.
 * "192.0.2.7,50022,198.51.100.1"
 */
export const connectionKey = (peer: string, peerPort: number, own: string): string =>
  `${peer},${peerPort},${own}`;
