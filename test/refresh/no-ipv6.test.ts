import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
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
  assert.match(
    status.stdout,
    /^policy +allow only CA \(Canada\); local addresses always get in; the kernel has\n +no IPv6\n/m,
  );
  assert.equal(status.exitCode, 0);

  // A change on trial, then the same taken back, of a policy that says nothing about IPv6.
  const state = join(dir, 'cache', 'state');
  const { version, ...policy } = JSON.parse(await readFile(join(state, 'policy.json'), 'utf8')) as {
    version: number;
  };
  const pend = async (isTakenBack: boolean): Promise<void> =>
    await writeFile(
      join(state, 'pending.json'),
      JSON.stringify({
        version,
        id: 'x',
        until: '2100-01-01T00:00:00.000Z',
        bootId: '',
        policy,
        isTakenBack,
      }),
      { mode: 0o644 },
    );
  await pend(false);
  const onTrial = await geofence('status');
  assert.match(onTrial.stdout, /^state +pending: /);
  assert.equal(onTrial.exitCode, 0);
  await pend(true);
  await writeFile(join(dir, 'geofence.toml'), 'sources = ["ipdeny"]\nallow = "CA"\n');
  const restored = await geofence('restore');
  assert.match(
    restored.stderr,
    /the policy was taken back, for nobody confirmed it; the one before it counts\n$/,
  );
  assert.equal(restored.exitCode, 0);
  const takenBack = await geofence('status');
  assert.match(
    takenBack.stdout,
    /\nproblems +the configured policy was taken back, for nobody confirmed it\n +→ geofence refresh --confirm 60, or state another policy\n$/,
  );
  assert.equal(takenBack.exitCode, 3);
  assert.equal((await geofence('remove')).exitCode, 0);
});
