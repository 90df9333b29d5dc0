import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { restoreArgs } from '../../src/firewall/ipset/tool-names.ts';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';
import type { InProcessOptions } from '../helpers/in-process.ts';
import type { StatusReport } from '../../src/report/status.ts';
import { violationsOf } from '../helpers/json-schema.ts';

const DAY = 24 * 3600 * 1000;

const schema = JSON.parse(await readFile('src/report/status.schema.json', 'utf8')) as Record<string, unknown>;

/** What `status --json` says; as the schema describes it, and with the exit code it names. */
async function reportOf(host: FencedHost, options: Partial<InProcessOptions> = {}): Promise<StatusReport> {
  const { exitCode, stdout } = await host.call(['status', '--json'], options);
  const report = JSON.parse(stdout) as StatusReport;
  assert.deepEqual(violationsOf(report, schema), []);
  assert.equal(exitCode, report.ok ? 0 : 3);
  const page = await host.call(['status'], options);
  assert.ok(page.stdout.startsWith('state '), page.stdout);
  for (const line of page.stdout.split('\n')) assert.ok(line.length <= 80, line);
  return report;
}

test('geofence status of a good fence', async (t) => {
  const host = await startFencedHost(t);
  const report = await reportOf(host);
  assert.equal(report.state, 'up');
  assert.equal(report.policy, 'allow only CA (Canada); local addresses always get in');
  assert.deepEqual(
    report.families.map(({ family, coverage }) => [family, coverage]),
    [
      ['ipv4', 'fenced'],
      ['ipv6', 'fenced'],
    ],
  );
});

test('geofence status --check is one line for a monitor, with the exit code', async (t) => {
  const host = await startFencedHost(t);
  const up = await host.geofence('status', '--check');
  assert.match(up.stdout, /^OK: allow only CA \(Canada\), zones \d seconds? old, 0 packets dropped\n$/);
  assert.deepEqual([up.exitCode, up.stderr], [0, '']);
  const late = await host.call(['status', '--check'], { now: () => Date.now() + 8 * DAY });
  assert.match(
    late.stdout,
    /^WARNING: stale: allow only CA \(Canada\): zone CA IPv[46] is 8 days old \(limit: 6 days and one of grace\), and 1 more zone too old\n$/,
  );
  assert.equal(late.exitCode, 3);
  await host.kernel.meddle(
    'iptables-restore',
    restoreArgs,
    '*mangle\n-D PREROUTING ! -i lo -m conntrack ! --ctstate RELATED,ESTABLISHED -m set ! --match-set geofence-main-allow-4 src -j GEOFENCE\nCOMMIT\n',
  );
  assert.deepEqual(await host.geofence('status', '--check'), {
    exitCode: 3,
    stdout: 'CRITICAL: down: allow only CA (Canada): nothing leads to the IPv4 rules: nothing is fenced\n',
    stderr: '',
  });
  await host.geofence('remove');
  assert.equal((await host.geofence('status')).exitCode, 0);
  assert.deepEqual(await host.geofence('status', '--check'), {
    exitCode: 3,
    stdout: 'CRITICAL: no policy and no fence, everybody gets in\n',
    stderr: '',
  });
});

const remediesOf = ({ problems }: StatusReport): string[][] =>
  problems.map(({ kind, message, remedy }) => [kind, message, remedy]);

test('geofence status says what is wrong and what to do', async (t) => {
  const host = await startFencedHost(t);
  await host.kernel.meddle('ipset', ['restore'], 'flush geofence-main-allow-6\n');
  const drifted = await reportOf(host);
  assert.equal(drifted.state, 'drifted');
  assert.deepEqual(remediesOf(drifted), [
    [
      'drifted',
      'set geofence-main-allow-6 holds other addresses (0 networks too many, 7 networks missing)',
      'geofence restore',
    ],
  ]);
  assert.deepEqual(
    drifted.families.map(({ coverage }) => coverage),
    ['fenced', 'doubtful'],
  );

  await host.geofence('fetch', '--deny', 'RU');
  await host.configure('deny = "RU"\n');
  const restated = await reportOf(host);
  assert.ok(
    restated.problems.every(({ remedy }) => remedy === 'geofence refresh'),
    'guards are to be asked',
  );

  assert.notEqual(restated.problems.length, 0);

  await host.configure('');
  await host.forgetZones();
  const forgotten = await reportOf(host);
  assert.deepEqual(remediesOf(forgotten), [
    ['stale', 'zone CA IPv4 cannot be used: it is not in the cache (and 1 more zone)', 'geofence refresh'],
  ]);
  assert.equal(forgotten.state, 'stale');

  await host.geofence('refresh');
  const path = join(host.dir, 'cache', 'state', 'policy.json');
  await writeFile(path, '{"settings":{},"inForce":{},"forced":[]}');
  const orphaned = await reportOf(host);
  assert.deepEqual(remediesOf(orphaned), [
    [
      'drifted',
      'there is a fence, but no policy says what it should be',
      'geofence refresh --allow COUNTRIES, or geofence remove',
    ],
  ]);
});

