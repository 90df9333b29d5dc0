import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { StateDir } from '../../src/state/state-dir.ts';
import type { StatusReport } from '../../src/report/status.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';
import { projectRoot } from '../helpers/golden.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** What geofence wrote before its state files had a version: no .json, so that no formatter touches the bytes. */
const versionless = async (name: string): Promise<string> =>
  await readFile(join(projectRoot(), 'test/golden/state-version-0', `${name}.txt`), 'utf8');

/** Whatever the umask, with the mode that geofence gives its files. */
const plantFile = async (path: string, text: string): Promise<void> =>
  await writeFile(path, text, { mode: 0o644 });

const policy = {
  settings: { allow_subnets: ['198.51.100.7/32'], allow: ['CA'], mirror: 'http://192.0.2.80' },
  inForce: {
    allow_subnets: ['198.51.100.7/32'],
    allow: ['CA'],
    mirror: 'http://192.0.2.80',
    sources: ['ipdeny'],
  },
  forced: ['escape'],
};

test('StateDir reads what was written before there were versions, and writes it with one', async (t) => {
  const dir = await tempDir(t);
  for (const name of ['policy', 'former', 'pending'] as const) {
    const state = new StateDir(dir);
    const path = join(dir, `${name}.json`);
    const text = await versionless(name);
    await plantFile(path, text);
    const { value, damage } = await state[name].load();
    assert.deepEqual([JSON.parse(JSON.stringify(value)), damage], [JSON.parse(text), undefined]);
    await state[name].write(value as never);
    const written = await readFile(path, 'utf8');
    assert.match(written, /^\{"version":1,.*\}\n$/);
    assert.deepEqual(JSON.parse(written), { version: 1, ...(JSON.parse(text) as object) });
    assert.deepEqual(await state[name].load(), { value });
  }
  assert.deepEqual(await new StateDir(dir).policy.read(), policy);
});

const bare = { allow: ['CA'], mirror: 'http://192.0.2.80' };
const wrapped = { settings: bare, inForce: bare, forced: [] };

/** Forms of the first days, whose policy was the settings alone, with one iptables and one table of it. */
const firstForms = [
  { name: 'policy', text: JSON.stringify(bare, undefined, 2), value: wrapped },
  {
    name: 'pending',
    text: JSON.stringify({ id: 'x', until: '2026-11-20T10:00:00.000Z', bootId: 'b', policy: bare }),
    value: { id: 'x', until: '2026-11-20T10:00:00.000Z', bootId: 'b', policy: wrapped, isTakenBack: false },
  },
  {
    name: 'former',
    text: '{"savedAt":"2026-11-20T10:00:00.000Z","fence":{"sets":[],"rulesets":[{"family":"ipv4","chains":{"GEOFENCE":["-i lo -j RETURN"]},"jumps":[]}]},"policy":{"deny":["RU"]}}',
    value: {
      savedAt: '2026-11-20T10:00:00.000Z',
      fence: {
        sets: [],
        rulesets: [{ table: 'mangle', family: 'ipv4', chains: { GEOFENCE: ['-i lo -j RETURN'] }, jumps: [] }],
      },
      policy: { settings: { deny: ['RU'] }, inForce: { deny: ['RU'] }, forced: [] },
      iptables: 'auto',
    },
  },
] as const;

for (const { name, text, value } of firstForms) {
  test(`StateDir reads ${name}.json of the first days`, async (t) => {
    const dir = await tempDir(t);
    await plantFile(join(dir, `${name}.json`), text);
    assert.deepEqual(await new StateDir(dir)[name].load(), { value });
  });
}

const damaged = [
  { text: '{', reason: 'it is not JSON' },
  { text: '\n', reason: 'it is empty' },
  { text: 'null', reason: 'it holds no object' },
  { text: '[]', reason: 'it holds no object' },
  { text: '3', reason: 'it holds no object' },
  { text: '{}', reason: 'its settings is damaged' },
  { text: '{"version":2,"settings":{}}', reason: 'a newer geofence wrote it, in version 2 of its form' },
  { text: '{"version":1.5}', reason: 'its version is damaged' },
  { text: '{"version":1,"allow":["CA"]}', reason: 'its settings is damaged' },
  { text: '{"settings":{},"inForce":{},"forced":[],"\\u001b[2J":1}', reason: 'its ??2J is damaged' },
  { text: '{"settings":{"allow":[3]},"inForce":{},"forced":[]}', reason: 'its settings.allow is damaged' },
  {
    text: '{"settings":{"allow":["CA"],"deny":["RU"]},"inForce":{},"forced":[]}',
    reason: 'its settings is damaged',
  },
  { text: '{"settings":{},"inForce":{},"forced":["a\\nb"]}', reason: 'its forced.0 is damaged' },
];

for (const { text, reason } of damaged) {
  test(`StateDir says what is wrong with a policy of ${JSON.stringify(text)}`, async (t) => {
    const dir = await tempDir(t);
    const path = join(dir, 'policy.json');
    await plantFile(path, text);
    const found = await new StateDir(dir).policy.load();
    assert.deepEqual(found, { damage: { what: 'the remembered policy', path, reason } });
    assert.equal(await new StateDir(dir).policy.read(), undefined);
  });
}

