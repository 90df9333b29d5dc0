import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readArchive } from '../../src/sources/archive.ts';

const BLOCK = 512;
const GOOD = '192.0.2.0/24\n';
const EVIL = '0.0.0.0/0\n';

interface Member {
  readonly name: string;
  readonly body?: string;
  /** The size that the header claims, as octal text or as bytes. */
  readonly size?: string | Buffer;
  /** The type flag: "0" a file, "2" a symbolic link, "x" a pax header. */
  readonly type?: string;
  readonly link?: string;
  readonly mode?: string;
  readonly prefix?: string;
  readonly magic?: string;
  readonly sum?: string;
}

/** A member as tar(5) has it in ustar form, right or wrong in each field. */
function member({ name, body = '', type = '0', link = '', mode = '0000644', ...fields }: Member): Buffer {
  const header = Buffer.alloc(BLOCK);
  const put = (text: string | Buffer, at: number): void => void Buffer.from(text).copy(header, at);
  put(name, 0);
  put(`${mode}\0`, 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  put(fields.size ?? `${body.length.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put('        ', 148);
  put(type, 156);
  put(link, 157);
  put(fields.magic ?? 'ustar\u000000', 257);
  put(fields.prefix ?? '', 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(fields.sum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const data = Buffer.from(body);
  return Buffer.concat([header, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]);
}

const end = Buffer.alloc(2 * BLOCK);
const file = (name: string, body = GOOD): Buffer => member({ name, body });
const pax = (key: string, value: string): Buffer => {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length;
  return member({ name: 'pax', type: 'x', body: `${length}${rest}` });
};
const tar = (...members: Buffer[]): Buffer => gzipSync(Buffer.concat([...members, end]));

/** What becomes of CA: its text, undefined when it is not there, or why the archive is refused. */
async function outcome(archive: Uint8Array): Promise<string | undefined> {
  const limits = { maxBytes: 2 ** 20, maxMemberBytes: 10_000 };
  const members = await readArchive(archive, new Set(['CA']), limits);
  if (typeof members === 'string') return members;
  assert.ok([...members.keys()].every((country) => country === 'CA'));
  const body = members.get('CA');
  return body && Buffer.from(body).toString();
}

const noArchive = (why: string): string => `it is no tar.gz archive (${why})`;
const truncated = noArchive('Tar archive is truncated.');
const wrongSum = noArchive('Invalid tar header checksum.');
const noNumber = noArchive('Invalid tar number.');
const hugeNumber = noArchive('TAR number too large');
const noGzip = noArchive('incorrect header check');
const tooLarge = 'it unpacks to more than 1 MiB';
const good = gzipSync(Buffer.concat([file('ca.zone'), end]));

// Of a type that is not known POSIX makes a plain file; what is in it is judged like every zone.
const cases: readonly { name: string; archive: Uint8Array; want: string | undefined }[] = [
  {
    name: 'a symbolic link',
    archive: tar(member({ name: 'ca.zone', type: '2', link: '/etc/passwd' })),
    want: undefined,
  },
  {
    name: 'a hard link',
    archive: tar(file('zz.zone', EVIL), member({ name: 'ca.zone', type: '1', link: 'zz.zone' })),
    want: undefined,
  },
  {
    name: 'a link with a body',
    archive: tar(member({ name: 'ca.zone', type: '2', link: 'x', body: EVIL })),
    want: wrongSum,
  },
  { name: 'a character device', archive: tar(member({ name: 'ca.zone', type: '3' })), want: undefined },
  { name: 'a block device', archive: tar(member({ name: 'ca.zone', type: '4' })), want: undefined },
  { name: 'a folder', archive: tar(member({ name: 'ca.zone', type: '5' })), want: undefined },
  { name: 'a pipe', archive: tar(member({ name: 'ca.zone', type: '6' })), want: undefined },
  {
    name: 'a type nobody knows',
    archive: tar(member({ name: 'ca.zone', type: 'Z', body: EVIL })),
    want: EVIL,
  },
  {
    name: 'a sparse file of GNU tar',
    archive: tar(member({ name: 'ca.zone', type: 'S', body: EVIL })),
    want: EVIL,
  },
  { name: 'an absolute path', archive: tar(file('/ca.zone', EVIL)), want: undefined },
  { name: 'a path with ..', archive: tar(file('../ca.zone', EVIL)), want: undefined },
  { name: 'a path with .. inside', archive: tar(file('a/../ca.zone', EVIL)), want: undefined },
  {
    name: 'a path by the prefix field',
    archive: tar(member({ name: 'ca.zone', prefix: 'a', body: EVIL })),
    want: undefined,
  },
  { name: 'a backslash in the name', archive: tar(file('.\\ca.zone', EVIL)), want: undefined },
  { name: 'a name with a newline', archive: tar(file('ca.zone\n', EVIL)), want: undefined },
  { name: 'a name of 100 bytes', archive: tar(file(`${'c'.repeat(95)}.zone`, EVIL)), want: undefined },
  { name: 'another case', archive: tar(file('CA.ZONE', EVIL)), want: undefined },
  { name: 'a letter that only looks alike', archive: tar(file('\u0441a.zone', EVIL)), want: undefined },
  {
    name: 'a path by a pax header',
    archive: tar(pax('path', '../../ca.zone'), file('ca.zone', EVIL)),
    want: undefined,
  },
  {
    name: 'a link by a pax header',
    archive: tar(pax('linkpath', '/etc/passwd'), member({ name: 'ca.zone', type: '2' })),
    want: undefined,
  },
  {
    name: 'a size by a pax header',
    archive: tar(pax('size', '99999999999'), file('ca.zone')),
    want: truncated,
  },
  {
    name: 'a long name of GNU tar',
    archive: tar(member({ name: '././@LongLink', type: 'L', body: '../ca.zone\0' }), file('ca.zone', EVIL)),
    want: undefined,
  },
  {
    name: 'a size beyond the archive',
    archive: tar(member({ name: 'ca.zone', body: GOOD, size: '00000077777\0' })),
    want: truncated,
  },
  {
    name: 'a size that is negative',
    archive: tar(member({ name: 'ca.zone', body: GOOD, size: Buffer.alloc(12, 0xff) })),
    want: hugeNumber,
  },
  {
    name: 'a size in base 256 of many exabytes',
    archive: tar(
      member({ name: 'ca.zone', body: GOOD, size: Buffer.from('80ffffffffffffffffffffff', 'hex') }),
    ),
    want: hugeNumber,
  },
  {
    name: 'a size that is no number',
    archive: tar(member({ name: 'ca.zone', body: GOOD, size: 'many\0' })),
    want: noNumber,
  },
  {
    name: 'a wrong checksum',
    archive: tar(member({ name: 'ca.zone', body: GOOD, sum: '000001\0 ' })),
    want: wrongSum,
  },
  {
    name: 'a checksum that is no number',
    archive: tar(member({ name: 'ca.zone', body: GOOD, sum: 'sum\0\0\0\0\0' })),
    want: noNumber,
  },
  { name: 'a member larger than a zone', archive: tar(file('ca.zone', '#'.repeat(10_001))), want: undefined },
  { name: 'an empty member', archive: tar(file('ca.zone', '')), want: '' },
  { name: 'set-user-ID', archive: tar(member({ name: 'ca.zone', mode: '0006777', body: GOOD })), want: GOOD },
  { name: 'no member at all', archive: tar(), want: undefined },
  {
    name: '1000 members',
    archive: gzipSync(
      Buffer.concat([...Array.from({ length: 1000 }, (_, i) => file(`x${i}`, '')), file('ca.zone'), end]),
    ),
    want: GOOD,
  },
  { name: 'no end', archive: gzipSync(file('ca.zone')), want: truncated },
  { name: 'half a member', archive: gzipSync(file('ca.zone').subarray(0, BLOCK + 5)), want: truncated },
  { name: 'half a header', archive: gzipSync(file('ca.zone').subarray(0, 300)), want: truncated },
  { name: 'a cut gzip', archive: good.subarray(0, -5), want: noArchive('unexpected end of file') },
  {
    name: 'a gzip with a wrong CRC',
    archive: Buffer.from(good).fill(0, good.length - 8, good.length - 4),
    want: noArchive('incorrect data check'),
  },
  {
    name: 'a gzip with a wrong length',
    archive: Buffer.from(good).fill(0xff, good.length - 4),
    want: noArchive('incorrect length check'),
  },
  { name: 'a bomb', archive: gzipSync(Buffer.alloc(2 ** 25)), want: tooLarge },
  {
    name: 'a bomb of two gzip members',
    archive: Buffer.concat([good, gzipSync(Buffer.alloc(2 ** 25))]),
    want: tooLarge,
  },
  { name: 'a gzip in a gzip', archive: gzipSync(good), want: truncated },
  { name: 'a tar without gzip', archive: Buffer.concat([file('ca.zone'), end]), want: noGzip },
  {
    name: 'two members of a name, of which the last counts',
    archive: tar(file('ca.zone'), file('./ca.zone', EVIL)),
    want: EVIL,
  },
  { name: 'trailing data', archive: Buffer.concat([good, Buffer.from('trailing')]), want: noGzip },
  {
    name: 'a second archive behind the first',
    archive: Buffer.concat([good, tar(file('ca.zone', EVIL))]),
    want: noArchive('Invalid EOF.'),
  },
];

assert.ok(cases.length >= 26);
for (const { name, archive, want } of cases)
  test(`readArchive() and ${name}`, async () => assert.equal(await outcome(archive), want));
