import assert from 'node:assert/strict';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { distrust } from '../../src/system/distrust.ts';
import { Folder } from '../../src/system/folder.ts';
import { openTrusted, readTrusted } from '../../src/system/trusted-file.ts';
import { tempDir } from '../helpers/temp-dir.ts';

for (const { what, uid, mode, user, reason } of [
  { what: "root's file, by root", uid: 0, mode: 0o100644, user: 0, reason: undefined },
  { what: "root's file, by a user", uid: 0, mode: 0o100644, user: 1000, reason: undefined },
  { what: "a user's own file", uid: 1000, mode: 0o100600, user: 1000, reason: undefined },
  { what: "a user's file, by root", uid: 1000, mode: 0o100644, user: 0, reason: 'it belongs to user 1000' },
  { what: "somebody else's file", uid: 1001, mode: 0o100644, user: 1000, reason: 'it belongs to user 1001' },
  { what: 'a file of a group', uid: 0, mode: 0o100664, user: 0, reason: 'its group may write it' },
  { what: 'a file of everybody', uid: 0, mode: 0o100666, user: 0, reason: 'everybody may write it' },
  { what: 'a folder like /tmp', uid: 0, mode: 0o041777, user: 0, reason: 'everybody may write it' },
]) {
  test(`distrust() of ${what}: ${reason ?? 'none'}`, () => {
    assert.equal(distrust({ uid, mode }, user), reason);
  });
}

/** Why the folder is not to be trusted; undefined when it is, or when there is none. */
function reasonOf(path: string): string | undefined {
  const folder = openTrusted(path);
  if (folder instanceof Folder) folder.close();
  return folder instanceof Folder ? undefined : folder;
}

test('openTrusted() looks where a link leads', async (t) => {
  const dir = await tempDir(t);
  const [real, link] = [join(dir, 'real'), join(dir, 'link')];
  await mkdir(real, { mode: 0o755 });
  await symlink(real, link);
  assert.equal(reasonOf(link), undefined);
  await chmod(real, 0o777);
  assert.equal(reasonOf(link), 'everybody may write it');
  assert.equal(reasonOf(join(dir, 'none')), undefined);
});

test('openTrusted() follows no link that others can have put there', async (t) => {
  const dir = await tempDir(t);
  await mkdir(join(dir, 'real'), { mode: 0o755 });
  await mkdir(join(dir, 'shared'));
  await chmod(join(dir, 'shared'), 0o777);
  await symlink(join(dir, 'real'), join(dir, 'shared', 'link'));
  assert.equal(
    reasonOf(join(dir, 'shared', 'link')),
    'it is a symbolic link, and of the folder it is in: everybody may write it',
  );
  assert.throws(
    () => readTrusted(join(dir, 'shared', 'link', 'file'), 1),
    /its folder ".*link": it is a symbolic/,
  );
});

test('readTrusted() reads what is there, up to a limit', async (t) => {
  const dir = await tempDir(t);
  const path = join(dir, 'file');
  assert.equal(readTrusted(path, 1 << 20), undefined);
  assert.equal(readTrusted(join(dir, 'none', 'file'), 1 << 20), undefined);
  await writeFile(path, 'x'.repeat(1 << 20), { mode: 0o644 });
  assert.equal(readTrusted(path, 1 << 20)?.length, 1 << 20);
  await writeFile(path, 'x'.repeat((1 << 20) + 1));
  assert.throws(() => readTrusted(path, 1 << 20), /^Error: it is larger than 1 MiB$/);
});
