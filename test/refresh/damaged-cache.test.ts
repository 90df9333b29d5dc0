import assert from 'node:assert/strict';
import { appendFile, copyFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFencedHost } from '../helpers/fenced-host.ts';

/** What this process may grow by: less than any copy of what is planted. */
const MAX_GROWTH_KIB = 300_000;

const USED = 'the copy that was in force before stands in';

for (const { name, damage, reason } of [
  {
    name: 'of 1.9 GB',
    reason: 'it is larger than 16 MiB',
    damage: async (path: string) => await truncate(path, 1.9e9),
  },
  {
    name: 'that something was added to',
    reason: 'its SHA-256 is not the noted one',
    damage: async (path: string) => await appendFile(path, '# more\n'),
  },
]) {
  test(`geofence restore takes the copy before a zone file ${name}`, async (t) => {
    const host = await startFencedHost(t);
    const path = join(host.dir, 'cache', 'ipv4', 'ca.zone');
    await copyFile(path, path.replace('.zone', '.previous'));
    await damage(path);
    await host.kernel.meddle('ipset', ['restore'], 'flush geofence-main-allow-4\n');
    const before = process.resourceUsage().maxRSS;
    const { exitCode, stderr } = await host.geofence('restore');
    assert.equal(stderr, `geofence: warning: zone CA IPv4: the cached copy is damaged: ${reason}; ${USED}\n`);
    assert.equal(exitCode, 0);
    assert.ok(process.resourceUsage().maxRSS - before < MAX_GROWTH_KIB);
    await copyFile(path.replace('.zone', '.previous'), path);
    assert.equal((await host.geofence('status')).exitCode, 0, 'all is there again');
  });
}

test('geofence restore fails where the copy before a damaged zone cannot be used either', async (t) => {
  const host = await startFencedHost(t);
  const path = join(host.dir, 'cache', 'ipv4', 'ca.zone');
  const fenced = await host.state();
  await rm(join(host.dir, 'cache', 'state', 'zone-texts.json'));
  await copyFile(path, `${path}.good`);
  await truncate(path, 0);
  for (const spoil of [
    async () => {},
    async () => await writeFile(path.replace('.zone', '.previous'), 'x\n'),
  ]) {
    await spoil();
    const { exitCode, stderr } = await host.geofence('restore');
    assert.match(
      stderr,
      /^geofence: Cannot use zone CA IPv4: the cached copy is damaged: its first line is not ours\n/,
    );
    assert.equal(exitCode, 1);
  }
  await copyFile(`${path}.good`, path);
  assert.equal(await host.state(), fenced);
});
