import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import type { FenceList } from '../../src/report/fence-list.ts';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';
import { addRu, addWeb, filesOf, shown, startThreeFences } from '../helpers/three-fences.ts';

const fileOf = (name: string, statements: string): string => `\
# The fence "${name}".
# "geofence fence" writes the whole of this file: put no comments into it.

${statements}
`;

const setsOf = async ({ kernel }: FencedHost): Promise<string> =>
  (await kernel.meddle('ipset', ['list', '-n'])).stdout.toString();

/** In place of the timer of a trial. */
const nobody = (): Promise<void> => Promise.resolve();

const inTwoMinutes = (): number => Date.now() + 120_000;
const inEightDays = (): number => Date.now() + 8 * 24 * 3600 * 1000;

test('geofence fence list tells each fence, where it is stated, and who gets in where', async (t) => {
  const host = await startFencedHost(t);
  const list = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await host.geofence('fence', 'list', ...args);
    assert.deepEqual([exitCode, stderr], [0, '']);
    return shown(host, stdout);
  };
  assert.equal(await list(), 'main  allow only CA (Canada)\n      from the last refresh\n');
  await host.geofence(...addWeb, '--description', 'for all the world');
  await host.geofence(...addRu, '--preview');
  assert.equal(
    await list(),
    `\
main  allow only CA (Canada)
      from the last refresh
ru    deny RU (Russia) to tcp/22, tcp/80, as a preview: it only counts
      from /etc/geofence/fences.d/ru.toml
web   allow everybody to tcp/80, tcp/443, udp/443
      for all the world
      from /etc/geofence/fences.d/web.toml
who   tcp/22: only CA (Canada); ru only counts
      tcp/80: everybody; ru only counts
      tcp/443, udp/443: everybody
      everything else: only CA (Canada)
`,
  );
  const { fences, access } = JSON.parse(await list('--json')) as FenceList;
  assert.deepEqual(
    fences.map(({ name, preview, description }) => ({ name, preview, description })),
    [
      { name: 'main', preview: false, description: undefined },
      { name: 'ru', preview: true, description: undefined },
      { name: 'web', preview: false, description: 'for all the world' },
    ],
  );
  assert.deepEqual(access[2], { way: 'tcp/443, udp/443', who: 'everybody', owner: 'web' });
});

test('geofence fence list of no policy says that everybody gets in', async (t) => {
  const host = await startFencedHost(t);
  await host.geofence('remove');
  assert.equal((await host.geofence('fence', 'list')).stdout, 'fences  none: everybody gets in\n');
});

test('geofence fence add --dry-run shows file and plan, and writes nothing', async (t) => {
  const host = await startFencedHost(t);
  const before = [await host.state(), await readdir(host.dir)];
  const { exitCode, stdout, stderr } = await host.geofence(...addWeb, '--dry-run');
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.match(
    shown(host, stdout),
    /^file {2}\/etc\/geofence\/fences\.d\/web\.toml\n {6}\+ # The fence "web"\.\n[^]*\n {6}\+ allow = \["\*"\]\n {6}\+ ports = \["web"\]\npolicy +allow only CA \(Canada\)\n/,
  );
  assert.match(
    stdout,
    /\nwho +tcp\/80, tcp\/443, udp\/443: everybody\n +everything else: only CA \(Canada\)\ngets in +tcp\/80, tcp\/443, udp\/443, IPv4: /,
  );
  assert.match(stdout, /\nto do +replace the IPv4 rules\n/);
  assert.deepEqual([await host.state(), await readdir(host.dir)], before);
});

/** Nothing, or that the fence "main" lets nobody in whom "ru" keeps out. */
const idleDenial = /^(?:geofence: warning: fence "ru" keeps nobody out: [^\n]+\n)?$/;

test('geofence fence add without a terminal writes the file, puts it in force and says so', async (t) => {
  const host = await startFencedHost(t);
  const { exitCode, stdout, stderr } = await host.geofence(...addRu);
  assert.equal(exitCode, 0);
  assert.match(stderr, idleDenial);
  assert.match(
    shown(host, stdout),
    /\npolicy +ru: deny RU \(Russia\) to tcp\/22, tcp\/80\n[^]*\ndone +create set geofence-ru-deny-4 with 3 networks\n[^]*\nfile +\/etc\/geofence\/fences\.d\/ru\.toml is written\n$/,
  );
  assert.deepEqual(await filesOf(host), {
    'ru.toml': fileOf('ru', 'deny = ["ru"]\nports = ["ssh", "tcp/80"]'),
  });
  assert.equal((await host.geofence('status')).exitCode, 0);
  const { stdout: json } = await host.geofence(...addWeb, '--json');
  const { applied, file } = JSON.parse(json) as { applied: boolean; file: { path: string } };
  assert.deepEqual([applied, shown(host, file.path)], [true, '/etc/geofence/fences.d/web.toml']);
});

