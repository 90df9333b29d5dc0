import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Host } from '../helpers/host.ts';
import { startHost, startServer } from '../helpers/host.ts';
import type { Finished } from '../helpers/netns.ts';

const skip = await kernelSkip('nft');

const ok = { status: 0, stdout: '', stderr: '' };

/** Tools that only look: `[#] ipset list -n`. */
const isReading = (line: string): boolean => /^\[#\] (ipset (list|save)|\S+-save |\S+ --version)/.test(line);

test('geofence refresh, status, check, restore, remove: a life', { skip }, async (t) => {
  const host = await startHost(t);
  await host.tool('iptables', '-A', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT');
  await host.tool(
    'iptables',
    '-t',
    'mangle',
    '-A',
    'PREROUTING',
    '-p',
    'tcp',
    '--dport',
    '80',
    '-j',
    'MARK',
    '--set-mark',
    '1',
  );
  await host.tool('ip6tables', '-t', 'mangle', '-A', 'FORWARD', '-j', 'ACCEPT');
  await host.tool('ipset', 'create', 'foreign', 'hash:net');
  const before = await host.kernel();

  assert.deepEqual(await host.geofence(['refresh', '--allow', 'ca', '--allow-subnet', '198.51.100.7']), ok);
  for (const address of ['192.0.2.255', '198.51.100.7', '10.0.0.1'])
    await host.tool('ipset', 'test', 'geofence-main-allow-4', address);
  await assert.rejects(host.tool('ipset', 'test', 'geofence-main-allow-4', '203.0.113.1'));
  assert.equal((await host.geofence(['status'])).status, 0);

  const again = await host.geofence(['refresh', '--verbose']);
  assert.equal(again.status, 0);
  const commands = again.stderr.split('\n').filter((line) => line.startsWith('[#]'));
  assert.deepEqual(
    commands.filter((line) => !isReading(line)),
    [],
    'an identical run writes nothing',
  );
  assert.match(again.stdout, /done +nothing, the fence is as it should be/);

  const check = await host.geofence([
    'check',
    '192.0.2.1',
    '203.0.113.1',
    '198.51.100.7',
    '10.0.0.1',
    '2001:db8:ca::1',
  ]);
  assert.match(check.stdout, /^192\.0\.2\.1 +passes\n +why +192\.0\.2\.0\/24 is in geofence-main-allow-4\n/);
  assert.match(check.stdout, /\n203\.0\.113\.1 +is dropped\n +why +not in geofence-main-allow-4\n/);
  assert.match(
    check.stdout,
    /\n198\.51\.100\.7 +passes\n +why +198\.51\.100\.7\/32 is in geofence-main-allow-4\n[^]*? +escape +always gets in: 198\.51\.100\.7\/32 of ALLOWSUBNET\n/,
  );
  assert.match(check.stdout, /\n10\.0\.0\.1 +passes/);
  assert.match(
    check.stdout,
    /\n2001:db8:ca::1 +passes\n[^]*country +CA \(Canada\), 2001:db8:ca::\/48, from mirror\s+\S+\s+\d+\s+seconds?\s+old\n +keep out +allow another country in its place: CA is the only one\n$/,
  );

  assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU']), ok);
  const denied = await host.geofence(['check', '203.0.113.1', '192.0.2.1', '198.51.100.7', '--json']);
  const { addresses } = JSON.parse(denied.stdout) as { addresses: { kernel: { passes: boolean } }[] };
  assert.deepEqual(
    addresses.map(({ kernel }) => kernel.passes),
    [false, true, true],
  );

  assert.deepEqual(await host.geofence(['remove']), ok);
  assert.equal(await host.kernel(), before, 'what is not ours is byte for byte as it was');
  assert.match((await host.geofence(['status'])).stdout, /^state +none: no policy, and no fence/);
  assert.equal((await host.geofence(['refresh'])).status, 2, 'the policy is forgotten');
});

test('geofence refresh with nothing to do asks no server, and few tools', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  const again = await host.geofence(['refresh', '--verbose'], ['GEOFENCE_MIRROR=http://127.0.0.1:9']);
  assert.equal(again.status, 0);
  const tools = again.stderr.split('\n').filter((line) => line.startsWith('[#] '));
  assert.deepEqual(tools.toSorted(), [
    '[#] ip6tables-save -c -t mangle',
    '[#] ip6tables-save -c -t raw',
    '[#] ipset list -n',
    '[#] ipset save',
    '[#] iptables-save -c -t mangle',
    '[#] iptables-save -c -t raw',
  ]);
});

const damages: readonly { name: string; damage: readonly string[]; says: RegExp }[] = [
  {
    name: 'the jump deleted',
    damage: ['iptables', '-t', 'mangle', '-D', 'PREROUTING', '1'],
    says: /nothing leads to the IPv4 rules: nothing is fenced/,
  },
  {
    name: 'the table flushed',
    damage: ['ip6tables', '-t', 'mangle', '-F'],
    says: /nothing leads to the IPv6 rules: nothing is fenced/,
  },
  {
    name: 'a set emptied',
    damage: ['ipset', 'flush', 'geofence-main-allow-4'],
    says: /set geofence-main-allow-4 holds other addresses \(0 addresses too many, [\d,]+ addresses missing\)/,
  },
  {
    name: 'an exception added',
    damage: ['ipset', 'add', 'geofence-main-allow-6', '2001:db8:ca::/49', 'nomatch'],
    says: /set geofence-main-allow-6 holds other addresses \(0 networks too many, 1 network missing\)/,
  },
  {
    name: 'an entry added',
    damage: ['ipset', 'add', 'geofence-main-allow-4', '203.0.113.0/24'],
    says: /set geofence-main-allow-4 holds other addresses \(256 addresses too many, 0 addresses missing\)/,
  },
  {
    name: 'a rule put before the jump',
    damage: ['iptables', '-t', 'mangle', '-I', 'PREROUTING', '-j', 'ACCEPT'],
    says: /the IPv4 rules are not the first that packets meet/,
  },
];

for (const heal of ['restore', 'refresh']) {
  test(
    `geofence status notices damage by hand (exit code 3), geofence ${heal} mends it`,
    { skip },
    async (t) => {
      const host = await startHost(t);
      assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
      const whole = await host.kernel();
      for (const { name, damage, says } of damages) {
        await host.tool(...damage);
        const { status, stdout } = await host.geofence(['status']);
        assert.match(stdout.replaceAll(/\s+/g, ' '), says, name);
        assert.match(stdout, /^state +(?:down|drifted): /, name);
        assert.equal(status, 3, name);
        assert.deepEqual(await host.geofence([heal]), ok, name);
        assert.equal((await host.geofence(['status'])).status, 0, name);
      }
      // The last damage is somebody else's rule: it stays, behind ours.
      await host.tool('iptables', '-t', 'mangle', '-D', 'PREROUTING', '-j', 'ACCEPT');
      assert.equal(await host.kernel(), whole);
    },
  );
}

/** Makes a cached zone look as if it was fetched this long ago. */
async function age(host: Host, days: number): Promise<void> {
  const path = join(host.cache, 'ipv4', 'ca.zone');
  const then = new Date(Date.now() - days * 24 * 3600 * 1000).toISOString();
  await writeFile(
    path,
    (await readFile(path, 'utf8')).replace(/"fetchedAt":"[^"]*"/, `"fetchedAt":"${then}"`),
  );
}

test('geofence status forgives a zone a day over its age, and no more', { skip }, async (t) => {
  const host = await startHost(t);
  await host.geofence(['refresh', '--allow', 'CA']);
  await age(host, 6.9);
  assert.equal((await host.geofence(['status'])).status, 0);
  await age(host, 7.1);
  const { status, stdout } = await host.geofence(['status']);
  assert.match(stdout, /zone CA IPv4 is 7 days old \(limit: 6 days and one of grace\)/);
  assert.equal(status, 3);
  await age(host, -2);
  assert.equal((await host.geofence(['status'])).status, 3, 'a clock set back makes no zone eternal');
  assert.deepEqual(await host.geofence(['refresh']), ok);
  assert.equal((await host.geofence(['status'])).status, 0);
});

test('geofence refresh --offline works from the cache, and fails without one', { skip }, async (t) => {
  const host = await startHost(t);
  const none = await host.geofence(['refresh', '--allow', 'CA', '--offline']);
  assert.match(
    none.stderr,
    /Cannot use zone CA IPv4, CA IPv6; the first: it is not in the cache\n {2}hint: fetch what is missing/,
  );
  assert.equal(none.status, 1);
  assert.deepEqual(await host.geofence(['fetch', '--allow', 'CA']), ok);
  assert.deepEqual(
    await host.geofence(['refresh', '--allow', 'CA', '--offline'], ['GEOFENCE_MIRROR=http://127.0.0.1:9']),
    ok,
  );
});

test('geofence leaves the firewall alone when a zone cannot be had', { skip }, async (t) => {
  const host = await startHost(t);
  await host.geofence(['refresh', '--allow', 'CA']);
  const before = await host.kernel();
  const { status, stderr } = await host.geofence(['refresh', '--allow', 'CA,DE']);
  assert.match(stderr, /Cannot get zone DE IPv4, DE IPv6; the first: /);
  assert.equal(status, 1);
  assert.equal(await host.kernel(), before);
  const { fences } = JSON.parse((await host.geofence(['status', '--json'])).stdout) as {
    fences: { countries: string[] }[];
  };
  assert.deepEqual(fences[0]?.countries, ['CA'], 'a refresh that failed is not remembered');
});

test('geofence refuses an allow fence without any address with exit code 4', { skip }, async (t) => {
  const host = await startHost(t);
  const before = await host.kernel();
  const { status, stderr } = await host.geofence(['refresh', '--allow', 'AQ']);
  assert.match(
    stderr,
    /^geofence: Refusing to apply: "allow only AQ \(Antarctica\)" holds no address at all: .*\(guard empty-set\)\n {2}hint: .*--force empty-set\n$/,
  );
  assert.equal(status, 4);
  assert.equal(await host.kernel(), before);
  assert.equal((await host.geofence(['refresh', '--allow', 'AQ', '--force', 'empty-set'])).status, 0);
});

test('geofence allows a country that has IPv4 networks only', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'KP']), ok);
  assert.match((await host.geofence(['check', '2001:db8::1'])).stdout, /is dropped/);
});

