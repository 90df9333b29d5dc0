import type { Zones } from '../helpers/zone-files.ts';
import { links } from '../helpers/network.ts';

/** Somebody who comes along, and whether the policy lets them in. */
export interface Visitor {
  readonly address: string;
  readonly why: string;
  readonly getsIn: boolean;
}

/** A zone as large as a real one of a middling country: pairs of networks, which merge. */
const manyNetworks = Array.from({ length: 2000 }, (_, i) => `23.${i >> 7}.${(i & 127) * 2}.0/25`).flatMap(
  (network) => [network, network.replace('.0/25', '.128/25')],
);

/** What the zone server says of the world, in addresses that belong to nobody (RFC 5737, RFC 3849). */
export const zones: Zones = {
  ipv4: { ca: ['192.0.2.0/25', '192.0.2.128/25', ...manyNetworks], ru: ['198.51.100.0/24'] },
  ipv6: { ca: ['2001:db8:ca::/48'], ru: ['2001:db8:7::/48'] },
};

export const escapes = ['198.51.100.77', '2001:db8:7::77'];

const stranger = 'in no country of the policy';
const escape = 'as one of Russia, but in --allow-subnet';

/** Who comes along when only Canada gets in. */
export const visitors: readonly Visitor[] = [
  { address: '192.0.2.10', why: 'in Canada', getsIn: true },
  { address: '2001:db8:ca::10', why: 'in Canada', getsIn: true },
  { address: '198.51.100.10', why: 'in Russia', getsIn: false },
  { address: '2001:db8:7::10', why: 'in Russia', getsIn: false },
  { address: '203.0.113.10', why: stranger, getsIn: false },
  { address: '2001:db8:f00::10', why: stranger, getsIn: false },
  { address: escapes[0] ?? '', why: escape, getsIn: true },
  { address: escapes[1] ?? '', why: escape, getsIn: true },
  { address: links.client.ipv4, why: 'local: the host next door', getsIn: true },
  { address: links.client.ipv6, why: 'local: the host next door', getsIn: true },
];
