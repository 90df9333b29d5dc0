import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeKernel } from '../helpers/fake-kernel.ts';
import type { CommandOutcome } from '../helpers/in-process.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { startZoneServer } from '../helpers/zone-server.ts';

test('geofence fences IPv4 alone where the kernel has no IPv6 (ipv6.disable=1)', async (t) => {
  const server = await startZoneServer({ zones: { ipv4: { ca: ['192.0.2.0/24'] } } });
  t.after(() => server.close());
  const dir = await tempDir(t);
  await writeFile(join(dir, 'geofence.toml'), 'sources = ["ipdeny"]\n');
  const kernel = new FakeKernel();
  // As its tools do there: "Address family not supported by protocol".
  kernel.failOn(/^ip6tables/);
  const geofence = async (...args: string[]): Promise<CommandOutcome> =>
    await runInProcess(args, {
      run: kernel.run,
      hasIPv6: false,
      env: {
        GEOFENCE_MIRROR: server.url,
        GEOFENCE_CACHE_DIR: join(dir, 'cache'),
        GEOFENCE_CONFIG: join(dir, 'geofence.toml'),
      },
    });
  assert.deepEqual(await geofence('refresh', '--allow', 'CA'), { exitCode: 0, stdout: '', stderr: '' });
  const status = await geofence('status');
  assert.match(status.stdout, /^policy +allow only CA \(Canada\)\nIPv4 +1 network/);
  assert.equal(status.exitCode, 0);
  assert.deepEqual(await geofence('remove'), { exitCode: 0, stdout: '', stderr: '' });
});
