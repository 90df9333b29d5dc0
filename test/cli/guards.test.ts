import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft');

const ok = { status: 0, stdout: '', stderr: '' };

/** Two ends of one TCP connection inside the namespace, over an address that is not local. */
const sessionScript = (address: string, port: number): string => `
  const net = require('node:net');
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
          `Refusing to apply: an SSH session is open from ${address}, which could not come in again \\(guard ssh-peer\\)\\n {2}hint: add the address with --allow-subnet`,
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
