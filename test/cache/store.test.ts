import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CacheEntry } from '../../src/cache/store.ts';
import { Store } from '../../src/cache/store.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { OTHER_USER, hasOtherUser, tryAsOtherUser } from '../helpers/other-user.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const ca4 = { country: 'CA', family: ipv4 };
const ca6 = { country: 'CA', family: ipv6 };
const body = Buffer.from('192.0.2.0/24\r\n198.51.100.0/24');
const facts = {
  source: 'ipdeny',
  url: 'https://www.ipdeny.com/ipblocks/data/countries/ca.zone',
  fetchedAt: '2025-09-04T12:00:00.000Z',
  networks: 2,
  addresses: 512,
  etag: '"1 2"',
};

const hash = (algorithm: string): string => createHash(algorithm).update(body).digest('hex');

test('Store keeps a zone with its metadata, the body as it was fetched', async (t) => {
  const store = new Store(await tempDir(t));
  assert.deepEqual(await store.read(ca4), { state: 'absent' });
  const written = await store.write(ca4, body, facts);
  const metadata = { ...facts, md5: hash('md5'), sha256: hash('sha256') };
  assert.deepEqual(written, { metadata, body });
  const entry = await store.read(ca4);
  assert.ok(entry.state === 'present');
  assert.deepEqual(entry.zone.metadata, metadata);
  assert.deepEqual(Buffer.from(entry.zone.body), body);
  assert.deepEqual(await store.read(ca6), { state: 'absent' });
});