test('geofence fence set changes only what is given, and --enforce ends a preview', async (t) => {
  const host = await startFencedHost(t);
  const textAfter = async (...args: string[]): Promise<string | undefined> => {
    const { exitCode, stderr } = await host.geofence(...args);
    assert.equal(exitCode, 0);
    assert.match(stderr, idleDenial);
    return (await filesOf(host))['ru.toml'];
  };
  const ports = 'ports = ["ssh", "tcp/80"]';
  const more = 'preview = true\nlog = true\ndescription = "noise"';
  assert.equal(
    await textAfter(...addRu, '--preview', '--log-drops', '--description', 'noise'),
    fileOf('ru', `deny = ["ru"]\n${ports}\n${more}`),
  );
  const set = ['fence', 'set', 'ru'];
  assert.equal(
    await textAfter(...set, '--interfaces', 'eth0'),
    fileOf('ru', `deny = ["ru"]\n${ports}\ninterfaces = ["eth0"]\n${more}`),
  );
  assert.equal(
    await textAfter(...set, '--enforce', '--ports', 'tcp/22'),
    fileOf(
      'ru',
      'deny = ["ru"]\nports = ["tcp/22"]\ninterfaces = ["eth0"]\nlog = true\ndescription = "noise"',
    ),
  );
  // Whom it was for goes with the other mode.
  assert.match((await textAfter(...set, '--allow', 'RU')) ?? '', /\n\nallow = \["RU"\]\nports/);
  assert.match(
    (await host.geofence('fence', 'list')).stdout,
    /\nru +allow only RU \(Russia\) to tcp\/22 on eth0\n/,
  );
});

test('geofence fence set to what is so anyway changes nothing, and says so', async (t) => {
  const host = await startThreeFences(t);
  const before = [await filesOf(host), await host.state()];
  for (const given of [[], ['--ports', 'ssh,tcp/80']]) {
    const { exitCode, stdout, stderr } = await host.geofence('fence', 'set', 'ru', ...given);
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.match(
      stdout,
      /\ndone +nothing, the fence is as it should be\nfile +\S+ru\.toml stays as it is\n$/,
    );
  }
  assert.deepEqual([await filesOf(host), await host.state()], before);
});

test('geofence fence remove takes the file away at once, and its sets when no saved rules can name them', async (t) => {
  const host = await startThreeFences(t);
  const { exitCode, stdout, stderr } = await host.geofence('fence', 'remove', 'ru');
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.match(shown(host, stdout), /\nfile +\/etc\/geofence\/fences\.d\/ru\.toml is removed\n$/);
  assert.deepEqual(Object.keys(await filesOf(host)), ['web.toml']);
  const rules = await host.kernel.meddle('iptables-save', ['-c', '-t', 'mangle']);
  assert.doesNotMatch(rules.stdout.toString(), /geofence-ru|GEOFENCE-DROP-ru/);
  assert.equal((await host.geofence('status')).exitCode, 0);
  assert.equal((await host.call(['refresh'], { now: inEightDays })).exitCode, 0);
  assert.doesNotMatch(await setsOf(host), /geofence-ru/);
});

test('geofence remove and status name the file of a further fence, where nothing else states a policy', async (t) => {
  const host = await startThreeFences(t);
  const { exitCode, stderr } = await host.geofence('remove');
  assert.equal(
    shown(host, stderr),
    'geofence: warning: "/etc/geofence/fences.d/ru.toml" still states a policy: the next refresh or restore puts the fence back\n',
  );
  assert.equal(exitCode, 0);
  assert.equal((await host.geofence('refresh')).exitCode, 0);
  const { stdout, exitCode: health } = await host.geofence('status');
  assert.match(shown(host, stdout), /\nstated +by 2 files in \/etc\/geofence\/fences\.d\n/);
  assert.equal(health, 0);
});

test('a fence whose trial nobody confirmed is not put in force by the next run', async (t) => {
  const host = await startFencedHost(t);
  const before = await host.state();
  const added = await host.call([...addWeb, '--confirm', '60'], { startDetached: nobody });
  assert.equal(added.exitCode, 0, added.stderr);
  const check = await host.call(['check', '203.0.113.1', '--port', 'tcp/443'], { now: inTwoMinutes });
  assert.match(check.stdout, /^203\.0\.113\.1 +is dropped\n/);
  const { exitCode, stderr } = await host.call(['refresh'], { now: inTwoMinutes });
  assert.match(stderr, /this policy was taken back, for nobody confirmed it until \S+ \(guard unconfirmed\)/);
  assert.equal(exitCode, 4);
  assert.equal((await host.call(['restore'], { now: inTwoMinutes })).exitCode, 0);
  assert.equal(await host.state(), before);
  // Without the fence things are as they were before.
  assert.equal((await host.call(['fence', 'remove', 'web'], { now: inTwoMinutes })).exitCode, 0);
  assert.equal(await host.state(), before);
});
