import type { Bounds } from '../../src/ip/bounds.ts';
import { subtract } from '../../src/ip/bounds.ts';
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4 } from '../../src/ip/family.ts';
import { formatPrefix, prefixes } from '../../src/ip/prefixes.ts';
import { chooseLengths, splitPrefixes } from '../../src/ip/reduce.ts';
import { boundsIn } from '../helpers/states.ts';

/** A fence to be measured. */
export interface Fence {
  readonly mode: 'allow' | 'deny';
  /** As the command line takes it. */
  readonly countries: string;
  readonly label: string;
  /** The networks of the countries. */
  readonly bounds: ReadonlyMap<Family, Bounds>;
}

/** What a fence puts into the kernel, in either variant of iptables. */
export interface Shape {
  /** For `ipset restore`. */
  readonly sets: string;
  /** The lines for iptables-restore. */
  readonly rules: (family: Family, table: 'raw' | 'mangle') => string[];
}

const boundsOf = ({ bounds }: Fence, family: Family): Bounds => bounds.get(family)!;

/** Creates and fills a set; `share`: how many entries it may have for each network, for fewer prefix lengths. */
function setText(name: string, bounds: Bounds, share: number): string {
  const networks = prefixes(bounds);
  const entries = splitPrefixes(
    networks,
    chooseLengths(networks, Math.floor(networks.lengths.length * share)),
  );
  const { length } = entries.lengths;
  const hashSize = 2 ** Math.ceil(Math.log2(Math.max(1024, length)));
  const kind = bounds.family === ipv4 ? 'inet' : 'inet6';
  return [
    `create ${name} hash:net family ${kind} hashsize ${hashSize} maxelem ${Math.max(65536, 2 * length)}`,
    ...Array.from(entries.lengths, (_, i) => `add ${name} ${formatPrefix(entries, i)}`),
    '',
  ].join('\n');
}

/** The local space of the shape below. */
const local = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
  '::/127',
  '::ffff:0:0/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001:2::/48',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

/** Sources that the fence keeps out: what the country set decides, and nothing local. */
export function deniedBounds(fence: Fence, family: Family): Bounds {
  const ours = boundsOf(fence, family);
  const world = boundsIn(family, [family === ipv4 ? '0.0.0.0/0' : '2000::/3']);
  const denied = fence.mode === 'deny' ? ours : subtract(world, ours);
  return subtract(denied, boundsIn(family, local));
}

const neighbours: Record<Family['name'], readonly string[]> = {
  ipv4: ['-p udp -m udp --sport 67 --dport 68'],
  ipv6: [
    ...[133, 134, 135, 136, 137].map(
      (type) => `-p ipv6-icmp -m icmp6 --icmpv6-type ${type} -m hl --hl-eq 255`,
    ),
    '-p udp -m udp --sport 547 --dport 546',
  ],
};

const neighbourRules = (family: Family, chain: string): string[] =>
  neighbours[family.name].map((rule) => `-A ${chain} ${rule} -j RETURN`);

/**
 * The shape of geofence 0.1, which newer ones are measured against: what `geofence refresh` set up then, with the early
 * drop. A set of the countries is asked first, and before a drop one of the escapes, with all local space in it.
 */
export function shapeOf01({ mode, bounds, label }: Fence): Shape {
  const [main, escape] = [(family: Family) => `geofence-main-${mode}-${family.version}`, escapeName];
  const decide = (family: Family): string[] => [
    `-A GEOFENCE -m comment --comment "geofence: ${label}" -g GEOFENCE-main`,
    '-A GEOFENCE-DROP -j DROP',
    `-A GEOFENCE-main -m set ${mode === 'deny' ? '! ' : ''}--match-set ${main(family)} src -j RETURN`,
    `-A GEOFENCE-main -m set --match-set ${escape(family)} src -j RETURN`,
    '-A GEOFENCE-main -g GEOFENCE-DROP',
  ];
  const chains = [':GEOFENCE - [0:0]', ':GEOFENCE-DROP - [0:0]', ':GEOFENCE-main - [0:0]'];
  return {
    sets: families
      .flatMap((family) => [
        setText(main(family), bounds.get(family)!, 1.1),
        setText(escape(family), boundsIn(family, local), 1),
      ])
      .join(''),
    rules: (family, table) => [
      ...chains,
      ...(table === 'raw'
        ? ['-A PREROUTING -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j GEOFENCE']
        : ['-A PREROUTING -j GEOFENCE']),
      '-A GEOFENCE -i lo -j RETURN',
      ...(table === 'raw'
        ? []
        : [
            '-A GEOFENCE -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
            ...neighbourRules(family, 'GEOFENCE'),
          ]),
      ...decide(family),
    ],
  };
}

const escapeName = (family: Family): string => `geofence-escape-${family.version}`;
