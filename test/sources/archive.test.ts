import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { readArchive } from '../../src/sources/archive.ts';
import { runProgram } from '../helpers/cli.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { archiveOf } from '../helpers/zone-files.ts';

const limits = { maxBytes: 2 ** 20, maxMemberBytes: 1000 };
const zone = Buffer.from('192.0.2.0/24\n');
const other = Buffer.from('198.51.100.0/24\n');

async function read(archive: Uint8Array, wanted: string[]): Promise<Record<string, string> | string> {
  const members = await readArchive(archive, new Set(wanted), limits);
  if (typeof members === 'string') return members;
  return Object.fromEntries([...members].map(([country, body]) => [country, Buffer.from(body).toString()]));
}

test('readArchive() takes the wanted zones, in whatever folder style', async () => {
  const archive = await archiveOf([
    ['Copyrights.txt', other],
    ['ca.zone', zone],
    ['./us.zone', other],
    ['gb.zone', other],
  ]);
  assert.deepEqual(await read(archive, ['CA', 'US', 'CN']), { CA: String(zone), US: String(other) });
});

test('readArchive() takes no member that is only like a wanted zone', async () => {
  const everything = Buffer.from('0.0.0.0/0\n');
  const names = [
    '.zone',
    'zz.zone',
    'a/ca.zone',
    '../ca.zone',
    '/ca.zone',
    'CA.zone',
    'ca.zone.bak',
    'xca.zone',
    'ca.zone\n',
  ];
  const archive = await archiveOf(names.map((name) => [name, everything] as const));
  assert.deepEqual(await read(archive, ['CA', '']), {});
});

test('readArchive() takes no links and folders', async () => {
  const tar = await packTar([
    { header: { name: 'ca.zone', size: 0, type: 'symlink', linkname: '/etc/passwd' } },
    { header: { name: 'us.zone', size: 0, type: 'link', linkname: 'zz.zone' } },
    { header: { name: 'gb.zone', size: 0, type: 'directory' } },
  ]);
  const archive = gzipSync(tar);
  assert.deepEqual(await read(archive, ['CA', 'US', 'GB']), {});
});

test('readArchive() passes over a member that is too large', async () => {
  const archive = await archiveOf([
    ['ca.zone', Buffer.alloc(1001, '#')],
    ['us.zone', Buffer.alloc(1000, '#')],
  ]);
  assert.deepEqual(await read(archive, ['CA', 'US']), { US: '#'.repeat(1000) });
});

for (const format of ['v7', 'oldgnu', 'gnu', 'ustar', 'posix']) {
  test(`readArchive() reads what tar(1) writes as ${format}`, async (t) => {
    const dir = await tempDir(t);
    await writeFile(join(dir, 'ca.zone'), zone);
    await writeFile(join(dir, 'us.zone'), other);
    const file = join(dir, 'all-zones.tar.gz');
    const { stderr } = await runProgram([
      'tar',
      '-C',
      dir,
      `--format=${format}`,
      '-czf',
      file,
      'ca.zone',
      './us.zone',
    ]);
    assert.equal(stderr, '');
    const want = { CA: String(zone), US: String(other) };
    assert.deepEqual(await read(await readFile(file), ['CA', 'US']), want);
  });
}

test('readArchive() stops unpacking at its limit', async () => {
  const bomb = gzipSync(Buffer.alloc(2 ** 24));
  assert.equal(await read(bomb, ['CA']), 'it unpacks to more than 1 MiB');
});

const whole = await archiveOf([['ca.zone', Buffer.concat(Array.from({ length: 70 }, () => zone))]]);
const broken: { name: string; archive: Uint8Array }[] = [
  { name: 'a web page', archive: Buffer.from('<html>') },
  { name: 'an empty body', archive: Buffer.alloc(0) },
  { name: 'a cut gzip', archive: whole.subarray(0, whole.length / 2) },
  { name: 'a cut tar', archive: gzipSync(gunzipSync(whole).subarray(0, 1400)) },
  { name: 'a gzip that is no tar', archive: gzipSync(Buffer.alloc(2000, 'x')) },
  { name: 'a damaged gzip', archive: Buffer.from(whole).fill(0xff, 40, 60) },
];
for (const { name, archive } of broken)
  test(`readArchive() refuses ${name}`, async () => {
    const result = await read(archive, ['CA']);
    assert.ok(typeof result === 'string', JSON.stringify(result));
    assert.match(result, /^it is no tar\.gz archive \(.+\)$/);
  });
