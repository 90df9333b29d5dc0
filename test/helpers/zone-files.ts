import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';

/** The text of a zone, or its lines. */
export type ZoneText = string | readonly string[];

/** Zones by family and lower-case country code. */
export interface Zones {
  readonly ipv4?: Readonly<Record<string, ZoneText>>;
  readonly ipv6?: Readonly<Record<string, ZoneText>>;
}

/** What a server has: contents by path. */
export type Files = ReadonlyMap<string, Buffer>;

const layouts = {
  ipv4: { folder: '/ipblocks/data/countries', archive: 'all-zones.tar.gz', everything: '0.0.0.0/0' },
  ipv6: { folder: '/ipv6/ipaddresses/blocks', archive: 'ipv6-all-zones.tar.gz', everything: '::/0' },
} as const;

/** Where ipdeny keeps a family. */
export const folderOf = (family: keyof Zones): string => layouts[family].folder;

export const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

const textOf = (zone: ZoneText): Buffer =>
  Buffer.from(typeof zone === 'string' ? zone : zone.map((line) => `${line}\n`).join(''));

/** The files of ipdeny and of ipverse for these zones. */
export async function zoneFiles(zones: Zones): Promise<Files> {
  const files = new Map<string, Buffer>();
  for (const family of ['ipv4', 'ipv6'] as const) {
    const all = zones[family] ?? {};
    for (const [name, content] of await ipdenyFiles(family, all)) files.set(name, content);
    for (const [country, zone] of Object.entries(all)) {
      const header = Buffer.from(`# ${country.toUpperCase()}\n# Last update: 2025-09-04\n`);
      const path = `/country/${country}/${family}-aggregated.txt`;
      files.set(path, Buffer.concat([header, textOf(zone)]));
    }
  }
  return files;
}

async function ipdenyFiles(
  family: keyof Zones,
  zones: Readonly<Record<string, ZoneText>>,
): Promise<[string, Buffer][]> {
  const { folder, archive, everything } = layouts[family];
  const files = new Map<string, Buffer>([['Copyrights.txt', Buffer.from('Copyright: all of it\n')]]);
  for (const [country, zone] of Object.entries(zones)) files.set(`${country}.zone`, textOf(zone));
  files.set('zz.zone', textOf([everything]));
  files.set(archive, await archiveOf([...files, ['.zone', textOf([everything])]]));
  const sums = [...files].map(([name, content]) => `${md5(content)}  ${name}\n`).join('');
  files.set('MD5SUM', Buffer.from(`${sums}${md5(Buffer.from(sums))}  MD5SUM\n`));
  return [...files].map(([name, content]) => [`${folder}/${name}`, content]);
}

/** A tar.gz of files, in their order, with the entry for the folder itself that ipdeny's has. */
export async function archiveOf(files: Iterable<readonly [name: string, content: Buffer]>): Promise<Buffer> {
  const members = [...files].map(([name, body]) => ({ header: { name, size: body.length }, body }));
  const folder = { header: { name: './', size: 0, type: 'directory' as const } };
  return gzipSync(await packTar([folder, ...members]));
}
