import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findWarnings } from '../../src/health/warnings.ts';
import { networksBehind4, networksBehind6 } from '../../src/host/parse-routes-behind.ts';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';
import { boundsIn, fenceState, policyOf } from '../helpers/states.ts';

const routes4 = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth1\t007100CB\t00000000\t0001\t0\t0\t0\tF0FFFFFF\t0\t0\t0
eth2\t006433C6\t017100CB\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0
*\t0000000A\t00000000\t0201\t0\t0\t0\t000000FF\t0\t0\t0
`;
const none = `${'0'.repeat(32)} 00`;
const route6 = (network: string, length: string, flags: string, device: string): string =>
  `${network} ${length} ${none} ${'0'.repeat(32)} 00000100 00000001 00000000 ${flags} ${device.padStart(8)}\n`;
const routes6 = [
  route6('20010db8000a00000000000000000000', '40', '00000001', 'eth0'),
  route6('20010db8000f00000000000000000000', '40', '00000001', 'eth1'),
  route6('fe800000000000000000000000000000', '40', '00000001', 'eth1'),
  route6('20010db8000f00000000000000000001', '80', '80200001', 'eth1'),
  route6('00000000000000000000000000000000', '00', '00000003', 'eth0'),
  route6('00000000000000000000000000000000', '00', '00200200', 'lo'),
].join('');

test('networksBehind4() and networksBehind6() are those beyond devices without a default route', () => {
  assert.deepEqual(networksBehind4(routes4), ['203.0.113.0/28', '198.51.100.0/24']);
  assert.deepEqual(networksBehind6(routes6), ['2001:db8:f::/64', 'fe80::/64']);
  assert.deepEqual(networksBehind4(routes4.replace(/^eth0\t00000000.*\n/m, '')), []);
  assert.deepEqual(networksBehind6(''), []);
});

test('a device with the halves of the Internet, as VPN clients route them, leads outside', () => {
  const vpn4 = ['00000000', '00000080'].map(
    (half) => `tun0\t${half}\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n`,
  );
  const own = 'tun0\t0000080A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n';
  assert.deepEqual(networksBehind4(routes4 + vpn4.join('') + own), networksBehind4(routes4));
  const vpn6 = [
    ['00000000000000000000000000000000', '03'],
    ['20000000000000000000000000000000', '04'],
    ['30000000000000000000000000000000', '04'],
    ['fc000000000000000000000000000000', '07'],
  ].map(([network = '', length = '']) => route6(network, length, '00000003', 'tun0'));
  assert.deepEqual(networksBehind6(routes6 + vpn6.join('')), networksBehind6(routes6));
});

const conditions = {
  forwarded: families,
  behind: new Map([
    [ipv4, boundsIn(ipv4, ['203.0.113.0/28', '192.0.2.0/28', '10.0.0.0/8'])],
    [ipv6, boundsIn(ipv6, ['2001:db8:f::/64', 'fe80::/64'])],
  ]),
  silentSshPorts: [],
  notrack: [],
  interfaces: undefined,
  published: [],
};
const networks = ['192.0.2.0/24', '2001:db8:a::/48'];

const warningsOf = (options: Parameters<typeof policyOf>[0], forwarded = conditions.forwarded): string[] =>
  findWarnings(policyOf(options), fenceState(options), { ...conditions, forwarded })
    .map(({ message }) => message)
    .filter((message) => message.startsWith('machines behind'));

test('findWarnings() names networks behind this host that an allow fence keeps out', () => {
  const start =
    'machines behind this host are kept from opening connections through it, for the fence keeps out their addresses: ';
  assert.deepEqual(warningsOf({ networks, local: true }), [
    `${start}203.0.113.0/28`,
    `${start}2001:db8:f::/64`,
  ]);
  assert.deepEqual(warningsOf({ networks, local: true }, [ipv4]), [`${start}203.0.113.0/28`]);
  assert.deepEqual(warningsOf({ networks, escapes: ['203.0.113.0/24', '2001:db8:f::/48'] }), []);
  assert.deepEqual(warningsOf({ mode: 'deny', networks: ['203.0.113.0/30'] }), [`${start}203.0.113.0/30`]);
  assert.deepEqual(warningsOf({ mode: 'deny', networks: ['198.51.100.0/24'] }), []);
});
