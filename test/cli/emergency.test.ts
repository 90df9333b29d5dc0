import assert from 'node:assert/strict';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { startHost, startServer } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft', 'legacy');

const ok = { status: 0, stdout: '', stderr: '' };

/** Words that run the rest where the cache is read-only. */
const readOnly = (cache: string): string[] => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `mount --bind ${cache} ${cache} && mount -o remount,bind,ro ${cache} && exec "$@"`,
  'sh',
];

test('geofence remove works where nothing can be written, and says what that means', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  const { status, stderr } = await host.geofence(['remove'], readOnly(host.cache));
  assert.match(stderr, /warning: going on without a lock of the state: .*read-only/);
  assert.match(stderr, /warning: rollback will not bring the fence back: .*read-only/);
  assert.match(
    stderr,
    /warning: the policy is still remembered, and the next refresh brings it back: Cannot remove ".*policy\.json": the file system is read-only/,
  );
  assert.equal(status, 0);
  assert.doesNotMatch(await host.kernel(), /geofence/i);
});

test(
  'geofence remove works with a damaged policy, of which status says that it is lost',
  { skip },
  async (t) => {
    const host = await startHost(t);
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
    await writeFile(join(host.cache, 'state', 'policy.json'), '{');
    const broken = await host.geofence(['status']);
    assert.match(
      broken.stdout.replaceAll(/\s+/g, ' '),
      / problems the remembered policy ".*policy\.json" cannot be used: it is not JSON /,
    );
    assert.equal(broken.status, 3);
    assert.deepEqual(await host.geofence(['remove']), ok);
    assert.doesNotMatch(await host.kernel(), /geofence/i);
  },
);

test(
  'geofence refresh does not bring back a fence that was removed while it fetched',
  { skip },
  async (t) => {
    const host = await startHost(t);
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
    const slow = await startServer(t, host.namespace, join(host.cache, '..'), ['--latency', '1000']);
    const refresh = host.geofence(['refresh', '--deny', 'RU'], [`GEOFENCE_MIRROR=${slow}`]);
    await setTimeout(700);
    assert.deepEqual(await host.geofence(['remove']), ok);
    const { status, stderr } = await refresh;
    assert.equal(stderr, 'geofence: Cannot apply the fence: another run removed it meanwhile\n');
    assert.equal(status, 1);
    assert.doesNotMatch(await host.kernel(), /geofence/i);
  },
);

for (const [first, second] of [
  ['legacy', 'nft'],
  ['nft', 'legacy'],
] as const) {
  test(
    `geofence notices its fence in iptables-${first} when it is told to use ${second}`,
    { skip },
    async (t) => {
      const host = await startHost(t);
      assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--iptables', first]), ok);
      const refused = await host.geofence(['refresh', '--deny', 'RU', '--iptables', second]);
      assert.equal(
        refused.stderr,
        `geofence: Cannot apply the fence: there is a fence of ours in iptables-${first} too\n  hint: take it away first: geofence remove --iptables ${first}\n`,
      );
      assert.equal(refused.status, 1);
      const status = await host.geofence(['status', '--iptables', second]);
      assert.match(status.stdout, new RegExp(`there is a fence of ours in iptables-${first} too`));
      assert.equal(status.status, 3);
      assert.deepEqual(await host.geofence(['remove', '--iptables', second]), ok);
      for (const tool of [`iptables-${first}-save`, `ip6tables-${first}-save`]) {
        assert.doesNotMatch(await host.tool(tool), /GEOFENCE/);
      }
      assert.equal(await host.tool('ipset', 'list', '-n'), '');
      assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU', '--iptables', second]), ok);
    },
  );
}

test('geofence remove --dry-run writes nothing, not even the folder of a lock', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  const other = join(host.cache, '..', 'elsewhere');
  const { status, stdout } = await host.geofence(['remove', '--dry-run', '--state-dir', other]);
  assert.match(stdout, /remove the IPv4 rules/);
  assert.equal(status, 0);
  await assert.rejects(access(other), { code: 'ENOENT' });
});

test('geofence rollback goes to the iptables that has the fence', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--iptables', 'legacy']), ok);
  assert.deepEqual(await host.geofence(['rollback']), ok);
  assert.doesNotMatch(await host.tool('iptables-legacy-save'), /GEOFENCE/);
  assert.equal(await host.tool('ipset', 'list', '-n'), '');
});

test(
  'geofence remove takes away a fence in both iptables, whose rules share the sets',
  { skip },
  async (t) => {
    const host = await startHost(t);
    assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--iptables', 'nft']), ok);
    const saved = await host.tool('iptables-nft-save', '-t', 'mangle');
    await host.namespace.run('iptables-legacy-restore', ['--noflush'], { input: saved });
    assert.deepEqual(await host.geofence(['remove', '--iptables', 'nft']), ok);
    for (const tool of ['iptables-nft-save', 'iptables-legacy-save'])
      assert.doesNotMatch(await host.tool(tool), /GEOFENCE/);
    assert.equal(await host.tool('ipset', 'list', '-n'), '');
    assert.deepEqual(await host.geofence(['rollback']), ok);
    assert.match(await host.tool('iptables-nft-save'), /-j GEOFENCE/);
  },
);

test('geofence rollback brings back what remove took out of the other iptables', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--iptables', 'legacy']), ok);
  assert.deepEqual(await host.geofence(['remove', '--iptables', 'nft']), ok);
  assert.deepEqual(await host.geofence(['rollback']), ok);
  assert.match(await host.tool('iptables-legacy-save'), /-j GEOFENCE/);
  assert.doesNotMatch(await host.tool('iptables-nft-save'), /GEOFENCE/);
});

test('geofence check says that rules of others come first', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  await host.tool('iptables', '-t', 'mangle', '-I', 'PREROUTING', '-j', 'ACCEPT');
  assert.match(
    (await host.geofence(['check', '203.0.113.1'])).stdout,
    /\n +but +1 rule of others before ours may decide otherwise\n/,
  );
});

test('geofence warns of escapes that get lost, and of a denial that denies nobody', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--allow-subnet', '198.51.100.7']), ok);
  assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU']), ok, 'they stay when the policy changes');
  await host.configure('sources = ["ipdeny"]\ndeny = "AQ"\n');
  const { status, stderr } = await host.geofence(['refresh']);
  assert.match(
    stderr,
    /warning: ALLOWSUBNET 198\.51\.100\.7\/32 got through until now, and is not among the escapes any more\n/,
  );
  assert.match(stderr, /warning: "deny AQ \(Antarctica\)" holds no address: nobody is kept out\n/);
  assert.equal(status, 0);
});

test(
  'geofence goes on with a damaged memory where the configuration states the policy',
  { skip },
  async (t) => {
    const host = await startHost(t);
    await host.configure('sources = ["ipdeny"]\nallow = "CA"\n');
    assert.equal((await host.geofence(['refresh'])).status, 0);
    const fenced = await host.kernel();
    for (const damaged of ['', '{bad']) {
      await writeFile(join(host.cache, 'state', 'policy.json'), damaged);
      await host.tool('iptables', '-t', 'mangle', '-F');
      const { status, stderr } = await host.geofence(['restore']);
      assert.equal(status, 0);
      assert.match(
        stderr,
        /^geofence: warning: the remembered policy ".*policy\.json" cannot be used: .*; it counts as absent\n$/,
      );
      assert.equal(await host.kernel(), fenced);
    }
    assert.equal((await host.geofence(['refresh'])).status, 0);
    assert.equal((await host.geofence(['status'])).status, 0, 'it is written anew');
  },
);
