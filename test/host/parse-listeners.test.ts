import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import { test } from 'node:test';
import type { Listener } from '../../src/host/parse-listeners.ts';
import { distinctListeners, parseListeners } from '../../src/host/parse-listeners.ts';

const header =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
/** The loopback address as the kernel of this host writes it: a word in its own byte order. */
const loopback = endianness() === 'LE' ? '0100007F' : '7F000001';
const one = endianness() === 'LE' ? '01000000' : '00000001';
const mapped = endianness() === 'LE' ? 'FFFF0000' : '0000FFFF';
const any = '00000000';
const other = endianness() === 'LE' ? '050200C0' : 'C0000205';

const line = (local: string, state: string): string =>
  `   0: ${local} ${any}:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 12345 1 0000 20 4 24 10 -1\n`;

const names = (listeners: readonly Listener[]): string[] =>
  listeners.map(({ protocol, port, family }) => `${protocol} ${port} ${family.label}`);

const cases: readonly [name: string, protocol: 'tcp' | 'udp', lines: readonly string[], want: string[]][] = [
  [
    'takes what listens, not connections',
    'tcp',
    [line(`${any}:0016`, '0A'), line(`${other}:0050`, '0A'), line(`${other}:0051`, '01')],
    ['tcp 22 IPv4', 'tcp 80 IPv4'],
  ],
  [
    'takes UDP sockets without a peer',
    'udp',
    [line(`${any}:0035`, '07'), line(`${other}:9000`, '01')],
    ['udp 53 IPv4'],
  ],
  [
    'leaves loopback addresses out',
    'tcp',
    [
      line(`${loopback}:0016`, '0A'),
      line(`${any}${any}${any}${one}:0016`, '0A'),
      line(`${any}${any}${mapped}${loopback}:0016`, '0A'),
    ],
    [],
  ],
  [
    'lists a socket on :: for both families, one on an address for its own',
    'tcp',
    [
      line(`${any}${any}${any}${any}:01BB`, '0A'),
      line(`${other}${any}${any}${one}:0016`, '0A'),
      line(`${any}${any}${mapped}${other}:0019`, '0A'),
    ],
    ['tcp 443 IPv4', 'tcp 443 IPv6', 'tcp 22 IPv6', 'tcp 25 IPv4'],
  ],
  [
    'leaves out the clients of DHCP, whose answers always get in',
    'udp',
    [line(`${any}:0044`, '07'), line(`${other}${any}${any}${one}:0222`, '07'), line(`${any}:0222`, '07')],
    ['udp 546 IPv4'],
  ],
  ['passes over a line that is cut', 'tcp', [line(`${any}:0016`, '0A'), `   1: ${any}:00`], ['tcp 22 IPv4']],
  ['finds nothing in nothing', 'tcp', [], []],
];

for (const [name, protocol, lines, want] of cases) {
  test(`parseListeners() ${name}`, () => {
    assert.deepEqual(names(parseListeners(protocol, header + lines.join(''))), want);
  });
}

test('parseListeners() of no table finds nothing', () => {
  assert.deepEqual(parseListeners('udp', ''), []);
});

test('distinctListeners() names each port once, in order', () => {
  const all = ['tcp', 'udp'].flatMap((protocol) =>
    parseListeners(
      protocol as 'tcp' | 'udp',
      header +
        ['1F90', '0016', '1F90', '0050']
          .map((port) => line(`${any}:${port}`, protocol === 'tcp' ? '0A' : '07'))
          .join(''),
    ),
  );
  assert.deepEqual(
    names(
      distinctListeners([
        ...all.toReversed(),
        ...parseListeners('tcp', header + line(`${any.repeat(4)}:0016`, '0A')),
      ]),
    ),
    [
      'tcp 22 IPv4',
      'tcp 22 IPv6',
      'tcp 80 IPv4',
      'tcp 8080 IPv4',
      'udp 22 IPv4',
      'udp 80 IPv4',
      'udp 8080 IPv4',
    ],
  );
});