test('geofence status is stale a day after zones are due, and when the clock was set back', async (t) => {
  const host = await startFencedHost(t);
  const state = async (days: number): Promise<string> =>
    (await reportOf(host, { now: () => Date.now() + days * DAY })).state;
  assert.equal(await state(6.9), 'up');
  assert.equal(await state(7.1), 'stale');
  assert.equal(await state(-1), 'stale');
});

const forwards = { '/proc/sys/net/ipv4/ip_forward': '1\n', '/proc/sys/net/ipv6/conf/all/forwarding': '1\n' };

for (const { args, files, warns } of [
  { args: ['--allow', 'CA', '--no-local'], files: forwards, warns: ['IPv4', 'IPv6'] },
  {
    args: ['--allow', 'CA', '--no-local'],
    files: { ...forwards, '/proc/sys/net/ipv6/conf/all/forwarding': '0\n' },
    warns: ['IPv4'],
  },
  { args: ['--allow', 'CA', '--no-local'], files: {}, warns: [] },
  { args: ['--allow', 'CA', '--no-local', '--allow-subnet', '10.0.0.0/8'], files: forwards, warns: ['IPv6'] },
  {
    args: ['--allow', 'CA', '--no-local', '--allow-subnet', '203.0.113.0/24'],
    files: forwards,
    warns: ['IPv4', 'IPv6'],
  },
  { args: ['--allow', 'CA'], files: forwards, warns: [] },
  { args: ['--deny', 'RU', '--no-local'], files: forwards, warns: [] },
  { args: ['--allow', 'CA', '--no-local', '--ipv4-only'], files: forwards, warns: ['IPv4'] },
]) {
  const facts = `${
    Object.values(files)
      .map((text) => text.trim())
      .join(' ') || 'nothing'
  } forwarded`;
  test(`geofence status ${args.join(' ')}, ${facts}: ${warns.join(' and ') || 'no'} warning`, async (t) => {
    const host = await startFencedHost(t);
    assert.equal((await host.geofence('refresh', ...args)).exitCode, 0);
    const { warnings, ok } = await reportOf(host, { files });
    assert.deepEqual(
      warnings.map(({ message }) => /^this host forwards (\w+), and --no-local drops/.exec(message)?.[1]),
      warns,
    );
    assert.equal(ok, true, 'a warning is no problem');
  });
}

/** A table of /proc/net/tcp with sockets that listen: port in hexadecimal, and inode. */
const listening = (...sockets: [port: string, inode: number][]): string =>
  `header\n${sockets.map(([port, inode]) => `   0: 00000000:${port} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 ${inode}\n`).join('')}`;

const sshd = {
  '/proc/77/comm': 'sshd\n',
  '/proc/77/cmdline': 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups',
  '/proc/77/fd/0': '/dev/null',
  '/proc/77/fd/3': 'socket:[1234]',
};

for (const { name, settings, files, warns } of [
  {
    name: 'ssh_ports, where something listens',
    settings: 'ssh_ports = [22]',
    files: { '/proc/net/tcp': listening(['0016', 9]) },
    warns: [],
  },
  {
    name: 'ssh_ports, one of which is silent',
    settings: 'ssh_ports = [22, 2222]',
    files: { '/proc/net/tcp6': listening(['0016', 9]) },
    warns: ['nothing listens on TCP port 2222, where sshd should by ssh_ports'],
  },
  { name: 'no sshd at all', settings: '', files: { '/etc/ssh/sshd_config': 'Port 2222\n' }, warns: [] },
  {
    name: 'sshd_config as sshd has it',
    settings: '',
    files: { ...sshd, '/proc/net/tcp': listening(['08AE', 1234]), '/etc/ssh/sshd_config': 'Port 2222\n' },
    warns: [],
  },
  {
    name: 'a port in sshd_config that sshd was not restarted for',
    settings: '',
    files: {
      ...sshd,
      '/proc/net/tcp': listening(['0016', 1234]),
      '/etc/ssh/sshd_config': '#Port 22\nInclude /etc/ssh/sshd_config.d/*.conf\n',
      '/etc/ssh/sshd_config.d/port.conf': 'Port 2222\n',
    },
    warns: ['nothing listens on TCP port 2222, where sshd should by /etc/ssh/sshd_config'],
  },
])
  test(`geofence status of ${name}: ${warns.length === 0 ? 'no' : 'a'} warning`, async (t) => {
    const host = await startFencedHost(t);
    await host.configure(`${settings}\n`);
    const { warnings } = await reportOf(host, { files });
    assert.deepEqual(
      warnings.map(({ message }) => message),
      warns,
    );
  });

