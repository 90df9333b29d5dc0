import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LockOwner } from '../../src/system/lock-owner.ts';
import { describeSelf, isGone } from '../../src/system/lock-owner.ts';
import { LockedError, withLock } from '../../src/system/lock.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const holderPath = fileURLToPath(new URL('../helpers/lock-holder.js', import.meta.url));
const done = async (): Promise<string> => 'done';

interface HolderProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it printed. */
  readonly lines: string[];
}

function startHolder(t: TestContext, dir: string): HolderProcess {
  const child = spawn(process.execPath, [holderPath, dir]);
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  child.stdout.on('data', (chunk) => lines.push(...String(chunk).trim().split('\n')));
  return { child, lines };
}

async function startedHolder(t: TestContext, dir: string): Promise<HolderProcess> {
  const holder = startHolder(t, dir);
  while (holder.lines.length === 0) await once(holder.child.stdout, 'data');
  assert.deepEqual(holder.lines, ['locked']);
  return holder;
}

async function killedHolder(t: TestContext, dir: string): Promise<void> {
  const { child } = await startedHolder(t, dir);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const isNote = (name: string): boolean => name.startsWith('.lock-');

/** Whether the holder of a lock has told who it is. */
const isNoted = (dir: string): boolean => readdirSync(dir).some(isNote);

/** Where it has. */
async function noteIn(dir: string): Promise<string> {
  const [name = assert.fail('no note'), ...others] = (await readdir(dir)).filter(isNote);
  assert.deepEqual(others, []);
  return join(dir, name);
}

test('withLock() makes the folder, returns what the work does and leaves no lock', async (t) => {
  const dir = join(await tempDir(t), 'a', 'cache');
  assert.equal(await withLock(dir, done, { sleep }), 'done');
  assert.equal((await stat(dir)).mode & 0o777, 0o755);
  assert.deepEqual(await readdir(dir), []);
});

test('withLock() releases the lock when the work fails', async (t) => {
  const dir = await tempDir(t);
  const failing = withLock(dir, () => Promise.reject(new Error('no')), { sleep });
  await assert.rejects(failing, /^Error: no$/);
  assert.equal(await withLock(dir, done, { sleep }), 'done');
});

for (const { name, spoil } of [
  {
    name: 'note',
    spoil: async (dir: string) => {
      const note = await noteIn(dir);
      await rm(note);
      await mkdir(note);
    },
  },
  { name: 'lock', spoil: async (dir: string) => await mkdir(join(dir, '.lock', 'planted')) },
])
  test(`withLock() returns what the work came to when its ${name} cannot be removed`, async (t) => {
    const dir = await tempDir(t);
    const work = async (): Promise<string> => {
      await spoil(dir);
      return 'done';
    };
    assert.equal(await withLock(dir, work, { sleep }), 'done');
  });

test('withLock() refuses with exit code 75 while another run holds the lock', async (t) => {
  const dir = await tempDir(t);
  await withLock(
    dir,
    async () => {
      await assert.rejects(withLock(dir, done, { sleep }), (error) => {
        assert.ok(error instanceof LockedError);
        assert.equal(error.message, `Cannot lock "${dir}": another geofence run holds it`);
        assert.equal(error.exitCode, 75);
        return true;
      });
    },
    { sleep },
  );
});

test('withLock() waits as long as it is told', async (t) => {
  const dir = await tempDir(t);
  const { child } = await startedHolder(t, dir);
  const pauses: number[] = [];
  const count = async (milliseconds: number): Promise<void> => void pauses.push(milliseconds);
  await assert.rejects(withLock(dir, done, { waitSeconds: 2, sleep: count }), LockedError);
  assert.equal(
    pauses.reduce((sum, pause) => sum + pause, 0),
    2000,
  );
  const untilReleased = async (): Promise<void> => {
    child.stdin.end();
    await once(child, 'exit');
  };
  assert.equal(await withLock(dir, done, { waitSeconds: 1, sleep: untilReleased }), 'done');
});

test('withLock() lets one of several processes in at a time', async (t) => {
  const dir = await tempDir(t);
  const holders = Array.from({ length: 4 }, () => startHolder(t, dir));
  const closed = holders.map(({ child }) => once(child, 'close'));
  const waiting = holders.map(async ({ child, lines }) => {
    while (lines.length === 0) await once(child.stdout, 'data');
  });
  await Promise.all(waiting);
  const refused = `Cannot lock "${dir}": another geofence run holds it`;
  assert.deepEqual(holders.map(({ lines }) => lines.join()).sort(), [refused, refused, refused, 'locked']);
  for (const { child } of holders) child.stdin.end();
  await Promise.all(closed);
  assert.deepEqual(await readdir(dir), []);
});

test('withLock() takes the lock of a killed run at once', async (t) => {
  const dir = await tempDir(t);
  await killedHolder(t, dir);
  assert.deepEqual((await readdir(dir)).sort(), ['.lock', basename(await noteIn(dir))]);
  assert.equal(await withLock(dir, done, { sleep }), 'done');
  assert.deepEqual(await readdir(dir), []);
});

test('withLock() gives the lock of a killed run to one of several only', async (t) => {
  const dir = await tempDir(t);
  await killedHolder(t, dir);
  let inside = 0;
  const work = async (): Promise<void> => {
    inside++;
    assert.equal(inside, 1);
    await sleep(50);
    inside--;
  };
  const runs = await Promise.allSettled(Array.from({ length: 20 }, () => withLock(dir, work, { sleep })));
  const failures = runs.filter((run) => run.status === 'rejected');
  assert.equal(failures.length, 19);
  for (const { reason } of failures) assert.ok(reason instanceof LockedError, String(reason));
});

test('withLock() takes a lock whose maker was killed before it could note who it is', async (t) => {
  const dir = await tempDir(t);
  await killedHolder(t, dir);
  await rm(await noteIn(dir));
  assert.equal(await withLock(dir, done, { sleep }), 'done');
  assert.deepEqual(await readdir(dir), []);
});

/** A process that made the lock and was stopped before it could note so. */
async function stoppedHolder(t: TestContext, dir: string): Promise<HolderProcess> {
  for (;;) {
    const holder = startHolder(t, dir);
    // Asleep one would come too late: it is a matter of milliseconds.
    while (!existsSync(join(dir, '.lock'))) continue;
    holder.child.kill('SIGSTOP');
    await sleep(100);
    if (!isNoted(dir)) return holder;
    holder.child.kill('SIGKILL');
    await once(holder.child, 'exit');
    await rm(join(dir, '.lock'), { recursive: true });
    await rm(await noteIn(dir));
  }
}

test('withLock() is no more held by a run that was stopped before it noted so, once another took it', async (t) => {
  const dir = await tempDir(t);
  const { child, lines } = await stoppedHolder(t, dir);
  await withLock(
    dir,
    async (lost) => {
      child.kill('SIGCONT');
      while (lines.length === 0) await once(child.stdout, 'data');
      assert.deepEqual(lines, [`Cannot lock "${dir}": another geofence run holds it`]);
      if (child.exitCode === null) await once(child, 'exit');
      assert.ok(existsSync(join(dir, '.lock')), 'a run that ends leaves the lock of another alone');
      assert.equal(lost.aborted, false);
    },
    { sleep },
  );
  assert.deepEqual(await readdir(dir), []);
});

test('withLock() leaves a lock alone that is noted a moment later', async (t) => {
  const dir = await tempDir(t);
  const holder = withLock(dir, async () => await sleep(3000), { sleep });
  while (!isNoted(dir)) await sleep(10);
  const path = await noteIn(dir);
  const note = await readFile(path);
  await rm(path);
  const contender = withLock(dir, done, { sleep });
  await sleep(500);
  await writeFile(path, note);
  await assert.rejects(contender, LockedError);
  await holder;
});

test('withLock() leaves the lock of another alone that took its place meanwhile', async (t) => {
  const dir = await tempDir(t);
  await withLock(
    dir,
    async () => {
      await rename(join(dir, '.lock'), join(dir, 'stale'));
      await mkdir(join(dir, '.lock'));
    },
    { sleep },
  );
  assert.deepEqual((await readdir(dir)).sort(), ['.lock', 'stale']);
});

test('withLock() aborts its signal when the lock is lost, and does not fail for it', async (t) => {
  const dir = await tempDir(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const reason = await withLock(
    dir,
    async (signal) => {
      await rmdir(join(dir, '.lock'));
      const aborted = once(signal, 'abort');
      t.mock.timers.tick(10_000);
      await aborted;
      return String(signal.reason);
    },
    { sleep },
  );
  assert.equal(reason, `GeofenceError: Lost the lock of "${dir}"`);
});

test('withLock() says why a cache cannot be used', async (t) => {
  const dir = join(await tempDir(t), 'file');
  await writeFile(dir, '');
  await assert.rejects(withLock(dir, done, { sleep }), {
    message: `Cannot lock "${dir}": something else is in its place`,
    hint: 'run as its owner, or choose another folder with --cache-dir or --state-dir',
    exitCode: 1,
  });
});

const self = await describeSelf();
const strangers: { name: string; change: Partial<LockOwner>; want: boolean }[] = [
  { name: 'this process', change: {}, want: false },
  { name: 'a process id that is free', change: { pid: 2 ** 30 }, want: true },
  { name: 'a process id that is used again', change: { started: '1' }, want: true },
  { name: 'an earlier boot', change: { boot: 'before' }, want: true },
  { name: 'another container', change: { pid: 2 ** 30, pidNamespace: 'pid:[1]' }, want: false },
  { name: 'another machine', change: { pid: 2 ** 30, boot: 'its own', host: 'other' }, want: false },
];
for (const { name, change, want } of strangers)
  test(`isGone() is ${want} for a holder of ${name}`, async () => {
    assert.equal(await isGone({ ...self, ...change }, self), want);
  });

test('describeSelf() reads when this process started', async () => {
  assert.match(self.started ?? '', /^\d+$/);
  const fields = await readFile('/proc/self/stat', 'utf8');
  assert.ok(fields.includes(` ${self.started} `));
});
