import type { Family } from '../ip/family.ts';
import { ipv4, ipv6 } from '../ip/family.ts';

/** An address of either family. */
export interface Address {
  readonly family: Family;
  readonly words: Int32Array;
}

/** TCP_ESTABLISHED of the kernel's tcp_states.h, as /proc writes it. */
const ESTABLISHED = '01';

/**
 * The peers of established TCP connections to local ports, out of /proc/net/tcp or tcp6:
 *
 *       sl  local_address rem_address   st tx_queue ...
 *        0: 0100007F:0016 050071CB:C3B6 01 00000000:00000000 ...
 */
export function parsePeers(table: string, ports: ReadonlySet<number>): Address[] {
  const peers: Address[] = [];
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', remote = '', state] = line.trim().split(/\s+/);
    const port = Number.parseInt(local.split(':')[1] ?? '', 16);
    if (state === ESTABLISHED && ports.has(port)) peers.push(parseHexAddress(remote.split(':')[0] ?? ''));
  }
  return peers;
}

/** Words of 32 bits in the byte order of the host. A socket of both families has IPv4 peers as ::ffff:a.b.c.d. */
export function parseHexAddress(hex: string): Address {
  const numbers = hex.match(/.{8}/g)?.map((word) => Number.parseInt(word, 16)) ?? [];
  const bytes = new DataView(Int32Array.from(numbers).buffer);
  const words = Int32Array.from(numbers, (_, i) => bytes.getUint32(4 * i));
  if (words.length === 1) return { family: ipv4, words };
  const isMapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
  return isMapped ? { family: ipv4, words: words.subarray(3) } : { family: ipv6, words };
}

/**
 * The addresses of this host's interfaces, out of /proc/net/if_inet6:
 *
 *     20010db8000000000000000000000001 02 40 00 80     eth0
 */
export const parseOwnAddresses = (table: string): Int32Array[] =>
  table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      Int32Array.from(line.slice(0, 32).match(/.{8}/g) ?? [], (word) => Number.parseInt(word, 16)),
    );
