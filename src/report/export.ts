import { loadScript } from '../firewall/ipset/script.ts';
import type { Bounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { ipv4 } from '../ip/family.ts';
import { formatLines } from '../ip/lines.ts';
import { prefixes } from '../ip/prefixes.ts';
import { headerOf } from '../plan/desired.ts';
import type { ExportFormat } from './export-formats.ts';

/** The merged addresses of some countries. */
export interface CountryList {
  /** What it is, where it is from and of when. */
  readonly title: string;
  /** See `exportNameProblem`. */
  readonly name: string;
  /** One for each family that was asked for. */
  readonly sets: readonly Bounds[];
}

/** The whole text in a format, always the same for the same list. */
export const renderExport = (format: ExportFormat, list: CountryList): string => renderers[format](list);

const renderers: Record<ExportFormat, (list: CountryList) => string> = {
  cidr: ({ sets }) => networks(sets),

  ipset: ({ title, name, sets }) =>
    comments(title, 'ipset restore < FILE; also when the sets are there, and in use, already') +
    sets
      .map((bounds) =>
        loadScript({ name: setName(name, bounds.family), header: headerOf(bounds.family), bounds }),
      )
      .join(''),

  nft: ({ title, name, sets }) =>
    comments(
      title,
      'nft -f FILE; also when the sets are there, and in use, already',
      `Sets can only be used in their own table, so put your chain into it:`,
      `  ip saddr @${setName(name, ipv4)} accept`,
    ) +
    nftTable(sets.map((bounds) => nftSet(name, bounds.family))) +
    sets.map(({ family }) => `flush set inet ${NFT_TABLE} ${setName(name, family)}\n`).join('') +
    nftTable(sets.map((bounds) => nftSet(name, bounds.family, networks([bounds], '', ',')))),

  iptables: ({ title, name, sets }) =>
    comments(
      title,
      'iptables-restore --noflush < FILE && ip6tables-restore --noflush < FILE',
      `Accepts what matches, once it is asked: iptables -A INPUT -p tcp --dport 22 -j ${name}`,
    ) +
    `*filter\n:${name} - [0:0]\n` +
    // Each of the two tools passes over the rules of the other family.
    sets
      .map((bounds) => networks([bounds], `-${bounds.family.version} -A ${name} -s `, ' -j ACCEPT'))
      .join('') +
    'COMMIT\n',

  nginx: ({ title, sets }) =>
    comments(
      title,
      'geo $is_listed { default 0; include FILE; }',
      'then, in a server or location: if ($is_listed = 0) { return 403; }',
    ) + networks(sets, '', ' 1;'),

  haproxy: ({ title, sets }) => comments(title, 'http-request deny unless { src -f FILE }') + networks(sets),

  pf: ({ title, name, sets }) =>
    comments(
      title,
      `in pf.conf: table <${name}> persist file "FILE"`,
      `to load it anew: pfctl -t ${name} -T replace -f FILE`,
    ) + networks(sets),

  mikrotik: ({ title, name, sets }) =>
    comments(title, '/import FILE; the list is empty for a moment') +
    sets
      .map((bounds) => {
        const menu = `/${bounds.family === ipv4 ? 'ip' : 'ipv6'} firewall address-list`;
        return `${menu}\nremove [find list=${name}]\n${networks([bounds], `add list=${name} address=`)}`;
      })
      .join(''),
};

const setName = (name: string, { version }: Family): string => `${name}-${version}`;

const networks = (sets: readonly Bounds[], before = '', after = ''): string =>
  sets.map((bounds) => formatLines(prefixes(bounds), before, after)).join('');

/** What it is, and how it is used. */
const comments = (...lines: readonly string[]): string =>
  lines.map((line) => `# ${line.replaceAll(/\p{Cc}/gu, '?')}\n`).join('');

const NFT_TABLE = 'geofence-zones';

const nftTable = (sets: readonly string[]): string => `table inet ${NFT_TABLE} {\n${sets.join('')}}\n`;

/** First without elements: what is declared again is added to, and there is no "flush" before there is a set. */
function nftSet(name: string, family: Family, elements = ''): string {
  const list = elements === '' ? '' : `elements = {\n${elements}}\n`;
  return `set ${setName(name, family)} {\ntype ipv${family.version}_addr\nflags interval\n${list}}\n`;
}
