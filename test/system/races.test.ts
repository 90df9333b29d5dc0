import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { Store } from '../../src/cache/store.ts';
import { GeofenceError } from '../../src/errors.ts';
import { ipv4 } from '../../src/ip/family.ts';
import { makeFolder } from '../../src/system/files.ts';
import { Tree } from '../../src/system/tree.ts';
import { besideIntruder } from '../helpers/intruder.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** By path a few are enough: of 12 tries 10 gave a file away. */
const ROUNDS = 200;

/** A folder in which somebody else can write, and one in which nobody else should. */
async function startArena(t: TestContext): Promise<{ theirs: string; ours: string }> {
  const dir = await tempDir(t);
  await chmod(dir, 0o755);
  const [theirs, ours] = [join(dir, 'theirs'), join(dir, 'ours')];
  await mkdir(theirs);
  await mkdir(ours, { mode: 0o755 });
  return { theirs, ours };
}

/** What is refused because of the intruder is no harm. */
const tried = async (work: Promise<unknown>): Promise<void> => {
  await work.catch((error: unknown) => {
    if (!(error instanceof GeofenceError)) throw error;
  });
};

test('makeFolder() changes no mode of what a link leads to that takes the place of the folder', async (t) => {
  const { theirs, ours } = await startArena(t);
  const secret = join(ours, 'secret');
  await writeFile(secret, 'secret', { mode: 0o600 });
  await besideIntruder(
    theirs,
    `fs.rmdirSync(dir + '/cache'); fs.symlinkSync(${JSON.stringify(secret)}, dir + '/cache');`,
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await tried(makeFolder(join(theirs, 'cache')));
        assert.equal((await stat(secret)).mode & 0o777, 0o600, `round ${round}`);
        // They may be faster here, too: then it goes in the next round.
        await rm(join(theirs, 'cache'), { force: true, recursive: true }).catch(() => {});
      }
    },
  );
});

/** Lets a link to our folder and their own folder take turns in one place, `name`. */
const swap = (name: string, ours: string): string => `
  const place = dir + '/${name}';
  fs.renameSync(place, place + '.aside'); fs.symlinkSync(${JSON.stringify(ours)}, place);
  fs.unlinkSync(place); fs.renameSync(place + '.aside', place);`;

const zone = { country: 'CA', family: ipv4 };
const facts = {
  source: 'ipdeny',
  url: '',
  fetchedAt: '2025-09-04T12:00:00.000Z',
  networks: 1,
  addresses: 256,
};

test('Store writes and removes nothing where a link leads that takes the place of a folder of the cache', async (t) => {
  const { theirs, ours } = await startArena(t);
  const store = new Store(theirs);
  await store.write(zone, Buffer.from('192.0.2.0/24\n'), facts);
  await chmod(join(theirs, 'ipv4'), 0o777);
  const precious = ['.tmp-file', '.tmp-folder'];
  await writeFile(join(ours, '.tmp-file'), '');
  await mkdir(join(ours, '.tmp-folder'));
  let written = 0;
  await besideIntruder(theirs, swap('ipv4', ours), async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await tried(store.write(zone, Buffer.from(`192.0.2.${round}/32\n`), facts).then(() => written++));
      store.removeTemporary();
      assert.deepEqual((await readdir(ours)).sort(), precious, `round ${round}`);
    }
  });
  assert.ok(written > 0, 'the intruder is not there all the time');
});

test('Store.removeTemporary() leaves folders alone in which something is', async (t) => {
  const store = new Store(await tempDir(t));
  await mkdir(join(store.dir, '.tmp-a'));
  await mkdir(join(store.dir, '.tmp-b'));
  await writeFile(join(store.dir, '.tmp-b', 'file'), '');
  store.removeTemporary();
  assert.deepEqual(await readdir(store.dir, { recursive: true }), ['.tmp-b', '.tmp-b/file']);
});

test('Tree writes and removes nothing where a link leads out that takes the place of a folder', async (t) => {
  const { theirs, ours } = await startArena(t);
  const tree = new Tree(theirs);
  await tree.makeFolder('/var/cache/geofence');
  await writeFile(join(ours, 'file'), 'precious');
  await mkdir(join(ours, 'geofence'));
  await writeFile(join(ours, 'geofence', 'zone'), 'precious');
  await chmod(join(theirs, 'var'), 0o777);
  let written = 0;
  await besideIntruder(join(theirs, 'var'), swap('cache', ours), async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await tried(tree.write('/var/cache/file', 'text', 0o644).then(() => written++));
      await tried(tree.makeFolder('/var/cache/geofence/ipv4'));
      await tried(tree.removeFolder('/var/cache/geofence'));
      await tried(tree.remove('/var/cache/file'));
      const found = await readdir(ours, { recursive: true });
      assert.deepEqual(found.sort(), ['file', 'geofence', 'geofence/zone'], `round ${round}`);
    }
  });
  assert.ok(written > 0, 'the intruder is not there all the time');
});