test('geofence status tells a kernel without IPv6 from a policy that leaves it open', async (t) => {
  const host = await startFencedHost(t);
  await host.configure('ipv6 = false\n');
  await host.geofence('refresh');
  const open = await reportOf(host);
  assert.match(open.policy ?? '', /; IPv6 is left open$/);
  assert.equal(open.families[1]?.coverage, 'open');
  const absent = await reportOf(host, { hasIPv6: false });
  assert.match(absent.policy ?? '', /; the kernel has no IPv6$/);
  assert.equal(absent.families[1]?.coverage, 'absent');
});

const enabled = '/etc/systemd/system/timers.target.wants/geofence-refresh.timer';
const unit = '[Timer]\nOnCalendar=weekly\nRandomizedDelaySec=6h\n';
const stamp = '/var/lib/systemd/timers/stamp-geofence-refresh.timer';
const job = { '/etc/cron.weekly/geofence': '#!/bin/sh\n' };
const crontab = `17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly
47 6\t* * 7\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.weekly; }
`;
/** A Friday, by the clock on the wall. */
const friday = new Date(2026, 10, 20, 10, 30).getTime();
const wall = (...time: [number, number, number, number?, number?]): string => new Date(...time).toISOString();

for (const { name, files, want } of [
  { name: 'nothing', files: {}, want: undefined },
  { name: 'a timer that nobody starts', files: { [enabled]: unit }, want: undefined },
  {
    name: 'a timer',
    files: { [enabled]: unit, '/run/systemd/system': 1, [stamp]: new Date(2026, 10, 16, 2, 13).getTime() },
    want: { by: 'geofence-refresh.timer', nextRun: wall(2026, 10, 23) },
  },
  {
    name: 'a timer whose delay is not over',
    files: { [enabled]: unit, '/run/systemd/system': 1, [stamp]: new Date(2026, 10, 10).getTime() },
    want: { by: 'geofence-refresh.timer', nextRun: wall(2026, 10, 16) },
  },
  {
    name: 'a timer that never ran',
    files: { [enabled]: unit, '/run/systemd/system': 1 },
    want: { by: 'geofence-refresh.timer', nextRun: wall(2026, 10, 23) },
  },
  {
    name: 'a timer of their own',
    files: { [enabled]: unit.replace('weekly', 'Mon,Thu 03:00'), '/run/systemd/system': 1 },
    want: { by: 'geofence-refresh.timer', calendar: 'Mon,Thu 03:00' },
  },
  { name: 'a job', files: job, want: { by: '/etc/cron.weekly/geofence' } },
  {
    name: 'a job of cron',
    files: { ...job, '/etc/crontab': crontab },
    want: { by: '/etc/cron.weekly/geofence', nextRun: wall(2026, 10, 22, 6, 47) },
  },
  {
    name: 'a job of anacron',
    files: { ...job, '/etc/crontab': crontab, '/var/spool/anacron/cron.weekly': '20261118\n' },
    want: { by: '/etc/cron.weekly/geofence', nextRun: wall(2026, 10, 25) },
  },
]) {
  test(`geofence status finds ${name} that runs it by itself`, async (t) => {
    const host = await startFencedHost(t);
    assert.deepEqual((await reportOf(host, { files, now: () => friday })).schedule, want);
  });
}

/** A table of /proc/net with one socket. */
const socket = (address: string, state: string): string =>
  `header\n   0: ${address} 00000000:0000 ${state} 00000000:00000000\n`;