test('Store writes one file a zone that any reader of zones can read', async (t) => {
  const store = new Store(join(await tempDir(t), 'cache'));
  await store.write(ca4, body, facts);
  const path = join(store.dir, 'ipv4', 'ca.zone');
  assert.equal(store.pathOf(ca4), path);
  const [first, ...rest] = (await readFile(path, 'utf8')).split('\n');
  assert.match(first ?? '', /^# geofence \{"source":"ipdeny",/);
  assert.equal(rest.join('\n'), String(body));
  assert.equal((await stat(path)).mode & 0o777, 0o644);
  assert.equal((await stat(join(store.dir, 'ipv4'))).mode & 0o777, 0o755);
});

test('Store.restamp() changes nothing but the time', async (t) => {
  const store = new Store(await tempDir(t));
  const zone = await store.write(ca4, body, facts);
  const restamped = await store.restamp(ca4, zone, '2025-09-11T12:00:00.000Z');
  const want = { ...zone.metadata, fetchedAt: '2025-09-11T12:00:00.000Z' };
  assert.deepEqual(restamped, { metadata: want, body });
  const entry = await store.read(ca4);
  assert.ok(entry.state === 'present');
  assert.deepEqual(entry.zone.metadata, want);
  assert.deepEqual(Buffer.from(entry.zone.body), body);
});

const textOf = (entry: CacheEntry): string =>
  entry.state === 'present' ? Buffer.from(entry.zone.body).toString() : entry.state;
const bodies = ['192.0.2.0/24\n', '198.51.100.0/24\n', '203.0.113.0/24\n'].map((text) => Buffer.from(text));

test('Store keeps the copy that another body took the place of, and only that one', async (t) => {
  const store = new Store(await tempDir(t));
  assert.deepEqual(await store.readPrevious(ca4), { state: 'absent' });
  for (const [i, next] of bodies.entries()) {
    await store.write(ca4, next, { ...facts, networks: i });
    assert.equal(textOf(await store.read(ca4)), String(next));
    assert.equal(textOf(await store.readPrevious(ca4)), i === 0 ? 'absent' : String(bodies[i - 1]));
  }
  const previous = await store.readPrevious(ca4);
  assert.equal(previous.state === 'present' && previous.zone.metadata.networks, 1);
  assert.deepEqual(await readdir(join(store.dir, 'ipv4')), ['ca.previous', 'ca.zone']);
  assert.deepEqual(await store.list(), [ca4]);
});

test('Store keeps no previous copy of the same body, nor of a damaged one', async (t) => {
  const store = new Store(await tempDir(t));
  const zone = await store.write(ca4, body, facts);
  await store.restamp(ca4, zone, '2025-09-11T12:00:00.000Z');
  await store.write(ca4, body, { ...facts, fetchedAt: '2025-09-18T12:00:00.000Z' });
  assert.deepEqual(await store.readPrevious(ca4), { state: 'absent' });
  await writeFile(store.pathOf(ca4), 'damaged\n');
  await store.write(ca4, bodies[0]!, facts);
  assert.deepEqual(await store.readPrevious(ca4), { state: 'absent' });
});

test('Store.write() replaces the zone although the previous copy cannot be kept, and leaves nothing behind', async (t) => {
  const store = new Store(await tempDir(t));
  await store.write(ca4, body, facts);
  await mkdir(join(store.dir, 'ipv4', 'ca.previous'));
  await store.write(ca4, bodies[0]!, facts);
  assert.equal(textOf(await store.read(ca4)), String(bodies[0]));
  assert.deepEqual(await store.readPrevious(ca4), { state: 'corrupt', reason: 'it is not a plain file' });
  assert.deepEqual(await readdir(join(store.dir, 'ipv4')), ['ca.previous', 'ca.zone']);
});

const damages: { name: string; change: (text: string) => string; reason: RegExp }[] = [
  { name: 'cut short', change: (text) => text.slice(0, -4), reason: /SHA-256/ },
  {
    name: 'with a changed body',
    change: (text) => text.replace('192.0.2.0', '192.0.3.0'),
    reason: /SHA-256/,
  },
  {
    name: 'with another sum',
    change: (text) => text.replace(/"sha256":"../, '"sha256":"zz'),
    reason: /SHA-256/,
  },
  {
    name: 'without its first line',
    change: (text) => text.replace(/^.*\n/, ''),
    reason: /first line is not ours/,
  },
  { name: 'with a cut first line', change: (text) => text.slice(0, 40), reason: /first line is not ours/ },
  { name: 'with broken JSON', change: (text) => text.replace('{', ''), reason: /first line is damaged/ },
  { name: 'with null for metadata', change: (text) => text.replace(/\{.*\}/, 'null'), reason: /damaged/ },
  { name: 'without a field', change: (text) => text.replace(/"source":"ipdeny",/, ''), reason: /damaged/ },
  {
    name: 'with a text for a number',
    change: (text) => text.replace('"networks":2', '"networks":"2"'),
    reason: /damaged/,
  },
  {
    name: 'with a number for a text',
    change: (text) => text.replace(/"etag":"[^,}]*"/, '"etag":1'),
    reason: /damaged/,
  },
  { name: 'that is empty', change: () => '', reason: /first line is not ours/ },
];
for (const { name, change, reason } of damages)
  test(`Store.read() takes a file ${name} for corrupt`, async (t) => {
    const store = new Store(await tempDir(t));
    await store.write(ca4, body, facts);
    const text = await readFile(store.pathOf(ca4), 'utf8');
    assert.notEqual(change(text), text);
    await writeFile(store.pathOf(ca4), change(text));
    const entry = await store.read(ca4);
    assert.ok(entry.state === 'corrupt');
    assert.match(entry.reason, reason);
  });

test('Store never follows a planted link', async (t) => {
  const dir = await tempDir(t);
  const store = new Store(join(dir, 'cache'));
  await store.write(ca4, body, facts);
  await mkdir(join(store.dir, 'ipv6'));
  await symlink(store.pathOf(ca4), store.pathOf(ca6));
  assert.deepEqual(await store.read(ca6), { state: 'corrupt', reason: 'it is a symbolic link' });
  await store.write(ca6, Buffer.from('2001:db8::/32\n'), facts);
  assert.equal((await store.read(ca6)).state, 'present');
  assert.deepEqual(Buffer.from((await readFile(store.pathOf(ca4))).subarray(-body.length)), body);

  const precious = join(dir, 'precious');
  await writeFile(precious, 'precious\n');
  await symlink(precious, join(store.dir, 'ipv4', 'ca.previous'));
  assert.deepEqual(await store.readPrevious(ca4), { state: 'corrupt', reason: 'it is a symbolic link' });
  await store.write(ca4, bodies[0]!, facts);
  assert.equal(textOf(await store.readPrevious(ca4)), String(body));
  assert.equal(await readFile(precious, 'utf8'), 'precious\n');

  await mkdir(join(dir, 'elsewhere'));
  await symlink(join(dir, 'elsewhere'), join(store.dir, 'refused'));
  await store.keepRefused(ca4, body, { at: facts.fetchedAt, url: facts.url, reason: 'it is empty' });
  assert.deepEqual(await readdir(join(dir, 'elsewhere')), []);
});

test('Store.write() refuses a folder that is a link', async (t) => {
  const dir = await tempDir(t);
  await mkdir(join(dir, 'elsewhere'));
  await symlink(join(dir, 'elsewhere'), join(dir, 'ipv4'));
  await assert.rejects(
    new Store(dir).write(ca4, body, facts),
    /Cannot use the folder ".*ipv4": it is a symbolic link$/,
  );
  assert.deepEqual(await readdir(join(dir, 'elsewhere')), []);
});

test('Store.write() makes what root adds to the cache of another user theirs', async (t) => {
  const dir = await tempDir(t);
  if (!(await hasOtherUser())) {
    t.skip('this user can give no folder away');
    return;
  }
  await chmod(dir, 0o755);
  await chown(dir, OTHER_USER, OTHER_USER);
  const store = new Store(dir);
  await store.write(ca4, body, facts);
  await store.write(ca4, bodies[0]!, facts);
  await store.keepRefused(ca4, body, { at: '', url: '', reason: '' });
  for (const path of ['ipv4', 'ipv4/ca.zone', 'ipv4/ca.previous', 'refused', 'refused/ipv4-ca.txt'])
    assert.equal((await stat(join(dir, path))).uid, OTHER_USER, path);
  // As the unit that fetches replaces a zone.
  const renewed = await tryAsOtherUser(
    'sh',
    '-c',
    'echo > "$0/ipv4/.tmp-1" && mv "$0/ipv4/.tmp-1" "$0/ipv4/ca.zone"',
    dir,
  );
  assert.deepEqual(renewed, { exitCode: 0, stdout: '', stderr: '' });
});

test('Store.keepRefused() keeps the start of a refused body and why', async (t) => {
  const store = new Store(await tempDir(t));
  await store.keepRefused(ca6, Buffer.alloc(100_000, '<'), {
    at: '2025-09-04T12:00:00.000Z',
    url: 'https://example.com/ca.zone',
    reason: 'it is a web page, not a zone',
  });
  const text = await readFile(join(store.dir, 'refused', 'ipv6-ca.txt'), 'utf8');
  const first = '# 2025-09-04T12:00:00.000Z https://example.com/ca.zone: it is a web page, not a zone\n';
  assert.equal(text, first + '<'.repeat(65_536));
});

test('what was refused is readable for its owner only, and zones for everybody', async (t) => {
  const store = new Store(await tempDir(t));
  await store.write(ca4, body, facts);
  await store.keepRefused(ca4, body, { at: '', url: '', reason: '' });
  const modeOf = async (path: string): Promise<number> => (await stat(join(store.dir, path))).mode & 0o777;
  const paths = ['ipv4', 'ipv4/ca.zone', 'refused', 'refused/ipv4-ca.txt'];
  assert.deepEqual(await Promise.all(paths.map(modeOf)), [0o755, 0o644, 0o700, 0o600]);
});

test('Store.keepRefused() fails in silence', async (t) => {
  const dir = await tempDir(t);
  await writeFile(join(dir, 'refused'), 'a file in the place of the folder');
  await new Store(dir).keepRefused(ca4, body, { at: '', url: '', reason: '' });
});

test('Store.removeTemporary() removes what killed runs left, and nothing else', async (t) => {
  const store = new Store(await tempDir(t));
  await store.write(ca4, body, facts);
  await writeFile(join(store.dir, 'ipv4', '.tmp-1'), '');
  await writeFile(join(store.dir, '.tmp-2'), '');
  await writeFile(join(store.dir, 'README'), '');
  store.removeTemporary();
  assert.deepEqual((await readdir(store.dir, { recursive: true })).sort(), [
    'README',
    'ipv4',
    'ipv4/ca.zone',
  ]);
});

test('Store.list() names the zones there are', async (t) => {
  const store = new Store(await tempDir(t));
  assert.deepEqual(await store.list(), []);
  for (const id of [{ country: 'US', family: ipv4 }, ca6, ca4]) await store.write(id, body, facts);
  await writeFile(join(store.dir, 'ipv4', 'README'), '');
  assert.deepEqual(await store.list(), [ca4, { country: 'US', family: ipv4 }, ca6]);
});
