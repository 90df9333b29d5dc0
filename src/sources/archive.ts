import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { TarHeader } from 'modern-tar';
import { codeOf, messageOf } from '../errors.ts';

export interface ArchiveLimits {
  /** Of the whole archive, unpacked. */
  readonly maxBytes: number;
  /** Larger members are passed over. */
  readonly maxMemberBytes: number;
}

/** `ca.zone`, and nothing that is merely like it: a member named just ".zone" has been seen. */
const MEMBER = /^(?:\.\/)?([a-z]{2})\.zone$/;

/**
 * Takes the zones of the wanted countries out of a tar.gz, by country code. Only those asked for: ipdeny's holds a
 * zz.zone with all of IPv4. Members larger than `maxMemberBytes` are left out. Returns why it is no usable archive as a
 * string.
 */
export async function readArchive(
  archive: Uint8Array,
  wanted: ReadonlySet<string>,
  { maxBytes, maxMemberBytes }: ArchiveLimits,
): Promise<ReadonlyMap<string, Uint8Array> | string> {
  try {
    const bytes = await promisify(gunzip)(archive, { maxOutputLength: maxBytes });
    return await readMembers(bytes, wanted, maxMemberBytes);
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return `it unpacks to more than ${maxBytes / 2 ** 20} MiB`;
    return `it is no tar.gz archive (${messageOf(error)})`;
  }
}

/** `strict`: what is cut, or has a wrong checksum, is no archive. Only what is wanted is copied. */
async function readMembers(
  bytes: Uint8Array,
  wanted: ReadonlySet<string>,
  maxMemberBytes: number,
): Promise<Map<string, Uint8Array>> {
  const { unpackTar } = await import('modern-tar');
  const isWanted = (header: TarHeader): boolean => {
    const country = countryOf(header);
    return country !== undefined && wanted.has(country) && header.size <= maxMemberBytes;
  };
  const zones = new Map<string, Uint8Array>();
  for (const { header, data } of await unpackTar(bytes, { strict: true, filter: isWanted })) {
    const country = countryOf(header);
    if (country !== undefined) zones.set(country, data ?? new Uint8Array());
  }
  return zones;
}

const countryOf = ({ type, name }: TarHeader): string | undefined =>
  type === 'file' ? MEMBER.exec(name)?.[1]?.toUpperCase() : undefined;
