import { UsageError } from '../errors.ts';
import type { SourceName } from '../zones/source-names.ts';
import { sourceNames } from '../zones/source-names.ts';
import type { Family } from '../ip/family.ts';
import type { ZoneId } from '../zones/zone.ts';

/** Where zones come from: a layout of URLs and how much the host may be asked. */
export interface Source {
  /** As people are told it; that of a mirror names its host. */
  readonly name: string;
  /** What the paths are appended to; no slash at its end. */
  readonly base: string;
  readonly zonePath: (id: ZoneId) => string;
  /** All zones of a family in one tar.gz. */
  readonly archivePath?: (family: Family) => string;
  /** The text that md5sum(1) prints of the family's files. */
  readonly checksumPath?: (family: Family) => string;
  /** Requests at a time. */
  readonly concurrency: number;
  /** How long one of these rests after a request. */
  readonly pauseMilliseconds: number;
  /** What its publisher says about use. */
  readonly licence: string;
}

const ipdenyFolder = { ipv4: '/ipblocks/data/countries', ipv6: '/ipv6/ipaddresses/blocks' } as const;
const ipdenyArchive = { ipv4: 'all-zones.tar.gz', ipv6: 'ipv6-all-zones.tar.gz' } as const;

const ipdeny: Source = {
  name: 'ipdeny',
  base: 'https://www.ipdeny.com',
  zonePath: ({ country, family }) => `${ipdenyFolder[family.name]}/${country.toLowerCase()}.zone`,
  archivePath: ({ name }) => `${ipdenyFolder[name]}/${ipdenyArchive[name]}`,
  checksumPath: ({ name }) => `${ipdenyFolder[name]}/MD5SUM`,
  // Eight at a time drew HTTP 503, two did not.
  concurrency: 2,
  pauseMilliseconds: 100,
  licence: 'free to use, also commercially; at most 5000 zones a day (Copyrights.txt beside the zones)',
};

const ipverse: Source = {
  name: 'ipverse',
  base: 'https://raw.githubusercontent.com/ipverse/country-ip-blocks/master',
  zonePath: ({ country, family }) => `/country/${country.toLowerCase()}/${family.name}-aggregated.txt`,
  concurrency: 2,
  pauseMilliseconds: 0,
  licence: 'CC0 1.0',
};

const sources: Readonly<Record<SourceName, Source>> = { ipdeny, ipverse };

/**
 * Returns the sources of these names, in this order, each once. `mirror` is the base URL of a copy of ipdeny of one's
 * own, which is asked in its place and without rests, and goes by a name of its own: what it sends need not be
 * ipdeny's. Throws UsageError for an unknown name, a mirror that is no plain http or https URL, and a mirror without
 * ipdeny.
 */
export function selectSources(names: readonly string[], mirror?: string): Source[] {
  const selected = [...new Set(names)].map(sourceNamed);
  if (mirror === undefined) return selected;
  if (!selected.includes(ipdeny))
    throw new UsageError(
      `Cannot use mirror "${mirror}": ipdeny, which it stands for, is not among the sources`,
    );
  const base = parseMirror(mirror);
  const copy = { ...ipdeny, name: `mirror ${new URL(base).host}`, base, pauseMilliseconds: 0 };
  return selected.map((source) => (source === ipdeny ? copy : source));
}

function sourceNamed(name: string): Source {
  const source = Object.values(sources).find((candidate) => candidate.name === name);
  if (source !== undefined) return source;
  throw new UsageError(
    `Cannot use source "${name}": it is not known`,
    `the known sources are ${sourceNames.join(', ')}`,
  );
}

function parseMirror(mirror: string): string {
  const url = URL.canParse(mirror) ? new URL(mirror) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === undefined || !isWeb || url.search !== '' || url.hash !== '' || url.username !== '')
    throw new UsageError(
      `Cannot use mirror "${mirror}": it is not a plain http or https URL`,
      'give the URL that /ipblocks and /ipv6 are under, such as https://mirror.example/ipdeny',
    );
  return url.href.replace(/\/+$/, '');
}
