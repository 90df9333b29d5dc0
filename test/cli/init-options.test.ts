import assert from 'node:assert/strict';
import { readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { runCli } from '../helpers/cli.ts';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import { statedByUs } from '../helpers/own-files.ts';

const skip = await kernelSkip('nft');

const sources = 'sources = ["ipdeny"]\n';

const configOf = async (host: Host): Promise<string> => await readFile(host.config, 'utf8');

const fence = (line: string): string => `\
# The fence "main": whom it lets in or keeps out.
# "geofence init" writes the whole of this file: put no comments into it.

${line}
`;

const escapes = `\
# Addresses and networks that always get in.
# "geofence init" writes the whole of this file: put no comments into it.

[[escape]]
cidr = "192.0.2.7/32"
`;

const settings = (ipv6: boolean): string => `\
# Settings that "geofence init" was told.
# "geofence init" writes the whole of this file: put no comments into it.

# Whether IPv6 is fenced too; it stays open with false.
ipv6 = ${ipv6}

# The age in days from which zones are asked for again.
max_zone_age_days = 3.5
`;

const beside = async (host: Host, name: string): Promise<string> =>
  await readFile(join(dirname(host.config), name), 'utf8');

test('geofence init --yes does it all by options, without a terminal', { skip }, async (t) => {
  const host = await startHost(t);
  const { status, stdout, stderr } = await host.geofence(
    ['init', '--yes', '--deny', 'ru', '--ipv4-only'],
    ['ALLOWSUBNET=192.0.2.7', 'MAXZONEAGE=3.5'],
  );
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.match(stdout, /^policy +deny RU \(Russia\)\n[^]*\nIPv6 +not fenced[^]*\ndone +create set /);
  assert.match(
    stdout,
    /\nfiles +.*settings.toml is written\n +.*escapes.toml is written\n +.*main.toml is written\nschedule +nothing was installed\n$/,
  );
  assert.equal(await configOf(host), sources);
  assert.equal(await beside(host, 'fences.d/main.toml'), fence('deny = ["RU"]'));
  assert.equal(await beside(host, 'escapes.toml'), escapes);
  assert.equal(await beside(host, 'settings.toml'), settings(false));
  const healthy = await host.geofence(['status']);
  assert.match(healthy.stdout, /^policy +deny RU[^]*^stated +by .*\/fences\.d\/main\.toml$/m);
  assert.equal(healthy.status, 0);
  const again = await host.geofence(['init', '--yes', '--ipv6']);
  assert.match(again.stdout, /\nfiles +.*settings.toml is written\nschedule /);
  assert.equal(await beside(host, 'settings.toml'), settings(true));
  assert.match((await host.geofence(['init', '--yes'])).stdout, /\nfiles +stay as they are\n/);
});

test('geofence init --yes --json tells the same', { skip }, async (t) => {
  const host = await startHost(t);
  assert.equal((await host.geofence(['init', '--yes', '--allow', 'RU'])).status, 0);
  const { status, stdout } = await host.geofence(['init', '--yes', '--allow', 'CA', '--json']);
  assert.equal(status, 0);
  const { applied, changes, files, schedule, fences } = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(applied, true);
  const content = 'replace the content of set geofence-main-allow-4 (256 addresses in, 256 addresses out)';
  assert.ok(Array.isArray(changes) && changes.includes(content));
  assert.deepEqual(files, [
    {
      path: join(dirname(host.config), 'fences.d/main.toml'),
      changes: ['- allow = ["RU"]', '+ allow = ["CA"]'],
    },
  ]);
  assert.deepEqual(schedule, []);
  assert.ok(JSON.stringify(fences).includes('"sentence":"allow only CA (Canada)"'));
});

test('geofence init lets what it writes count, whatever the environment says', { skip }, async (t) => {
  const host = await startHost(t);
  const other = join(dirname(host.config), 'other');
  const folders = ['--cache-dir', other, '--state-dir', join(other, 'state')];
  const flags = ['--allow', 'CA', '--allow-subnet', '198.51.100.7', ...folders];
  const { status } = await host.geofence(['init', '--yes', ...flags], ['ALLOWSUBNET=203.0.113.7']);
  assert.equal(status, 0);
  assert.deepEqual(await statedByUs(host.config), {
    fence: ['allow = ["CA"]'],
    escapes: ['[[escape]]', 'cidr = "198.51.100.7/32"'],
    settings: [`cache_dir = "${other}"`, `state_dir = "${join(other, 'state')}"`],
  });
  await host.tool('ipset', 'test', 'geofence-main-allow-4', '198.51.100.7');
  await assert.rejects(host.tool('ipset', 'test', 'geofence-main-allow-4', '203.0.113.7'));
  await stat(join(other, 'state', 'policy.json'));
});

const byHand = `# of the gateway
${sources}allow = [
  "ca", # us
]
allow_subnets = "203.0.113.5" # the office
ipv6 = false
`;

for (const { name, args, reason, lines } of [
  {
    name: 'another policy',
    args: ['--deny', 'RU'],
    reason: 'fences.d/main.toml',
    lines: ['remove these lines:', '3: allow = [', '4:   "ca", # us', '5: ]'],
  },
  {
    name: 'an escape less',
    args: ['--allow-subnet', '192.0.2.9'],
    reason: 'escapes.toml',
    lines: ['take 203.0.113.5/32 out of this line:', '6: allow_subnets = "203.0.113.5" # the office'],
  },
  {
    name: 'another setting',
    args: ['--ipv6'],
    reason: 'settings.toml',
    lines: ['remove this line:', '7: ipv6 = false'],
  },
]) {
  test(`geofence init refuses ${name} than a person wrote, and prints the line`, { skip }, async (t) => {
    const host = await startHost(t);
    await host.configure(byHand);
    const before = await host.kernel();
    const { status, stderr } = await host.geofence(['init', '--yes', ...args]);
    const [first, ...rest] = lines;
    assert.equal(
      stderr,
      [
        `geofence: Cannot write "${join(dirname(host.config), reason)}": "${host.config}" says otherwise, and geofence does not edit that`,
        `  hint: ${first}`,
        ...rest.map((line) => `    ${host.config}:${line}`),
        '',
      ].join('\n'),
    );
    assert.equal(status, 2);
    assert.equal(await configOf(host), byHand);
    assert.deepEqual(await statedByUs(host.config), {});
    assert.equal(await host.kernel(), before);
  });
}

test('geofence init writes only what a person did not write already', { skip }, async (t) => {
  const host = await startHost(t);
  await host.configure(byHand);
  const { stdout, status } = await host.geofence(['init', '--yes', '--allow', 'CA']);
  assert.match(stdout, /\nfiles +stay as they are\n/);
  assert.equal(status, 0);
  assert.deepEqual(await statedByUs(host.config), {});
  const more = ['--allow-subnet', '203.0.113.5,203.0.113.9', '--log-drops'];
  assert.equal((await host.geofence(['init', '--yes', ...more])).status, 0);
  assert.deepEqual(await statedByUs(host.config), {
    escapes: ['[[escape]]', 'cidr = "203.0.113.9/32"'],
    settings: ['log_drops = true'],
  });
  assert.equal(await configOf(host), byHand);
  for (const address of ['203.0.113.5', '203.0.113.9'])
    await host.tool('ipset', 'test', 'geofence-main-allow-4', address);
});

test('geofence init keeps notes and ends of escapes, and forgets those that ended', { skip }, async (t) => {
  const host = await startHost(t);
  await writeFile(
    join(dirname(host.config), 'escapes.toml'),
    '[[escape]]\ncidr = "203.0.113.9"\nnote = "the \\"office\\""\nuntil = 2999-01-01T00:00:00+01:00\n[[escape]]\ncidr = "203.0.113.8"\nuntil = "2020-01-01T00:00:00Z"\n',
  );
  assert.equal((await host.geofence(['init', '--yes', '--allow', 'CA'])).status, 0);
  await host.tool('ipset', 'test', 'geofence-main-allow-4', '203.0.113.9');
  await assert.rejects(host.tool('ipset', 'test', 'geofence-main-allow-4', '203.0.113.8'), 'it has ended');
  assert.deepEqual((await statedByUs(host.config))['escapes']?.length, 7, 'and nothing else was wanted');
  const more = ['--allow-subnet', '203.0.113.9 2001:db8::/32'];
  assert.equal((await host.geofence(['init', '--yes', ...more])).status, 0);
  assert.deepEqual((await statedByUs(host.config))['escapes'], [
    '[[escape]]',
    'cidr = "203.0.113.9"',
    String.raw`note = "the \"office\""`,
    'until = "2998-12-31T23:00:00.000Z"',
    '[[escape]]',
    'cidr = "2001:db8::/32"',
  ]);
  assert.equal((await host.geofence(['init', '--yes', '--allow-subnet', ''])).status, 0);
  assert.deepEqual(await statedByUs(host.config), { fence: ['allow = ["CA"]'] });
});

test('geofence init --yes --confirm leaves the trial to its timer', { skip }, async (t) => {
  const host = await startHost(t);
  const { status, stdout } = await host.geofence(['init', '--yes', '--allow', 'CA', '--confirm', '60']);
  assert.equal(status, 0);
  assert.match(stdout, /\nconfirm +within 60 seconds, or it is taken back: geofence confirm\n/);
  assert.equal((await host.geofence(['init', '--yes', '--deny', 'RU'])).status, 4, 'one at a time');
  assert.equal((await host.geofence(['rollback'])).status, 0);
  const weekly = await host.geofence(['refresh']);
  assert.match(weekly.stderr, /\(guard unconfirmed\)/);
  assert.equal(weekly.status, 4);
});

test('geofence init --dry-run shows file and plan, and writes nothing', { skip }, async (t) => {
  const host = await startHost(t);
  await rm(host.config);
  const before = await host.kernel();
  const { status, stdout } = await host.geofence(['init', '--yes', '--dry-run', '--allow', 'CA']);
  assert.equal(status, 0);
  assert.match(
    stdout,
    /^Policy: allow only CA \(Canada\), for IPv4 and IPv6; local addresses always get\nin\.\n\nNew file /,
  );
  assert.match(
    stdout,
    /\n\nNew file [^:]*main\.toml:\n[^:]*: [^:]*: [^]*\n\+ allow = \["CA"\]\n\npolicy +allow only CA/,
  );
  assert.match(stdout, /\nto do +create set geofence-main-allow-4 /);
  await assert.rejects(stat(host.config));
  assert.deepEqual(await statedByUs(host.config), {});
  assert.equal(await host.kernel(), before);
});

test('geofence init makes the folder of the files, with files for everybody to read', { skip }, async (t) => {
  const host = await startHost(t);
  const path = join(dirname(host.config), 'etc', 'geofence', 'geofence.toml');
  const { status } = await host.geofence(['init', '--yes', '--config', path, '--allow', 'CA']);
  assert.equal(status, 0);
  const folder = join(dirname(path), 'fences.d');
  for (const made of [dirname(path), folder]) assert.equal((await stat(made)).mode & 0o777, 0o755);
  assert.equal((await stat(join(folder, 'main.toml'))).mode & 0o777, 0o644);
  assert.equal((await host.geofence(['refresh', '--config', path])).status, 0);
});

test(
  'geofence init leaves everything as it was when a guard refuses or no zone can be had',
  { skip },
  async (t) => {
    const host = await startHost(t);
    const before = await host.kernel();
    const ssh = 'SSH_CONNECTION=203.0.113.5 50022 192.0.2.1 22';
    const refused = await host.geofence(['init', '--yes', '--allow', 'CA'], [ssh]);
    assert.match(
      refused.stderr,
      /your own SSH session is from 203\.0\.113\.5, which could not come in again/,
    );
    assert.equal(refused.status, 4);
    const failed = await host.geofence(['init', '--yes', '--allow', 'DE']);
    assert.match(failed.stderr, /Cannot get zone DE/);
    assert.equal(failed.status, 1);
    assert.deepEqual(await statedByUs(host.config), {});
    assert.equal(await host.kernel(), before);
    assert.equal(
      (await host.geofence(['init', '--yes', '--allow', 'CA', '--force', 'ssh-peer'], [ssh])).status,
      0,
    );
  },
);

test('geofence init takes its files away when the kernel refuses what was planned', { skip }, async (t) => {
  const host = await startHost(t);
  // A set of our name and another type cannot be replaced while somebody's rule looks at it.
  await host.tool('ipset', 'create', 'geofence-main-allow-4', 'hash:ip');
  const match = ['-m', 'set', '--match-set', 'geofence-main-allow-4', 'dst'];
  await host.tool('iptables', '-t', 'mangle', '-A', 'FORWARD', ...match);
  const before = await host.kernel();
  const { status, stderr } = await host.geofence(['init', '--yes', '--allow', 'CA']);
  assert.match(stderr, /Cannot apply the fence/);
  assert.equal(status, 1);
  assert.deepEqual(await statedByUs(host.config), {});
  await assert.rejects(stat(join(dirname(host.config), 'fences.d')));
  assert.equal(await host.kernel(), before);
});

test('geofence init does not follow a link', { skip }, async (t) => {
  const host = await startHost(t);
  const target = join(dirname(host.config), 'elsewhere.toml');
  await writeFile(target, 'log_drops = true\n');
  await symlink(target, join(dirname(host.config), 'settings.toml'));
  const linked = await host.geofence(['init', '--yes', '--allow', 'CA', '--ipv4-only']);
  assert.match(linked.stderr, /Cannot read ".*settings.toml": it is a symbolic link\n/);
  assert.equal(linked.status, 1);
  assert.equal(await readFile(target, 'utf8'), 'log_drops = true\n');
});

for (const { name, args, stderr } of [
  {
    name: 'without a terminal and without --yes',
    args: ['init', '--allow', 'CA'],
    stderr:
      /^geofence: Cannot ask anything: there is no terminal\n {2}hint: .* geofence init --yes --allow CA /,
  },
  {
    name: 'without any policy',
    args: ['init', '--yes', '--dry-run'],
    stderr: /Cannot tell whom to let in/,
  },
  {
    name: 'a schedule for a change on trial',
    args: ['init', '--yes', '--allow', 'CA', '--confirm', '60', '--schedule', 'auto'],
    stderr: /Cannot use --schedule with --yes and --confirm: /,
  },
  {
    name: 'a schedule that would read another file',
    args: ['init', '--yes', '--allow', 'CA', '--config', '/nonexistent/x', '--schedule', 'cron', '--dry-run'],
    stderr:
      /Cannot use --schedule "cron": its runs would read \/etc\/geofence\/geofence\.toml, and the policy is in "/,
  },
  {
    name: 'an unknown schedule',
    args: ['init', '--schedule', 'daily'],
    stderr:
      /option '--schedule <how>' argument 'daily' is invalid\. Allowed choices are auto, systemd, cron, none/,
  },
  {
    name: 'both answers about IPv6',
    args: ['init', '--ipv6', '--ipv4-only'],
    stderr: /option '--ipv6' cannot be used with option '--ipv4-only'/,
  },
]) {
  test(`geofence init refuses ${name}`, async () => {
    const result = await runCli(args, { GEOFENCE_CACHE_DIR: '/nonexistent/cache' });
    assert.match(result.stderr, stderr);
    assert.equal(result.exitCode, 2);
    assert.equal(result.stdout, '');
  });
}