test('StateFile.keep() puts back byte by byte what was there, or nothing', async (t) => {
  const dir = await tempDir(t);
  const { policy: file } = new StateDir(dir);
  const none = file.keep();
  await file.write(wrapped);
  const text = await readFile(file.path, 'utf8');
  const some = file.keep();
  await file.write({ ...wrapped, forced: ['escape'] });
  await some();
  assert.equal(await readFile(file.path, 'utf8'), text);
  await none();
  assert.deepEqual(await file.load(), {});
});

/** Without what differs between two sets of the same content: order, and the seed of the hash. */
const sorted = (state: string): string =>
  state
    .replaceAll(/ initval \w+/g, '')
    .split('\n')
    .sort()
    .join('\n');

test('geofence goes on with state of before there were versions: policy, rollback and trial', async (t) => {
  const host = await startFencedHost(t);
  const first = await host.state();
  await host.geofence('refresh', '--allow', 'RU');
  const dir = join(host.dir, 'cache', 'state');
  for (const name of ['policy', 'former']) {
    const path = join(dir, `${name}.json`);
    const { version, ...rest } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    assert.equal(version, 1);
    await writeFile(path, JSON.stringify(rest));
  }
  const writes = host.kernel.writes.length;
  assert.deepEqual(await host.geofence('refresh'), { exitCode: 0, stdout: '', stderr: '' });
  assert.equal(host.kernel.writes.length, writes, 'the same policy');
  assert.deepEqual(await host.geofence('rollback'), { exitCode: 0, stdout: '', stderr: '' });
  assert.equal(sorted(await host.state()), sorted(first));
  assert.equal((await host.geofence('status')).exitCode, 0);
});

/** What `status --json` says. */
const statusOf = (stdout: string): StatusReport => JSON.parse(stdout) as StatusReport;

for (const { name, text, reason } of [
  { name: 'a newer geofence wrote', text: '{"version":2}', reason: 'a newer geofence wrote it' },
  {
    name: 'names a country that there is no more',
    text: JSON.stringify({ settings: { allow: ['XX'] }, inForce: { allow: ['XX'] }, forced: [] }),
    reason: 'XX',
  },
]) {
  test(`a policy that ${name} is lost, until one is stated`, async (t) => {
    const host = await startFencedHost(t);
    const path = join(host.dir, 'cache', 'state', 'policy.json');
    await plantFile(path, text);
    const { exitCode, stdout } = await host.geofence('status', '--json');
    const [problem, ...more] = statusOf(stdout).problems;
    assert.equal(exitCode, 3);
    assert.ok(problem !== undefined);
    assert.ok(problem.message.startsWith(`the remembered policy "${path}" cannot be used: `));
    assert.ok(problem.message.includes(reason));
    assert.deepEqual(
      [problem.remedy, more.map(({ remedy }) => remedy)],
      [
        'geofence refresh --allow COUNTRIES, or geofence remove',
        ['geofence refresh --allow COUNTRIES, or geofence remove'],
      ],
    );
    const monitor = await host.geofence('status', '--check');
    assert.match(monitor.stdout, /^CRITICAL: drifted: the remembered policy ".*" cannot be used: /);
    const refused = await host.geofence('refresh');
    assert.match(refused.stderr, /hint: state the policy once more, escapes included/);
    assert.equal(refused.exitCode, 1);
    const stated = await host.geofence('refresh', '--allow', 'CA');
    assert.equal(stated.exitCode, 0);
    assert.equal((await host.geofence('status')).exitCode, 0);
  });
}

test('a lost policy is a problem of its own also where the configuration states one, and refresh heals it', async (t) => {
  const host = await startFencedHost(t);
  await host.configure('allow = "CA"\n');
  await host.geofence('refresh');
  await plantFile(join(host.dir, 'cache', 'state', 'policy.json'), '{');
  const { exitCode, stdout, stderr } = await host.geofence('status', '--json');
  assert.equal(exitCode, 3);
  assert.equal(stderr, '');
  assert.deepEqual(
    statusOf(stdout).problems.map(({ remedy }) => remedy),
    ['geofence refresh'],
  );
  assert.equal((await host.geofence('refresh')).exitCode, 0);
  assert.equal((await host.geofence('status')).exitCode, 0);
});

test('without any policy and any fence a lost policy is still no "none"', async (t) => {
  const host = await startFencedHost(t);
  await host.geofence('remove');
  await plantFile(join(host.dir, 'cache', 'state', 'policy.json'), '{');
  const { exitCode, stdout } = await host.geofence('status', '--json');
  assert.equal(exitCode, 3);
  assert.equal(statusOf(stdout).state, 'drifted');
});

test('StateFile writes nothing that it would not read again, and leaves what is there', async (t) => {
  const { policy: file } = new StateDir(await tempDir(t));
  await file.write(policy);
  await assert.rejects(file.write({ ...policy, forced: ['x'.repeat(2 ** 20)] }), {
    message: `Cannot write "${file.path}": it would have more than the 1.0 MiB that are read`,
  });
  assert.deepEqual((await file.load()).value?.forced, ['escape']);
});
