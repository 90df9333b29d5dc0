import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import { test } from 'node:test';
import { parseInbound } from '../../src/host/parse-connections.ts';
import {
  isBeforeLogin,
  parseListeningPorts,
  parseSshConnections,
  parseSshPorts,
} from '../../src/host/parse-ssh-sockets.ts';
import type { SocketHolder } from '../../src/host/socket-holders.ts';
import { parseOwnAddresses, parseOwnNetworks6, parseOwnNetworks4 } from '../../src/host/parse-networks.ts';
import { ipv6 } from '../../src/ip/family.ts';

const header =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** As the kernel of this host would write it: words in its own byte order. */
const hex = (...words: number[]): string =>
  words
    .map((word) => {
      const bytes = Buffer.alloc(4);
      if (endianness() === 'LE') bytes.writeUInt32LE(word);
      else bytes.writeUInt32BE(word);
      return bytes.toString('hex').toUpperCase();
    })
    .join('');

const line = (local: string, remote: string, state: string, inode = '12345'): string =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000 20 4 24 10 -1\n`;

const peers = (table: string): string[] =>
  parseSshConnections([table], new Set([22])).map(({ peer: { family, words } }) => family.format(words, 0));

test('parseSshConnections() finds established sessions on the port', () => {
  const own = hex(0xc0000201);
  const table =
    header +
    line(`${own}:0016`, `${hex(0xcb007105)}:C3B6`, '01') +
    line(`${own}:0016`, `${hex(0xcb007106)}:C3B6`, '06') +
    line(`${own}:0050`, `${hex(0xcb007107)}:C3B6`, '01') +
    line(`00000000:0016`, '00000000:0000', '0A');
  assert.deepEqual(peers(table), ['203.0.113.5']);
});

test('parseSshConnections() reads IPv6 peers, and IPv4 peers of a socket for both', () => {
  const own = hex(0x20010db8, 0, 0, 1);
  const table =
    header +
    line(`${own}:0016`, `${hex(0x20010db8, 0x0bad0000, 0, 5)}:C3B6`, '01') +
    line(`${own}:0016`, `${hex(0, 0, 0xffff, 0xcb007105)}:C3B6`, '01');
  assert.deepEqual(peers(table), ['2001:db8:bad::5', '203.0.113.5']);
});

test('parseInbound() finds connections to ports that are listened on, in either table', () => {
  const own = hex(0xc0000201);
  const tcp =
    header +
    line(`${own}:01BB`, `${hex(0xcb007105)}:C3B6`, '01') +
    line(`${own}:C3B7`, `${hex(0xcb007106)}:01BB`, '01') +
    line(`${own}:01BB`, `${hex(0xcb007107)}:C3B6`, '06');
  const tcp6 =
    header +
    line(`${hex(0, 0, 0, 0)}:01BB`, `${hex(0, 0, 0, 0)}:0000`, '0A') +
    line(`${hex(0, 0, 0xffff, 0xc0000201)}:01BB`, `${hex(0, 0, 0xffff, 0xcb007108)}:C3B6`, '01');
  assert.deepEqual(
    parseInbound([tcp, tcp6]).map(
      ({ localPort, peer: { family, words } }) => `${family.format(words, 0)} ${localPort}`,
    ),
    ['203.0.113.5 443', '203.0.113.8 443'],
  );
  assert.deepEqual(parseInbound([tcp, '']), [], 'nobody listens');
});

test('parseSshConnections() passes over loopback, and over what no process has accepted', () => {
  const own = hex(0xc0000201);
  const table =
    header +
    line(`${hex(0x7f000001)}:0016`, `${hex(0x7f000001)}:C3B6`, '01') +
    line(`${own}:0016`, `${hex(0xcb007106)}:C3B6`, '01', '0');
  assert.deepEqual(peers(table), []);
});

/** Titles of OpenSSH 7.4, 9.2 and 10.0, as ps(1) shows them. */
const holders: readonly [name: string, title: string, isBefore: boolean][] = [
  ['sshd', 'sshd: [accepted]', true],
  ['sshd', 'sshd: [net]', true],
  ['sshd', 'sshd: root [net]', true],
  ['sshd', 'sshd: unknown [net]', true],
  ['sshd', '/usr/sbin/sshd -D -R', true],
  ['sshd', 'sshd: /usr/sbin/sshd -D [listener] 1 of 10-100 startups', true],
  ['sshd-session', 'sshd-session: [accepted]', true],
  ['sshd-session', '/usr/lib/openssh/sshd-session -D -R', true],
  ['sshd-auth', 'sshd-auth: [session-auth]', true],
  ['sshd-auth', 'sshd-auth: root [net]', true],
  ['sshd', 'sshd: alice [priv]', false],
  ['sshd', 'sshd: alice@pts/0', false],
  ['sshd', 'sshd: alice@pts/0,pts/1', false],
  ['sshd', 'sshd: root@notty', false],
  ['sshd-session', 'sshd-session: alice', false],
  ['sshd-session', 'sshd-session: root@pts/1', false],
  ['dropbear', '/usr/sbin/dropbear -F -R', false],
  ['node', 'sshd: root [net]', false],
];

for (const [name, title, isBefore] of holders)
  test(`isBeforeLogin() of ${name}, "${title}", is ${isBefore}`, () => {
    assert.equal(isBeforeLogin([{ name, title }]), isBefore);
    const monitor = { name: 'sshd', title: 'sshd: root [priv]' };
    assert.equal(isBeforeLogin([monitor, { name, title }]), isBefore, 'with its monitor');
  });

test('isBeforeLogin() of nobody is false', () => assert.equal(isBeforeLogin([]), false));

const anywhere = `${hex(0)}:0000`;
const listener: SocketHolder = {
  name: 'sshd',
  title: 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups',
};
const session: SocketHolder = { name: 'sshd-session', title: 'sshd-session: alice@pts/0' };
const oldSession: SocketHolder = { name: 'sshd', title: 'sshd: alice@pts/0' };

for (const { name, lines, servers, want } of [
  {
    name: 'a listener',
    lines: [line(`${hex(0)}:08AE`, anywhere, '0A', '7'), line(`${hex(0)}:0016`, anywhere, '0A', '8')],
    servers: { '7': listener },
    want: [2222],
  },
  {
    name: 'a listener of an old version',
    lines: [line(`${hex(0)}:08AE`, anywhere, '0A', '7')],
    servers: { '7': { name: 'sshd', title: '/usr/sbin/sshd -D' } },
    want: [2222],
  },
  {
    name: 'ports that sessions forward',
    lines: [line(`${hex(0)}:1F90`, anywhere, '0A', '7'), line(`${hex(0)}:1F91`, anywhere, '0A', '8')],
    servers: { '7': session, '8': oldSession },
    want: [],
  },
  {
    name: 'a port that systemd listens on, with a session',
    lines: [
      line(`${hex(0)}:08AE`, anywhere, '0A', '1'),
      line(`${hex(0)}:08AF`, anywhere, '0A', '2'),
      line(`${hex(0xc0000201)}:08AE`, `${hex(0xcb007105)}:C3B6`, '01', '7'),
    ],
    servers: { '7': session },
    want: [2222],
  },
  {
    name: 'a connection that a session forwards',
    lines: [line(`${hex(0xc0000201)}:C3B6`, `${hex(0xcb007105)}:0050`, '01', '7')],
    servers: { '7': session },
    want: [],
  },
])
  test(`parseSshPorts() of ${name}`, () => {
    const held = new Map(Object.entries(servers).map(([inode, holder]) => [inode, [holder]]));
    assert.deepEqual([...parseSshPorts([header + lines.join('')], held)], want);
  });

test('parseListeningPorts() tells those on loopback too', () => {
  const table = header + line(`${hex(0x7f000001)}:0016`, anywhere, '0A') + line(anywhere, anywhere, '01');
  assert.deepEqual([...parseListeningPorts([table, ''])], [22]);
});

test('parseSshConnections() of an empty table finds nobody', () => {
  assert.deepEqual(peers(header), []);
  assert.deepEqual(peers(''), []);
});

const route = (network: number, gateway: number, flags: string, mask: number): string =>
  `eth0\t${hex(network)}\t${hex(gateway)}\t${flags}\t0\t0\t0\t${hex(mask)}\t0\t0\t0\n`;

test('parseOwnNetworks4() tells the networks this host is on', () => {
  const table = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n${[
    route(0, 0xc0000201, '0003', 0),
    route(0, 0, '0001', 0),
    route(0xc0000200, 0, '0001', 0xffffff00),
    route(0x0a090000, 0, '0001', 0xfff80000),
    route(0xcb007105, 0, '0005', 0xffffffff),
    route(0xc6336400, 0xc0000201, '0003', 0xffffff00),
    route(0xc6336400, 0, '0201', 0xffffff00),
  ].join('')}`;
  assert.deepEqual(parseOwnNetworks4(table), ['192.0.2.0/24', '10.9.0.0/13', '203.0.113.5/32']);
  assert.deepEqual(parseOwnNetworks4(''), []);
});

test('parseOwnNetworks6() tells the IPv6 networks this host is on', () => {
  const table =
    '20010db8000000000000000000000001 02 40 00 80     eth0\n00000000000000000000000000000001 01 80 10 80       lo\n';
  assert.deepEqual(parseOwnNetworks6(table), ['2001:db8::1/64']);
  assert.deepEqual(parseOwnNetworks6(''), []);
});

test('parseOwnAddresses() reads /proc/net/if_inet6', () => {
  const table =
    '20010db8000000000000000000000001 02 40 00 80     eth0\n00000000000000000000000000000001 01 80 10 80       lo\n';
  assert.deepEqual(
    parseOwnAddresses(table).map((words) => ipv6.format(words, 0)),
    ['2001:db8::1', '::1'],
  );
});