test('geofence refuses to cut off the SSH session it runs in', { skip }, async (t) => {
  const host = await startHost(t);
  const ssh = ['SSH_CONNECTION=203.0.113.5 50022 192.0.2.1 22'];
  const { status, stderr } = await host.geofence(['refresh', '--allow', 'CA'], ssh);
  assert.match(
    stderr,
    /your own SSH session is from 203\.0\.113\.5, which could not come in again \(guard ssh-peer\)/,
  );
  assert.equal(status, 4);
  assert.equal(
    (await host.geofence(['refresh', '--allow', 'CA', '--allow-subnet', '203.0.113.5'], ssh)).status,
    0,
  );
});

test('geofence keeps mentioning a family that is left open', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--ipv4-only']), ok);
  const { status, stdout } = await host.geofence(['status']);
  assert.match(
    stdout,
    /^policy +allow only CA \(Canada\); local addresses always get in; IPv6 is left\n +open\n/m,
  );
  assert.match(stdout, /^ +IPv6: NOTHING, everybody gets in\n/m);
  assert.equal(status, 0);
  assert.doesNotMatch(await host.tool('ip6tables-save'), /GEOFENCE/);
  assert.doesNotMatch(await host.tool('ipset', 'list', '-n'), /-6$/m);
});

test(
  'geofence takes the configuration file over what it remembers, and says where the policy is from',
  { skip },
  async (t) => {
    const host = await startHost(t);
    await host.geofence(['refresh', '--allow', 'CA']);
    assert.match((await host.geofence(['status'])).stdout, /\nstated +by the last refresh\n/);
    await writeFile(host.config, 'sources = ["ipdeny"]\ndeny = "RU"\n');
    assert.deepEqual(await host.geofence(['refresh']), ok);
    const { stdout } = await host.geofence(['status']);
    assert.match(stdout, /^policy +deny RU \(Russia\); /m);
    assert.match(stdout, /\nstated +by .*geofence\.toml\n/);
    const removed = await host.geofence(['remove']);
    assert.match(removed.stderr, /still states a policy/);
  },
);

