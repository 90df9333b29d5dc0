import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { GeofenceError } from '../../src/errors.ts';
import { fileReason, makeFolder, modifiedAt, readIfExists, readGenerated } from '../../src/system/files.ts';
import { writeFileAtomic } from '../../src/system/write-file.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** Does `work` under the umask of a careful administrator's cron. */
async function withUmask<T>(umask: number, work: () => Promise<T>): Promise<T> {
  const before = process.umask(umask);
  try {
    return await work();
  } finally {
    process.umask(before);
  }
}

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test('writeFileAtomic() replaces a file and leaves nothing else behind', async (t) => {
  const path = join(await tempDir(t), 'a');
  await writeFileAtomic(path, 'old');
  await writeFileAtomic(path, new Uint8Array([0x6e, 0x65, 0x77]));
  assert.equal(await readFile(path, 'utf8'), 'new');
  assert.deepEqual(await readdir(join(path, '..')), ['a']);
});

test('writeFileAtomic() gives the mode it is told, whatever the umask', async (t) => {
  const dir = await tempDir(t);
  await withUmask(0o077, async () => {
    await writeFileAtomic(join(dir, 'a'), '');
    await writeFileAtomic(join(dir, 'b'), '', { mode: 0o600 });
  });
  assert.equal(await modeOf(join(dir, 'a')), 0o644);
  assert.equal(await modeOf(join(dir, 'b')), 0o600);
});

test('writeFileAtomic() replaces a symbolic link instead of following it', async (t) => {
  const dir = await tempDir(t);
  await writeFile(join(dir, 'victim'), 'precious');
  await symlink(join(dir, 'victim'), join(dir, 'a'));
  await writeFileAtomic(join(dir, 'a'), 'zone');
  assert.equal(await readFile(join(dir, 'victim'), 'utf8'), 'precious');
  assert.equal(await readFile(join(dir, 'a'), 'utf8'), 'zone');
});

test('writeFileAtomic() says why it cannot, and removes its temporary file', async (t) => {
  const dir = await tempDir(t);
  const path = join(dir, 'a');
  await mkdir(path);
  await assert.rejects(writeFileAtomic(path, ''), {
    name: 'GeofenceError',
    message: `Cannot write "${path}": it is a folder`,
  });
  assert.deepEqual(await readdir(dir), ['a']);
  await assert.rejects(writeFileAtomic(join(dir, 'no', 'a'), ''), {
    message: `Cannot write "${join(dir, 'no', 'a')}": no such file or folder`,
  });
});

test('writeFileAtomic() keeps the old file when the disk is full', async (t) => {
  const path = join(await tempDir(t), 'a');
  await writeFile(path, 'old');
  // The one way to a write that fails half-way without root: a limit on the size of files.
  const url = JSON.stringify(new URL('../../src/system/write-file.js', import.meta.url).href);
  const script = `import(${url}).then((files) => files.writeFileAtomic(process.argv[1], 'x'.repeat(1e6)))
    .catch((error) => console.log(error.message))`;
  const command = `trap '' XFSZ; ulimit -f 8; exec "$0" -e "$1" "$2"`;
  const output = execFileSync('/bin/sh', ['-c', command, process.execPath, script, path], {
    encoding: 'utf8',
  });
  assert.match(output, /^Cannot write ".+\/a": EFBIG: file too large/);
  assert.equal(await readFile(path, 'utf8'), 'old');
  assert.deepEqual(await readdir(join(path, '..')), ['a']);
});

const reasonOf = (code: string): string => fileReason(Object.assign(new Error(`${code}: as told`), { code }));

test('fileReason() words the errors of disks and permissions', () => {
  assert.equal(reasonOf('ENOSPC'), 'disk is full');
  assert.equal(reasonOf('EACCES'), 'permission denied');
  assert.equal(reasonOf('EROFS'), 'the file system is read-only');
  assert.equal(reasonOf('EWHATEVER'), 'EWHATEVER: as told');
});

test('readIfExists() reads a file, and undefined where there is none', async (t) => {
  const dir = await tempDir(t);
  await writeFile(join(dir, 'a'), 'text');
  assert.equal(String(await readIfExists(join(dir, 'a'))), 'text');
  assert.equal(String(await readIfExists(join(dir, 'a'), { plainOnly: true })), 'text');
  assert.equal(await readIfExists(join(dir, 'b')), undefined);
  await assert.rejects(readIfExists(dir), { message: `Cannot read "${dir}": it is a folder` });
});

test('readIfExists() refuses links and pipes where only plain files may be', async (t) => {
  const dir = await tempDir(t);
  await writeFile(join(dir, 'a'), 'text');
  await symlink(join(dir, 'a'), join(dir, 'link'));
  execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', join(dir, 'pipe')]);
  assert.equal(String(await readIfExists(join(dir, 'link'))), 'text');
  await assert.rejects(readIfExists(join(dir, 'link'), { plainOnly: true }), /it is a symbolic link$/);
  await assert.rejects(readIfExists(join(dir, 'pipe'), { plainOnly: true }), /it is not a plain file$/);
});

test('makeFolder() makes a folder for everybody to look into', async (t) => {
  const path = join(await tempDir(t), 'a', 'b');
  await withUmask(0o077, () => makeFolder(path));
  assert.equal(await modeOf(path), 0o755);
  await makeFolder(path);
  await writeFile(join(path, 'file'), '');
  await assert.rejects(
    makeFolder(join(path, 'file')),
    (error) =>
      error instanceof GeofenceError &&
      error.message === `Cannot make the folder "${path}/file": something else is in its place`,
  );
});

test('readGenerated() reads no more of a file than it is asked for', async (t) => {
  const path = join(await tempDir(t), 'a');
  await writeFile(path, 'abcdef');
  assert.equal(await readGenerated(path, 4), 'abcd');
  assert.equal(await readGenerated(path, 40), 'abcdef');
  assert.equal(await readGenerated(`${path}.none`, 4), undefined);
  await assert.rejects(readGenerated(dirname(path), 4), /^GeofenceError: Cannot read ".*": it is a folder$/);
  // What is generated as it is read comes in pieces, and its size is not known before.
  assert.equal((await readGenerated('/proc/self/maps', 5000))?.length, 5000);
});

test('modifiedAt() is the time of the last change, or undefined', async (t) => {
  const dir = await tempDir(t);
  assert.equal(await modifiedAt(dir), (await stat(dir)).mtimeMs);
  assert.equal(await modifiedAt(join(dir, 'none')), undefined);
});

test('makeFolder() fails where no folder can be made, and does not try for ever', async () => {
  await assert.rejects(
    makeFolder('/proc/geofence/cache'),
    /Cannot make the folder "\/proc\/geofence\/cache"/,
  );
});
