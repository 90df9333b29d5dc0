import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDebianHost } from './debian-host.ts';

const ownTable =
  'flush ruleset\\ntable inet own {\\n chain input {\\n type filter hook input priority 0;\\n tcp dport 7777 drop\\n }\\n}\\n';

test('an nftables.conf that "nft list ruleset" wrote while the fence was up is told, and does what is said', async (t) => {
  const host = await createDebianHost(t);
  await host.boot();
  await host.ok(`printf '${ownTable}' >/etc/nftables.conf`);
  await host.ok('systemctl enable --now --quiet nftables.service');
  await host.install();
  await host.serveZones();
  await host.ok('geofence refresh --allow CA');
  assert.doesNotMatch(await host.ok('geofence status'), /^warnings/m);
  const installed = await host.ok('geofence install --dry-run');
  assert.match(installed, /^warnings +a service loads rules of nft at boot: what "nft list ruleset"/m);

  await host.ok('nft list ruleset >/etc/nftables.conf 2>/dev/null');
  assert.match(
    (await host.ok('geofence status')).replaceAll(/\n +/g, ' '),
    /^warnings +"\/etc\/nftables\.conf" holds the rules of the fence .* the next boot loads nothing of that file → take the tables "raw" and "mangle"/m,
  );
  await host.reboot();
  await host.isWhole();
  assert.match(await host.ok('systemctl --failed --no-legend --no-pager'), /nftables\.service/);
  assert.doesNotMatch(await host.ok('nft list ruleset 2>/dev/null'), /7777/);

  await host.ok(
    `awk '/^table ip6? (raw|mangle) /{gone=1} !gone; /^}/{gone=0}' /etc/nftables.conf >/tmp/conf && cp /tmp/conf /etc/nftables.conf`,
  );
  assert.doesNotMatch(await host.ok('geofence status'), /^warnings/m);
  await host.reboot();
  await host.isWhole();
  assert.match(await host.ok('nft list ruleset 2>/dev/null'), /tcp dport 7777 drop/);
  assert.equal(await host.ok('systemctl --failed --no-legend --no-pager'), '');
});

test('the plugin of netfilter-persistent makes our sets before its rules are loaded, without our units', async (t) => {
  const host = await createDebianHost(t, 'iptables-persistent');
  await host.boot();
  await host.install('--schedule', 'cron');
  await host.ok('test -x /usr/share/netfilter-persistent/plugins.d/05-geofence');
  await host.serveZones();
  await host.ok('geofence refresh --allow CA');
  await host.ok('iptables -A INPUT -p tcp --dport 7777 -j DROP');
  await host.ok('netfilter-persistent save 2>/dev/null');
  assert.doesNotMatch(await host.ok('geofence status'), /names? sets of geofence/);
  await host.reboot();
  assert.match(await host.ok('iptables-save'), /--dport 7777 -j DROP/);
  assert.match(await host.ok('geofence check 203.0.113.1'), /^ +kernel +drops it$/m);

  await host.ok('rm /usr/share/netfilter-persistent/plugins.d/05-geofence');
  assert.match(
    (await host.sh('geofence status')).stdout.replaceAll(/\n +/g, ' '),
    /^warnings +"\/etc\/iptables\/rules\.v4" and "\/etc\/iptables\/rules\.v6" name sets of geofence, .* → geofence install$/m,
  );
  await host.reboot();
  assert.doesNotMatch(await host.ok('iptables-save'), /7777/);
});
