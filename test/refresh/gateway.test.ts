import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFencedHost } from '../helpers/fenced-host.ts';

const files = { '/proc/sys/net/ipv4/ip_forward': '1\n' };

test('refresh --no-local warns on a gateway that it shuts out the LANs behind it, once', async (t) => {
  const host = await startFencedHost(t);
  const refresh = async (...args: string[]): Promise<string> =>
    (await host.call(['refresh', '--allow', 'CA', ...args], { files })).stderr;
  assert.equal(await refresh(), '');
  assert.match(
    await refresh('--no-local'),
    /^geofence: warning: this host forwards IPv4, and --no-local drops/,
  );
  assert.equal(await refresh('--no-local'), '');
  assert.equal(await refresh('--no-local', '--allow-subnet', '192.168.7.0/24'), '');
});
