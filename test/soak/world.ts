import type { Zones } from '../helpers/zone-files.ts';
import { links } from '../helpers/network.ts';

/** An address of each family that every test treats alike. */
interface Twins {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** Whom packets come from, by where they stand in the zones and the escapes. */
export const sources = {
  /** In Canada. */
  home: { ipv4: '192.0.2.10', ipv6: '2001:db8:a::10' },
  /** In Canada until its zones are updated. */
  lost: { ipv4: '192.0.2.200', ipv6: '2001:db8:a:8000::10' },
  /** In Canada since its zones were updated. */
  won: { ipv4: '203.0.113.200', ipv6: '2001:db8:f:8000::10' },
  /** In Russia. */
  foreign: { ipv4: '198.51.100.10', ipv6: '2001:db8:d::10' },
  /** In Russia, and an escape of every policy. */
  escape: { ipv4: '198.51.100.77', ipv6: '2001:db8:d::77' },
  /** In Russia, and an escape of some policies only. */
  first: { ipv4: '198.51.100.81', ipv6: '2001:db8:d::81' },
  second: { ipv4: '198.51.100.85', ipv6: '2001:db8:d::85' },
  /** In the Netherlands, which only few policies name. */
  nobody: { ipv4: '203.0.113.10', ipv6: '2001:db8:f::10' },
} as const satisfies Record<string, Twins>;

export type SourceName = keyof typeof sources;
export const sourceNames = Object.keys(sources) as SourceName[];
export const familyNames = ['ipv4', 'ipv6'] as const;
export type FamilyName = (typeof familyNames)[number];

/** So many networks that to fill a set takes a while, and more than a pipe holds. */
const filler = (first: number): { ipv4: string[]; ipv6: string[] } => ({
  ipv4: Array.from({ length: 2000 }, (_, i) => `${first}.${i >> 8}.${i & 255}.0/25`),
  ipv6: Array.from({ length: 500 }, (_, i) => `2600:${(first * 1000 + 2 * i).toString(16)}::/48`),
});
const [canada, russia] = [filler(23), filler(31)];

type Networks = Record<FamilyName, string[]>;
const zonesWith = (ca: Networks, ru: Networks): Zones => ({
  ipv4: {
    ca: [...ca.ipv4, ...canada.ipv4],
    ru: ['198.51.100.0/24', ...ru.ipv4, ...russia.ipv4],
    nl: ['203.0.113.0/25'],
  },
  ipv6: {
    ca: [...ca.ipv6, ...canada.ipv6],
    ru: ['2001:db8:d::/48', ...ru.ipv6, ...russia.ipv6],
    nl: ['2001:db8:f::/49'],
  },
});

/** What the zone servers say: the same world on two days. */
export const days = {
  monday: zonesWith({ ipv4: ['192.0.2.0/24'], ipv6: ['2001:db8:a::/48'] }, { ipv4: [], ipv6: [] }),
  tuesday: zonesWith(
    {
      ipv4: ['192.0.2.0/25', '203.0.113.128/25', '23.255.0.0/25'],
      ipv6: ['2001:db8:a::/49', '2001:db8:f:8000::/49', '2600:ffff::/48'],
    },
    { ipv4: ['31.255.0.0/25'], ipv6: ['2600:fffe::/48'] },
  ),
} as const;
export type Day = keyof typeof days;

/** Ports on the host, on the server behind it, and on the host but handed on to the server. */
export const ports = { host: 7000, behind: 7001, published: 7002 } as const;

export interface Route {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

/** From these sources to all three ports. */
export const routesFrom = (names: readonly SourceName[]): Route[] =>
  names.flatMap((name) =>
    familyNames.flatMap((family) => {
      const from = sources[name][family];
      return [
        { from, to: links.fence[family], port: ports.host },
        { from, to: links.server[family], port: ports.behind },
        { from, to: links.fence[family], port: ports.published },
      ];
    }),
  );

/** The escapes of a policy, as words of the command line. */
export const escapeWords = (...names: SourceName[]): string[] =>
  names.flatMap((name) => familyNames.flatMap((family) => ['--allow-subnet', sources[name][family]]));

/** The same as a line of the configuration file. */
export const escapeLines = (...names: SourceName[]): string =>
  `allow_subnets = ${JSON.stringify(names.flatMap((name) => Object.values(sources[name])))}\n`;
