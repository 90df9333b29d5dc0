import type { Bounds } from '../ip/bounds.ts';
import { isEmpty } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { ipv4 } from '../ip/family.ts';
import { formatLines } from '../ip/lines.ts';
import { prefixes } from '../ip/prefixes.ts';
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

/**
 * Renders a list of addresses in a format, always the same text for the same list; `loadScript` makes that for ipset.
 */
export const renderExport = (format: ExportFormat, list: CountryList, loadScript: LoadScript): string =>
  renderers[format](list, loadScript);

/** The text for `ipset restore` that makes a set hold these addresses, whatever there is of its name. */
type LoadScript = (name: string, bounds: Bounds) => string;

const renderers: Record<ExportFormat, (list: CountryList, loadScript: LoadScript) => string> = {
  cidr: ({ sets }) => networks(sets),

  ipset: ({ title, name, sets }, loadScript) =>
    comments(title, 'load it, as often as you like: ipset restore < FILE') +
    sets.map((bounds) => loadScript(setName(name, bounds.family), bounds)).join(''),

  nft: ({ title, name, sets }) =>
    comments(
      title,
      'load it, as often as you like: nft -f FILE',
      'sets are seen from chains of their own table only, so make yours there; its rules:',
      ...sets.map(
        ({ family }) => `  ${family === ipv4 ? 'ip' : 'ip6'} saddr @${setName(name, family)} accept`,
      ),
    ) +
    `add table ${NFT_TABLE}\n` +
    sets.map((bounds) => nftSet(`${NFT_TABLE} ${setName(name, bounds.family)}`, bounds)).join(''),

  iptables: ({ title, name, sets }) =>
    comments(
      title,
      'load it, as often as you like: iptables-restore --noflush < FILE && ip6tables-restore --noflush < FILE',
      `use it: iptables -A INPUT -p tcp --dport 22 -j ${name}; to keep them out write DROP for ACCEPT`,
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
      'in http: geo $is_listed { default 0; include FILE; }',
      'in a server or location: if ($is_listed = 0) { return 403; }',
    ) + networks(sets, '', ' 1;'),

  haproxy: ({ title, sets }) =>
    comments(title, 'in a frontend: http-request deny unless { src -f FILE }') + networks(sets),

  // The file of a table, not a list in pf.conf: pfctl replaces the table with it, and no rule is loaded again.
  pf: ({ title, name, sets }) =>
    comments(
      title,
      `in pf.conf: table <${name}> persist file "FILE"`,
      `load it again, as often as you like: pfctl -t ${name} -T replace -f FILE`,
    ) + networks(sets),

  mikrotik: ({ title, name, sets }) =>
    comments(title, 'load it, as often as you like: /import FILE; the list is empty for a moment') +
    sets.map((bounds) => addressList(name, bounds)).join(''),
};

const setName = (name: string, { version }: Family): string => `${name}-${version}`;

const networks = (sets: readonly Bounds[], before = '', after = ''): string =>
  sets.map((bounds) => formatLines(prefixes(bounds), before, after)).join('');

/** What it is, and how it is used. */
const comments = (...lines: readonly string[]): string =>
  lines.map((line) => `# ${line.replaceAll(/\p{Cc}/gu, '?')}\n`).join('');

/** Always the same, so that a chain can use several lists. */
const NFT_TABLE = 'inet geofence-zones';

/** One transaction with the rest of the file: a set in use is never seen empty. */
function nftSet(set: string, bounds: Bounds): string {
  const type = `type ipv${bounds.family.version}_addr; flags interval;`;
  const elements = isEmpty(bounds) ? '' : `add element ${set} {\n${networks([bounds], '\t', ',')}}\n`;
  return `add set ${set} { ${type} }\nflush set ${set}\n${elements}`;
}

function addressList(name: string, bounds: Bounds): string {
  const menu = `/${bounds.family === ipv4 ? 'ip' : 'ipv6'} firewall address-list`;
  // Without quotes a "-" in a condition is a minus.
  return `${menu}\nremove [find list="${name}"]\n${networks([bounds], `add list=${name} address=`)}`;
}
