import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft');

const ok = { status: 0, stdout: '', stderr: '' };

/**
 * Two ends of one TCP connection inside the namespace, over an address that is not local; as a process of `title`, if
 * that is stated, such as "sshd: alice@pts/0".
 */
const sessionScript = (address: string, port: number, title?: string): string => `
  const net = require('node:net');
  ${title === undefined ? '' : `process.title = '${title}'; require('node:fs').writeFileSync('/proc/self/comm', '${title.split(/[: ]/)[0]}');`}
  const server = net.createServer((socket) => { socket.on('error', () => {}); console.log('established'); });
  server.listen(${port}, '${address}', () => net.connect({ port: ${port}, host: '${address}', localAddress: '${address}' }));
`;

for (const { address, listen } of [
  { address: '203.0.113.5', listen: '203.0.113.5' },
  { address: '2001:db8:bad::5', listen: '2001:db8:bad::5' },
]) {
  test(
    `geofence refuses to cut off an open SSH session from ${address}, as under sudo`,
    { skip },
    async (t) => {
      const host = await startHost(t);
      await host.tool(
        'ip',
        'address',
        'add',
        address,
        'dev',
        'lo',
        ...(address.includes(':') ? ['nodad'] : []),
      );
      const session = host.namespace.start(process.execPath, ['-e', sessionScript(listen, 22)]);
      t.after(() => session.kill());
      await once(session.stdout, 'data');
      const before = await host.kernel();
      const { status, stderr } = await host.geofence(['refresh', '--allow', 'CA']);
      assert.match(
        stderr,
        new RegExp(
          `Refusing to apply: an SSH session is open from ${address}, which could not come in again \\(guard ssh-peer\\)\\n {2}hint: let it in with --allow-subnet ${address}, or, .* --force ssh-peer=${address}\\n$`,
        ),
      );
      assert.equal(status, 4);
      assert.equal(await host.kernel(), before);
      assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--force', 'ssh-peer']), ok);
      assert.deepEqual(
        await host.geofence(['refresh']),
        ok,
        'whom the fence drops already is not cut off again',
      );
      // North Korea, for once, lets everybody else in again.
      assert.deepEqual(await host.geofence(['refresh', '--deny', 'KP']), ok);
      assert.equal((await host.geofence(['refresh', '--allow', 'CA'])).status, 4);
      assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--allow-subnet', address]), ok);
    },
  );
}

test('geofence looks at the SSH port that is configured', { skip }, async (t) => {
  const host = await startHost(t);
  await host.tool('ip', 'address', 'add', '203.0.113.5', 'dev', 'lo');
  const session = host.namespace.start(process.execPath, ['-e', sessionScript('203.0.113.5', 2222)]);
  t.after(() => session.kill());
  await once(session.stdout, 'data');
  await host.configure('sources = ["ipdeny"]\nssh_ports = [22, 2222]\n');
  assert.equal((await host.geofence(['refresh', '--allow', 'CA'])).status, 4);
  await host.configure('sources = ["ipdeny"]\n');
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
});

/** A connection of a process that looks like one of sshd. */
async function openAs(t: TestContext, host: Host, script: string): Promise<void> {
  const child = host.namespace.start(process.execPath, ['-e', script]);
  t.after(() => child.kill());
  await once(child.stdout, 'data');
}

test('whoever only knocks at port 22 does not keep geofence from the first refresh', { skip }, async (t) => {
  const host = await startHost(t);
  for (const address of ['203.0.113.5', '203.0.113.6', '203.0.113.7'])
    await host.tool('ip', 'address', 'add', address, 'dev', 'lo');
  await openAs(t, host, sessionScript('203.0.113.5', 22, 'sshd: root [net]'));
  await openAs(t, host, sessionScript('203.0.113.6', 22, 'sshd-session: [accepted]'));
  await openAs(t, host, sessionScript('203.0.113.7', 22, 'sshd-session: alice@pts/0'));
  const { status, stderr } = await host.geofence(['refresh', '--allow', 'CA']);
  assert.match(
    stderr,
    /^geofence: Refusing to apply: an SSH session is open from 203\.0\.113\.7, which could not come in again \(guard ssh-peer\)\n/,
  );
  assert.equal(status, 4);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--force', 'ssh-peer=203.0.113.7']), ok);
});

