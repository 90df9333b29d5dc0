import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { stateDirOf } from '../../src/config/folders.ts';
import { openRootState } from '../../src/state/move-state.ts';
import type { OpenedState } from '../../src/state/move-state.ts';
import { StateDir } from '../../src/state/state-dir.ts';
import { runProgram } from '../helpers/cli.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const skip = await kernelSkip();

const policy = '{"settings":{"allow":["CA"]},"inForce":{"allow":["CA"]},"forced":[]}\n';
const former = '{"savedAt":"2026-11-20T10:00:00.000Z","fence":{"sets":[],"rulesets":[]},"iptables":"auto"}\n';
const pendingThat = (isTakenBack: boolean): string =>
  `{"id":"x","until":"2026-11-20T10:00:00.000Z","bootId":"b","policy":${policy.trim()},"isTakenBack":${isTakenBack}}\n`;

interface Places {
  readonly from: string;
  readonly to: string;
  readonly open: () => Promise<OpenedState>;
}

const sleep = async (milliseconds: number): Promise<void> => await setTimeout(milliseconds / 50);

/** A cache with the state of an earlier version in it, and where root keeps state now. */
async function setPlaces(t: TestContext, files: Readonly<Record<string, string>>): Promise<Places> {
  const dir = await tempDir(t);
  const [from, to] = [join(dir, 'cache', 'state'), join(dir, 'lib', 'geofence')];
  await mkdir(from, { recursive: true });
  await chmod(from, 0o755);
  for (const [name, text] of Object.entries(files)) await writeFile(join(from, name), text, { mode: 0o644 });
  return { from, to, open: async () => await openRootState(new StateDir(to), from, sleep) };
}

test('stateDirOf() is a folder of root’s for root, whatever the cache, and beside the cache for others', () => {
  assert.equal(stateDirOf('/srv/zones', true), '/var/lib/geofence');
  assert.equal(stateDirOf('/var/cache/geofence', true), '/var/lib/geofence');
  assert.equal(stateDirOf('/var/cache/geofence', false), '/var/lib/geofence');
  assert.equal(stateDirOf('/home/me/zones', false), '/home/me/zones/state');
});

test('openRootState() moves what lies beside the cache once, byte by byte, and says so', async (t) => {
  const files = {
    'policy.json': policy,
    'former.json': former,
    'pending.json': pendingThat(true),
    'counting.json': '{}',
  };
  const { from, to, open } = await setPlaces(t, files);
  const { memory, warnings, lost } = await open();
  assert.deepEqual(
    [memory.dir, warnings, lost],
    [to, [`the state that was in "${from}" is now in "${to}"`], undefined],
  );
  assert.deepEqual((await readdir(to)).sort(), ['former.json', 'pending.json', 'policy.json']);
  assert.equal(await readFile(join(to, 'former.json'), 'utf8'), former);
  assert.deepEqual((await memory.policy.read())?.settings, { allow: ['CA'] });
  await assert.rejects(readdir(from), /ENOENT/);
  const again = await open();
  assert.deepEqual([again.memory.dir, again.warnings], [to, []]);
});

test('openRootState() adopts nothing that another user could have written, and says what is lost', async (t) => {
  const { from, to, open } = await setPlaces(t, { 'policy.json': policy, 'former.json': former });
  await chmod(join(from, 'policy.json'), 0o666);
  const one = await open();
  assert.match(one.lost?.reason ?? '', /everybody may write it/);
  assert.deepEqual(await readdir(to), ['former.json']);
  assert.deepEqual(one.warnings, [
    `the state that was in "${from}" is now in "${to}"`,
    `the remembered policy "${from}/policy.json" cannot be used: everybody may write it`,
  ]);

  const other = await setPlaces(t, { 'policy.json': policy, 'former.json': former });
  await chmod(other.from, 0o777);
  const none = await other.open();
  assert.match(none.lost?.reason ?? '', /its folder ".*": everybody may write it/);
  assert.equal(none.warnings.length, 2);
  assert.equal(none.memory.dir, other.to);
  await assert.rejects(readdir(other.to), /ENOENT/);
});

test('openRootState() leaves a change on trial where its timer looks for it', async (t) => {
  const { from, open } = await setPlaces(t, { 'policy.json': policy, 'pending.json': pendingThat(false) });
  const { memory, warnings } = await open();
  assert.deepEqual([memory.dir, warnings], [from, []]);
  assert.ok((await readdir(from)).includes('policy.json'));
});

test('openRootState() uses the state where it lies when it cannot be moved', async (t) => {
  const { from, to, open } = await setPlaces(t, { 'policy.json': policy });
  await writeFile(join(to, '..'), 'a file in the place of a folder');
  const { memory, warnings } = await open();
  assert.equal(memory.dir, from);
  assert.match(warnings.join(), /^the state stays in ".*" for now: Cannot make the folder /);
  assert.deepEqual((await memory.policy.read())?.settings, { allow: ['CA'] });
});

test('openRootState() lets the state of root’s own folder count, and says that there is an older one', async (t) => {
  const { from, to, open } = await setPlaces(t, { 'policy.json': policy });
  await new StateDir(to).policy.write({ settings: {}, inForce: { deny: ['RU'] }, forced: [] });
  const { memory, warnings } = await open();
  assert.equal(memory.dir, to);
  assert.deepEqual(warnings, [`the state in "${to}" counts; delete the older one in "${from}"`]);
  assert.deepEqual((await memory.policy.read())?.inForce, { deny: ['RU'] });
});

/** Opens the state of a folder with a disk of 16 KiB under the new one; prints what came of it. */
const openOnSmallDisk = `
  const [from, to] = process.argv.slice(1);
  const { readdirSync } = await import('node:fs');
  const { openRootState } = await import('${new URL('../../src/state/move-state.js', import.meta.url).href}');
  const { StateDir } = await import('${new URL('../../src/state/state-dir.js', import.meta.url).href}');
  const { memory, warnings } = await openRootState(new StateDir(to), from, async () => {});
  const { settings } = (await memory.policy.read()) ?? {};
  console.log(JSON.stringify({ dir: memory.dir, warnings, settings, from: readdirSync(from), to: readdirSync(to) }));
`;

test('openRootState() moves all of the state or nothing when the disk is full', { skip }, async (t) => {
  const { from, to } = await setPlaces(t, {
    'policy.json': policy,
    'former.json': former + ' '.repeat(100_000),
  });
  await mkdir(to, { recursive: true });
  const mount = 'mount -t tmpfs -o size=16k,mode=755 tmpfs "$1" && shift && exec "$@"';
  const node = [process.execPath, '--input-type=module', '-e', openOnSmallDisk, from, to];
  const { exitCode, stdout, stderr } = await runProgram([
    'unshare',
    '-rm',
    'sh',
    '-c',
    mount,
    'sh',
    to,
    ...node,
  ]);
  assert.equal(exitCode, 0, stderr);
  const { warnings, ...found } = JSON.parse(stdout) as { warnings: string[] };
  assert.match(warnings.join(), /^the state stays in ".*" for now: Cannot write ".*": disk is full/);
  assert.deepEqual(found, {
    dir: from,
    settings: { allow: ['CA'] },
    from: ['former.json', 'policy.json'],
    to: [],
  });
});
