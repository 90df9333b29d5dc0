import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { DebianHost } from './debian-host.ts';
import { createDebianHost } from './debian-host.ts';

/** Another firewall of the host, with a rule of its own. */
interface Neighbour {
  readonly name: string;
  readonly packages: readonly string[];
  /** The commands that set it up on a fenced host, and put it to work at boot. */
  readonly setUp: readonly string[];
  /** Shows its rule. */
  readonly look: string;
  readonly rule: RegExp;
  /** What administrators do to it. */
  readonly touches: readonly string[];
}

const neighbours: readonly Neighbour[] = [
  {
    name: 'nftables.service',
    packages: [],
    setUp: [
      `printf 'flush ruleset\\ntable inet own {\\n chain input {\\n type filter hook input priority 0;\\n tcp dport 7777 drop\\n }\\n}\\n' >/etc/nftables.conf`,
      'systemctl enable --now --quiet nftables.service',
    ],
    look: 'nft list ruleset 2>/dev/null',
    rule: /tcp dport 7777 drop/,
    touches: ['systemctl restart nftables.service'],
  },
  {
    name: 'ufw',
    packages: ['ufw'],
    setUp: ['ufw deny 7777/tcp >/dev/null', 'ufw --force enable >/dev/null'],
    look: 'iptables-save',
    rule: /--dport 7777 -j DROP/,
    touches: ['ufw reload >/dev/null', 'systemctl restart ufw.service'],
  },
  {
    name: 'firewalld',
    packages: ['firewalld'],
    setUp: [
      'systemctl enable --now --quiet firewalld.service',
      'firewall-cmd --quiet --permanent --add-port=7777/tcp',
      'firewall-cmd --quiet --reload',
    ],
    look: 'nft list ruleset 2>/dev/null',
    rule: /tcp dport 7777 accept/,
    touches: [
      'firewall-cmd --quiet --reload',
      'firewall-cmd --quiet --complete-reload',
      'systemctl reload firewalld.service',
      'systemctl restart firewalld.service',
    ],
  },
];

async function fencedHost(t: TestContext, packages: readonly string[]): Promise<DebianHost> {
  const host = await createDebianHost(t, ...packages);
  await host.boot();
  await host.install();
  await host.serveZones();
  await host.ok('geofence refresh --allow CA');
  return host;
}

const units = 'geofence-sets.service geofence.service';

test('a host without another firewall has its fence again after a reboot', async (t) => {
  const host = await fencedHost(t, []);
  await host.reboot();
  await host.isWhole();
  await host.ok(`systemctl disable --quiet ${units}`);
  await host.reboot();
  const { exitCode, stdout } = await host.sh('geofence status');
  assert.match(stdout, /^state +down: /m);
  assert.equal(exitCode, 3);
});

for (const { name, packages, setUp, look, rule, touches } of neighbours) {
  test(`${name} and the fence are both there after a reboot and whatever is done to it`, async (t) => {
    const host = await fencedHost(t, packages);
    for (const command of setUp) await host.ok(command);
    const areBoth = async (what: string): Promise<void> => {
      await t.test(what, async () => {
        await host.isWhole();
        assert.match(await host.ok(look), rule);
      });
    };
    await areBoth('set up');
    await host.reboot();
    await areBoth('a reboot');
    for (const touch of touches) {
      await host.ok(touch);
      await areBoth(touch);
    }

    await host.ok(`systemctl disable --quiet ${units}`);
    await host.reboot();
    await t.test('a reboot without our units', async () => {
      const { exitCode, stdout } = await host.sh('geofence status');
      assert.match(stdout, /^state +down: /m);
      assert.equal(exitCode, 3);
      assert.match(await host.ok(look), rule);
    });
  });
}

test('netfilter-persistent loads saved rules that name our sets after a reboot', async (t) => {
  const host = await fencedHost(t, ['iptables-persistent']);
  await host.ok('iptables -A INPUT -p tcp --dport 7777 -j DROP');
  await host.ok('netfilter-persistent save 2>/dev/null');
  assert.match(await host.ok('cat /etc/iptables/rules.v4'), /--match-set geofence-main-allow-4 src/);
  await host.reboot();
  await host.isWhole();
  assert.match(await host.ok('iptables-save'), /--dport 7777 -j DROP/);
  assert.equal(await host.ok('systemctl --failed --no-legend --no-pager'), '');
  await host.ok('systemctl restart netfilter-persistent.service');
  await host.isWhole();

  await host.ok(`systemctl disable --quiet ${units}`);
  await host.reboot();
  // It calls that a success.
  assert.match(await host.journal('netfilter-persistent.service'), /Set geofence-main-allow-4 doesn't exist/);
  assert.doesNotMatch(await host.ok('iptables-save'), /7777/);
  const { exitCode, stdout } = await host.sh('geofence status');
  assert.match(stdout, /^state +down: /m);
  assert.equal(exitCode, 3);
});