test('geofence finds sshd on a port that nobody told it', { skip }, async (t) => {
  const host = await startHost(t);
  await host.tool('ip', 'address', 'add', '203.0.113.5', 'dev', 'lo');
  await openAs(t, host, sessionScript('203.0.113.5', 2222, 'sshd -D'));
  const { status, stderr } = await host.geofence(['refresh', '--allow', 'CA']);
  assert.match(stderr, /an SSH session is open from 203\.0\.113\.5/);
  assert.equal(status, 4);
});

test('--force ssh-peer=ADDRESS passes over that address alone, also later', { skip }, async (t) => {
  const host = await startHost(t);
  for (const address of ['203.0.113.5', '203.0.113.6']) {
    await host.tool('ip', 'address', 'add', address, 'dev', 'lo');
    await openAs(t, host, sessionScript(address, 22));
  }
  const mine = ['SSH_CONNECTION=203.0.113.6 50022 192.0.2.1 22'];
  const both = await host.geofence(['refresh', '--allow', 'CA'], mine);
  assert.match(
    both.stderr,
    /Refusing to apply: your own SSH session is from 203\.0\.113\.6, .*; an SSH session is open from 203\.0\.113\.5, /,
  );
  const one = await host.geofence(['refresh', '--allow', 'CA', '--force', 'ssh-peer=203.0.113.5'], mine);
  assert.match(
    one.stderr,
    /Refusing to apply: your own SSH session is from 203\.0\.113\.6, [^;]*\n {2}hint: /,
  );
  assert.equal(one.status, 4);
  const force = ['--force', 'ssh-peer=203.0.113.5', '--force', 'ssh-peer=203.0.113.6'];
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', ...force], mine), ok);
  await host.tool('iptables', '-t', 'mangle', '-F');
  await host.tool('iptables', '-t', 'raw', '-F');
  assert.deepEqual(await host.geofence(['refresh'], mine), ok, 'it was said once');
  const typo = await host.geofence(['refresh', '--force', 'ssh-peer=203.0.113']);
  assert.match(typo.stderr, /Cannot use --force "ssh-peer=203\.0\.113": expected an address\n/);
  assert.equal(typo.status, 2);
});

test(
  'geofence refuses to leave IPv6 open on a host that has it, unless that is forced or written down',
  { skip },
  async (t) => {
    const host = await startHost(t);
    await host.tool('ip', 'address', 'add', '2001:db8:ca::9', 'dev', 'lo', 'nodad');
    const { status, stderr } = await host.geofence(['refresh', '--allow', 'CA', '--ipv4-only']);
    assert.match(
      stderr,
      /IPv6 would be left open, and this host is 2001:db8:ca::9 there \(guard ipv6-open\)\n {2}hint: leave --ipv4-only away/,
    );
    assert.equal(status, 4);
    assert.deepEqual(
      await host.geofence(['refresh', '--allow', 'CA', '--ipv4-only', '--force', 'ipv6-open']),
      ok,
    );
    assert.deepEqual(await host.geofence(['refresh']), ok, 'it was said once');
    await host.geofence(['remove']);
    await host.configure('sources = ["ipdeny"]\nallow = "CA"\nipv6 = false\n');
    assert.deepEqual(await host.geofence(['refresh']), ok);
  },
);

test('geofence restore brings the fence back although an intruder is connected', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
  const fenced = await host.kernel();
  await host.tool('iptables', '-t', 'mangle', '-F', 'PREROUTING');
  await host.tool('ip', 'address', 'add', '203.0.113.5', 'dev', 'lo');
  const session = host.namespace.start(process.execPath, ['-e', sessionScript('203.0.113.5', 22)]);
  t.after(() => session.kill());
  await once(session.stdout, 'data');
  assert.deepEqual(await host.geofence(['restore']), ok);
  assert.equal(await host.kernel(), fenced);
});
