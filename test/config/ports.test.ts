import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInterfaces } from '../../src/config/interfaces.ts';
import { parsePorts } from '../../src/config/ports.ts';
import { parseServices } from '../../src/config/services.ts';
import type { ProtocolPorts } from '../../src/policy/scope.ts';

const show = (ports: readonly ProtocolPorts[]): string[] =>
  ports.flatMap(({ protocol, ranges }) =>
    ranges.map(({ from, to }) => `${protocol}/${from === to ? from : `${from}-${to}`}`),
  );

for (const [texts, want] of [
  [['tcp/22'], ['tcp/22']],
  [['TCP/22'], ['tcp/22']],
  [['udp/1000-2000'], ['udp/1000-2000']],
  [['tcp/1-65535'], ['tcp/1-65535']],
  [['tcp/443, udp/443 tcp/80'], ['tcp/80', 'tcp/443', 'udp/443']],
  [['tcp/20-30', 'tcp/25-40', 'tcp/41'], ['tcp/20-41']],
  [['ssh'], ['tcp/22']],
  [['SSH'], ['tcp/22']],
  [['web'], ['tcp/80', 'tcp/443', 'udp/443']],
  [['tcp/web'], ['tcp/80', 'tcp/443']],
  // Of /etc/services (netbase).
  [['domain'], ['tcp/53', 'udp/53']],
  [['udp/domain'], ['udp/53']],
  [[], []],
] as const) {
  test(`parsePorts() of ${JSON.stringify(texts)}`, () => {
    assert.deepEqual(show(parsePorts(texts, 'x.toml')), want);
  });
}

for (const [text, message] of [
  ['22', /^Cannot use port "22" from x.toml: it names no protocol$/],
  ['22-30', /it names no protocol/],
  ['icmp/8', /"icmp" is no protocol with ports/],
  ['tcp/0', /ports go from 1 to 65535/],
  ['tcp/65536', /ports go from 1 to 65535/],
  ['tcp/22-', /it is no port/],
  ['tcp/30-20', /the first port of a range is the lower one/],
  ['tcp/', /it is no port/],
  ['tcp/22/23', /it is no port/],
  ['tcp/-1', /it is no port/],
  ['shh', /it is no port, and no service that is known/],
  ['__proto__', /it is no port/],
  ['tcp/1e3', /it is no port/],
] as const) {
  test(`parsePorts() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parsePorts([text], 'x.toml'), { name: 'GeofenceError', message });
  });
}

test('parseServices() reads names, aliases and protocols, and nothing else', () => {
  const text = 'a 1/tcp b # c\na 1/udp\nd 2/sctp\n# e 3/tcp\n\nf\ng 4/tcp';
  assert.deepEqual(
    [...parseServices(text)],
    [
      [
        'a',
        [
          { protocol: 'tcp', port: 1 },
          { protocol: 'udp', port: 1 },
        ],
      ],
      ['b', [{ protocol: 'tcp', port: 1 }]],
      ['g', [{ protocol: 'tcp', port: 4 }]],
    ],
  );
});

test('parseInterfaces() reads names, beginnings of names, and all others', () => {
  assert.deepEqual(parseInterfaces(['eth0', 'ppp*, !lan0', '!veth*', 'eth0.100', 'br-0a1b2c3d4e5f'], 'x'), [
    { name: 'eth0' },
    { name: 'ppp*' },
    { name: 'lan0', not: true },
    { name: 'veth*', not: true },
    { name: 'eth0.100' },
    { name: 'br-0a1b2c3d4e5f' },
  ]);
});

for (const [text, message] of [
  ['eth?', /^Cannot use interface "eth\?" from x.toml: it is no pattern that the kernel knows$/],
  ['eth+', /no pattern that the kernel knows/],
  ['e*0', /no pattern that the kernel knows/],
  ['*', /it names none/],
  ['!', /it names none/],
  ['lo', /what a host says to itself is never fenced/],
  ['a/b', /it is no name of an interface/],
  ['"eth0"', /it is no name of an interface/],
  ['abcdefghijklmnop', /names have at most 15 characters/],
] as const) {
  test(`parseInterfaces() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseInterfaces([text], 'x.toml'), { name: 'GeofenceError', message });
  });
}
