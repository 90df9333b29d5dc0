import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GeofenceError } from '../../src/errors.ts';
import type { HostConditions } from '../../src/host/read-conditions.ts';
import { parseInterfaces, readConditions } from '../../src/host/read-conditions.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';

const routes = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth1\t007100CB\t00000000\t0001\t0\t0\t0\tF0FFFFFF\t0\t0\t0
`;

/** What is found on a host where some files cannot be read. */
const conditionsWithout = async (unreadable: RegExp): Promise<HostConditions> => {
  const readText = async (path: string): Promise<string | undefined> => {
    if (unreadable.test(path)) throw new GeofenceError(`Cannot read "${path}": permission denied`);
    return await Promise.resolve(path === '/proc/net/route' ? routes : undefined);
  };
  return await readConditions(
    {
      readText,
      readGenerated: readText,
      listFolder: () => Promise.resolve([]),
      readLink: () => Promise.resolve(undefined),
      run: () => Promise.reject(new GeofenceError('Cannot find a tool')),
    },
    { sshPorts: [22], available: families },
  );
};

const behind = (conditions: HostConditions): string[] =>
  [ipv4, ipv6].flatMap((family) => formatBounds(conditions.behind.get(family)!));

test('readConditions() takes what cannot be read for nothing', async () => {
  const whole = await conditionsWithout(/^$/);
  assert.deepEqual(behind(whole), ['203.0.113.0/28']);
  assert.deepEqual(whole.silentSshPorts, [{ port: 22, statedBy: 'ssh_ports' }]);

  const withoutRoutes6 = await conditionsWithout(/ipv6_route/);
  assert.deepEqual(withoutRoutes6, whole);

  const withoutTables = await conditionsWithout(/^\/proc\/net\/tcp/);
  assert.deepEqual(behind(withoutTables), ['203.0.113.0/28']);
  assert.deepEqual(withoutTables.silentSshPorts, [], 'what listens is not known');

  const withoutAny = await conditionsWithout(/^/);
  assert.deepEqual(behind(withoutAny), []);
});

test('parseInterfaces() reads names, of which one may end with a number behind a dot or an "@"', () => {
  const table = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1538376   21944    0    0    0     0          0         0  1538376   21944    0    0    0     0       0          0
eth0.100:2143654      24    0    0    0     0          0         0     1538      24    0    0    0     0       0          0
`;
  assert.deepEqual(parseInterfaces(table), ['lo', 'eth0.100']);
});