test('geofence status lists the ports that wait, and whether they are fenced', async (t) => {
  const host = await startFencedHost(t);
  const files = {
    '/proc/net/tcp': socket('00000000:0016', '0A'),
    '/proc/net/tcp6': socket(`${'00000000'.repeat(4)}:0050`, '0A'),
    '/proc/net/udp': socket('00000000:0035', '07'),
    '/proc/net/udp6': socket(`${'00000000'.repeat(4)}:0202`, '07'),
  };
  await host.configure('ipv6 = false\n');
  await host.geofence('refresh');
  const { listeners } = await reportOf(host, { files });
  assert.deepEqual(
    listeners.map(({ protocol, port, family, fenced }) => `${protocol} ${port} ${family} ${fenced}`),
    [
      'tcp 22 ipv4 true',
      'tcp 80 ipv4 true',
      'tcp 80 ipv6 false',
      'udp 53 ipv4 true',
      'udp 514 ipv4 true',
      'udp 514 ipv6 false',
    ],
  );
});

test('geofence status is coloured on a terminal, and only there', async (t) => {
  const host = await startFencedHost(t);
  const page = async (options: Partial<InProcessOptions>): Promise<string> =>
    (await host.call(['status'], options)).stdout;
  const plain = await page({});
  assert.equal(stripVTControlCharacters(plain), plain);
  const coloured = await page({ isTTY: true });
  assert.match(coloured, /^state +.\[1;32mup: .*\[0m\n/);
  assert.equal(stripVTControlCharacters(coloured), plain);
  assert.equal(await page({ isTTY: true, env: { NO_COLOR: '1' } }), plain);
  assert.equal(await page({ isTTY: true, env: { TERM: 'dumb' } }), plain);
  for (const option of ['--json', '--check']) {
    const { stdout } = await host.call(['status', option], { isTTY: true });
    assert.equal(stripVTControlCharacters(stdout), stdout);
  }
});

/** What listens on 0.0.0.0: in hexadecimal. */
const listenersOn = (...ports: readonly number[]): string =>
  ports
    .map((port, i) => {
      const hex = port.toString(16).toUpperCase().padStart(4, '0');
      return ` ${i}: 00000000:${hex} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1${i} 1\n`;
    })
    .join('');

test('geofence status tells of each port whose it is, and who gets in', async (t) => {
  const host = await startFencedHost(t);
  await host.configure(
    'allow = "RU"\n[[fence]]\nname = "ssh"\nallow = "CA"\nports = ["tcp/22"]\n[[fence]]\nname = "web"\nallow = "*"\nports = ["tcp/80"]\n',
  );
  const refreshed = await host.geofence('refresh');
  assert.equal(refreshed.exitCode, 0, refreshed.stderr);
  const files = { '/proc/net/tcp': `header\n${listenersOn(22, 80, 25)}` };
  const report = await reportOf(host, { files });
  assert.deepEqual(
    report.listeners.map(({ port, owner, who, fenced }) => [port, owner, who, fenced]),
    [
      [22, 'ssh', 'only CA (Canada)', true],
      [25, 'main', 'only RU (Russia)', true],
      [80, 'web', 'everybody', true],
    ],
  );
  const { stdout } = await host.call(['status'], { files });
  assert.match(
    stdout,
    /\nports +tcp\/22 ssh over IPv4: only CA \(Canada\)\n +tcp\/25 over IPv4: only RU \(Russia\)\n +tcp\/80 web over IPv4: everybody\n/,
  );
});

test('geofence status of nothing but previews is "preview", and no problem', async (t) => {
  const host = await startFencedHost(t);
  await host.configure('[[fence]]\nname = "ssh"\nallow = "CA"\nports = ["tcp/22"]\npreview = true\n');
  // What the last refresh was told holds beside it.
  await host.geofence('remove');
  const refreshed = await host.geofence('refresh');
  assert.equal(refreshed.exitCode, 0, refreshed.stderr);
  const report = await reportOf(host);
  assert.equal(report.state, 'preview');
  assert.deepEqual(report.counted, [{ fence: 'ssh', preview: true, count: { packets: 0, bytes: 0 } }]);
  const { stdout } = await host.geofence('status');
  assert.match(stdout, /^state +preview: nothing is dropped: fences only count what they would drop\n/);
  assert.match(stdout, /\n +ssh would have dropped 0 packets \(0 B\)\n/);
  assert.match(stdout, /\ncovers +nothing yet, fences only count\n/);
  const line = await host.geofence('status', '--check');
  assert.equal(line.exitCode, 0);
  assert.match(line.stdout, /^OK: ssh: .* \(preview\), nothing is dropped yet, /);
});