test(
  'geofence plan changes nothing, and --script prints what refresh feeds to the tools',
  { skip },
  async (t) => {
    const host = await startHost(t);
    const before = await host.kernel();
    const plan = await host.geofence(['plan', '--allow', 'CA']);
    assert.match(plan.stdout, /to do +create set geofence-main-allow-4 with 11 networks\n/);
    const { stdout: script } = await host.geofence(['plan', '--allow', 'CA', '--script']);
    assert.equal(await host.kernel(), before);
    assert.equal((await host.geofence(['refresh', '--dry-run', '--allow', 'CA'])).status, 0);
    assert.equal(await host.kernel(), before);
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
    const made = await host.kernel();
    await host.geofence(['remove']);
    // Each part stands under the command that gets it.
    for (const part of script.split(/^# /m).filter((text) => text !== '')) {
      const newline = part.indexOf('\n');
      const [tool = '', ...args] = part.slice(0, newline).split(' ');
      await host.namespace.run(tool, args, { input: part.slice(newline + 1) });
    }
    assert.equal(await host.kernel(), made);
  },
);

test('geofence refuses with exit code 75 while another run holds the lock', { skip }, async (t) => {
  const host = await startHost(t);
  const slow = await startServer(t, host.namespace, join(host.cache, '..'), ['--latency', '1000']);
  const first = host.geofence(['refresh', '--allow', 'CA'], [`GEOFENCE_MIRROR=${slow}`]);
  await setTimeout(700);
  const { status, stderr } = await host.geofence(['refresh', '--deny', 'RU']);
  assert.match(stderr, /Cannot lock ".*cache": another geofence run holds it/);
  assert.equal(status, 75);
  assert.deepEqual(await first, ok);
  assert.deepEqual((await readdir(host.cache)).sort(), ['ipv4', 'ipv6', 'state']);
});

test('geofence says that privilege is missing, and what to do', { skip }, async (t) => {
  const host = await startHost(t);
  await host.geofence(['fetch', '--allow', 'CA']);
  const bare = async (...args: string[]): Promise<Finished> =>
    await host.geofence(args, ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--no-new-privs']);
  const { status, stderr } = await bare('refresh', '--allow', 'CA', '--offline');
  assert.match(
    stderr,
    /^geofence: Cannot use the kernel's firewall: .*(not permitted|denied|root).*\n {2}hint: run geofence as root, for example with sudo\n$/,
  );
  assert.equal(status, 1);
  const check = await bare('check', '192.0.2.1', '--allow', 'CA');
  assert.match(
    check.stdout,
    /^192\.0\.2\.1 +passes\n[^]*kernel +cannot be read: answered from the policy and the cached zones\n[^]*CA \(Canada\)/,
  );
  assert.equal(check.status, 0);
});

// All of iptables is one program under many names.
for (const [tool, missing, name] of [
  ['ipset', 'ipset', 'ipset'],
  ['iptables-restore', 'ip6?tables-restore', 'iptables'],
] as const) {
  test(`geofence names the package of a missing ${tool}`, { skip }, async (t) => {
    const host = await startHost(t);
    // In a mount namespace of its own the tool is hidden by something that cannot be run.
    const hide = `mount --bind /dev/null "$(readlink -f /usr/sbin/${tool})" && exec "$@"`;
    const { status, stderr } = await host.geofence(
      ['refresh', '--allow', 'CA', '--iptables', 'auto'],
      ['unshare', '--mount', 'sh', '-c', hide, 'sh'],
    );
    assert.match(
      stderr,
      new RegExp(
        `^geofence: Cannot find "${missing}": not in /usr/sbin, .*\\n {2}hint: install it with "apt-get install ${name}"`,
      ),
    );
    assert.equal(status, 1);
    assert.deepEqual(await readdir(host.cache).catch(() => []), [], 'nothing was fetched');
  });
}
