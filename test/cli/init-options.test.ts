import assert from 'node:assert/strict';
import { readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { runCli } from '../helpers/cli.ts';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft');

const sources = 'sources = ["ipdeny"]\n';

const configOf = async (host: Host): Promise<string> => await readFile(host.config, 'utf8');

const edited = `${sources}
# "allow": only these countries get in; "deny": these do not. One of the two.
deny = ["RU"]

# Addresses and networks that always get in.
allow_subnets = ["192.0.2.7/32"]

# Whether IPv6 is fenced too; it stays open with false.
ipv6 = false

# From which age on zones are asked for again.
max_zone_age_days = 3.5
`;
const options = ['--deny', 'ru', '--ipv4-only'];

test('geofence init --yes does it all by options, without a terminal', { skip }, async (t) => {
  const host = await startHost(t);
  const { status, stdout, stderr } = await host.geofence(
    ['init', '--yes', ...options],
    ['ALLOWSUBNET=192.0.2.7', 'MAXZONEAGE=3.5'],
  );
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.match(stdout, /^policy +deny RU \(Russia\)\n[^]*\nIPv6 +not fenced[^]*\ndone +create set /);
  assert.match(stdout, /\nfile +.*geofence.toml is written\nschedule +nothing was installed\n$/);
  assert.equal(await configOf(host), edited);
  const healthy = await host.geofence(['status']);
  assert.match(healthy.stdout, /^policy +deny RU/m);
  assert.equal(healthy.status, 0);
  assert.equal((await host.geofence(['init', '--yes', '--ipv6'])).status, 0);
  assert.equal(await configOf(host), edited.replace('ipv6 = false', 'ipv6 = true'));
});

test('geofence init --yes --json tells the same', { skip }, async (t) => {
  const host = await startHost(t);
  await host.configure(`${sources}allow = ["RU"]\n`);
  const { status, stdout } = await host.geofence(['init', '--yes', '--allow', 'CA', '--json']);
  assert.equal(status, 0);
  const { applied, changes, file, schedule, fences } = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(applied, true);
  assert.ok(Array.isArray(changes) && changes.includes('add the IPv4 rules'));
  assert.deepEqual(file, { path: host.config, changes: ['- allow = ["RU"]', '+ allow = ["CA"]'] });
  assert.deepEqual(schedule, []);
  assert.ok(JSON.stringify(fences).includes('"sentence":"allow only CA (Canada)"'));
});

test('geofence init lets what it writes count, whatever the environment says', { skip }, async (t) => {
  const host = await startHost(t);
  const other = join(dirname(host.config), 'other');
  const folders = ['--cache-dir', other, '--state-dir', join(other, 'state')];
  const flags = ['--allow', 'CA', '--allow-subnet', '198.51.100.7', ...folders];
  const { status } = await host.geofence(['init', '--yes', ...flags], ['ALLOWSUBNET=192.0.2.7']);
  assert.equal(status, 0);
  assert.match(await configOf(host), /^allow_subnets = \["198\.51\.100\.7\/32"\]$/m);
  assert.match(await host.tool('ipset', 'save', 'geofence-escape-4'), / 198\.51\.100\.7\n/);
  assert.doesNotMatch(await host.tool('ipset', 'save', 'geofence-escape-4'), / 192\.0\.2\.7/);
  await stat(join(other, 'state', 'policy.json'));
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
  assert.match(stdout, /\n\+ allow = \["CA"\]\n[^]*\n\+ ipv6 = true\n\npolicy +allow only CA/);
  assert.match(stdout, /\nto do +create set geofence-main-allow-4 /);
  await assert.rejects(stat(host.config));
  assert.equal(await host.kernel(), before);
});

test('geofence init makes the folder of the file, with a file for everybody to read', { skip }, async (t) => {
  const host = await startHost(t);
  const path = join(dirname(host.config), 'etc', 'geofence', 'geofence.toml');
  const { status } = await host.geofence(['init', '--yes', '--config', path, '--allow', 'CA']);
  assert.equal(status, 0);
  assert.equal((await stat(dirname(path))).mode & 0o777, 0o755);
  assert.equal((await stat(path)).mode & 0o777, 0o644);
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
    assert.match(refused.stderr, /an SSH session is open from 203\.0\.113\.5, which could not come in again/);
    assert.equal(refused.status, 4);
    const failed = await host.geofence(['init', '--yes', '--allow', 'DE']);
    assert.match(failed.stderr, /Cannot get zone DE/);
    assert.equal(failed.status, 1);
    assert.equal(await configOf(host), sources);
    assert.equal(await host.kernel(), before);
    assert.equal(
      (await host.geofence(['init', '--yes', '--allow', 'CA', '--force', 'ssh-peer'], [ssh])).status,
      0,
    );
  },
);

test('geofence init puts the file back when the kernel refuses what was planned', { skip }, async (t) => {
  const host = await startHost(t);
  // A set of our name and another type cannot be replaced while somebody's rule looks at it.
  await host.tool('ipset', 'create', 'geofence-main-allow-4', 'hash:ip');
  const match = ['-m', 'set', '--match-set', 'geofence-main-allow-4', 'dst'];
  await host.tool('iptables', '-t', 'mangle', '-A', 'FORWARD', ...match);
  const before = await host.kernel();
  const { status, stderr } = await host.geofence(['init', '--yes', '--allow', 'CA']);
  assert.match(stderr, /Cannot apply the fence/);
  assert.equal(status, 1);
  assert.equal(await configOf(host), sources);
  assert.equal(await host.kernel(), before);
});

test('geofence init does not follow a link, nor guess at a layout', { skip }, async (t) => {
  const host = await startHost(t);
  const target = join(dirname(host.config), 'elsewhere.toml');
  await writeFile(target, sources);
  await rm(host.config);
  await symlink(target, host.config);
  const linked = await host.geofence(['init', '--yes', '--allow', 'CA']);
  assert.match(linked.stderr, /Cannot read ".*geofence.toml": it is a symbolic link\n/);
  assert.equal(linked.status, 1);
  await rm(host.config);
  await host.configure('allow = ["US", # one\n"CA", "RU"]\n');
  const odd = await host.geofence(['init', '--yes', '--allow', 'CA']);
  assert.match(
    odd.stderr,
    /Cannot edit ".*": the list "allow" has comments, and not one item on each line\n {2}hint: write this there by hand:\n {4}allow = \["CA"\]\n/,
  );
  assert.equal(odd.status, 2);
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
