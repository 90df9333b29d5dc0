import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPublishedPorts, parsePublishedPorts } from '../../src/firewall/published-ports.ts';
import { families } from '../../src/ip/family.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import { createNamespace } from '../helpers/netns.ts';

test('parsePublishedPorts() reads what Docker and Podman write, and nothing else', () => {
  const saved = [
    '*nat',
    ':DOCKER - [0:0]',
    '-A DOCKER -i docker0 -j RETURN',
    '-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
    '-A DOCKER ! -i docker0 -p udp -m udp --dport 53 -j DNAT --to-destination 172.17.0.2:53',
    '-A NETAVARK-DN-1D8721804F16F -p udp -m udp --dport 5300 -j DNAT --to-destination 10.88.0.3:53',
    '-A DOCKER -d ::1/128 ! -i br0 -p tcp -m tcp --dport 8443 -j DNAT --to-destination [2001:db8::2]:443',
    '-A PREROUTING -p tcp -m tcp --dport 25 -j REDIRECT --to-ports 2525',
    '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
    'COMMIT',
  ].join('\n');
  assert.deepEqual(parsePublishedPorts(saved), [
    { protocol: 'tcp', outer: 8080, inner: 80 },
    { protocol: 'udp', outer: 5300, inner: 53 },
    { protocol: 'tcp', outer: 8443, inner: 443 },
  ]);
});

test(
  'findPublishedPorts() finds each once, by either iptables',
  { skip: await kernelSkip('nft', 'legacy') },
  async (t) => {
    const { run, close } = await createNamespace();
    t.after(close);
    const readText = async (path: string): Promise<string> => (await run('cat', [path])).stdout.toString();
    const inputs = { run, readText, available: families };
    assert.deepEqual(await findPublishedPorts(inputs), []);
    const publish = async (tool: string, port: string): Promise<unknown> =>
      await run(
        tool,
        `-t nat -A PREROUTING -p tcp --dport ${port} -j DNAT --to-destination 192.0.2.2:80`.split(' '),
      );
    await publish('iptables-nft', '8080');
    await publish('iptables-legacy', '8080');
    await publish('iptables-legacy', '8081');
    assert.deepEqual(await findPublishedPorts(inputs), [
      { protocol: 'tcp', outer: 8080, inner: 80 },
      { protocol: 'tcp', outer: 8081, inner: 80 },
    ]);
  },
);
