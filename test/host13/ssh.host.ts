import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDebianHost } from './debian-host.ts';

const ssh = (from: string, rest: string): string =>
  `ssh -p 2222 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -b ${from} ${rest}`;

/** Something that knocks, says what it is, and stays. */
const bot = (from: string): string =>
  `const s = require('net').connect({ port: 2222, host: '203.0.113.9', localAddress: '${from}' }); s.write('SSH-2.0-bot\\r\\n'); setInterval(() => {}, 1000);`;

const background = (unit: string, command: string): string =>
  `systemd-run --quiet --collect --unit=${unit} -- ${command}`;

test('the guard ssh-peer sees the sessions of OpenSSH on another port, and not who knocks', async (t) => {
  const host = await createDebianHost(t, 'openssh-server', 'openssh-client');
  await host.write('/etc/ssh/sshd_config.d/port.conf', 'Port 2222\n');
  await host.boot();
  await host.ok('systemctl start ssh.service');
  await host.install();
  await host.serveZones();
  await host.ok('useradd --create-home alice; mkdir -p -m 700 ~root/.ssh ~alice/.ssh');
  await host.ok('rm -f ~root/.ssh/id_ed25519; ssh-keygen -q -t ed25519 -N "" -f ~root/.ssh/id_ed25519');
  await host.ok(
    'for home in ~root ~alice; do cp ~root/.ssh/id_ed25519.pub $home/.ssh/authorized_keys; done; chown -R alice ~alice/.ssh',
  );
  for (const last of [5, 6, 7, 9]) await host.ok(`ip address add 203.0.113.${last}/32 dev lo`);
  await host.ok(background('session', ssh('203.0.113.5', 'alice@203.0.113.9 sleep 300')));
  await host.ok(background('forwards', ssh('203.0.113.6', '-N root@203.0.113.9')));
  await host.write('/srv/bot.js', bot('203.0.113.7'));
  await host.ok(background('bot', 'node /srv/bot.js'));
  for (const user of ['alice', 'root'])
    await host.until(`pgrep -f "^sshd-session: ${user}(@notty)? *$" >/dev/null`);
  await host.until('pgrep -x sshd-auth >/dev/null');

  const { exitCode, stderr } = await host.sh('geofence refresh --allow CA');
  assert.deepEqual(
    new Set([...stderr.matchAll(/session is open from (\S+),/g)].map(([, address]) => address)),
    new Set(['203.0.113.5', '203.0.113.6']),
  );
  assert.equal(exitCode, 4);
  await host.ok('geofence refresh --allow CA --force ssh-peer=203.0.113.5 --force ssh-peer=203.0.113.6');
  await host.write('/etc/ssh/sshd_config.d/port.conf', 'Port 2223\n');
  assert.match(
    (await host.ok('geofence status')).replaceAll(/\n +/g, ' '),
    /^warnings +nothing listens on TCP port 2223, where sshd should by \/etc\/ssh\/sshd_config/m,
  );
});
