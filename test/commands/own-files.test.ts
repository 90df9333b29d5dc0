import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFencedHost } from '../helpers/fenced-host.ts';

test('commands name the file that states what they tell of', async (t) => {
  const host = await startFencedHost(t);
  const main = join(host.dir, 'fences.d', 'main.toml');
  await mkdir(join(host.dir, 'fences.d'));
  await writeFile(main, 'allow = ["CA"]\n');
  await writeFile(join(host.dir, 'escapes.toml'), '[[escape]]\ncidr = "192.0.2.130"\n');
  assert.equal((await host.geofence('refresh')).exitCode, 0);
  const status = await host.geofence('status');
  assert.match(status.stdout, new RegExp(`^stated +by ${main}$`, 'm'));
  await host.geofence('fetch', '--allow', 'RU');
  const check = await host.geofence('check', '203.0.113.7', '192.0.2.130', '--json');
  const { addresses } = JSON.parse(check.stdout) as { addresses: { remedy: { ways: string[] } }[] };
  const escapes = join(host.dir, 'escapes.toml');
  assert.deepEqual(
    addresses.map(({ remedy }) => remedy.ways),
    [
      [`add RU to allow (from ${main})`, `add 203.0.113.7 to allow_subnets (from ${escapes})`],
      [`take 192.0.2.130/32 out of allow_subnets (from ${escapes})`],
    ],
  );
  const typed = await host.geofence('refresh', '--deny', 'RU', '--no-local');
  for (const option of ['--deny', '--no-local'])
    assert.ok(
      typed.stderr.includes(
        `warning: "${main}" states the policy: ${option} holds until the next refresh without it\n`,
      ),
      typed.stderr,
    );
  const removed = await host.geofence('remove');
  assert.ok(removed.stderr.includes(`warning: "${main}" still states a policy: the next refresh`));
});

test('geofence refresh does not tell of options that say what the files say, in other words', async (t) => {
  const host = await startFencedHost(t);
  await host.configure('allow = ["CA", "RU"]\nallow_subnets = ["192.0.2.130", "198.51.100.7"]\n');
  const refresh = async (...escapes: string[]): Promise<string> => {
    const options = escapes.flatMap((escape) => ['--allow-subnet', escape]);
    return (await host.geofence('refresh', '--allow', 'ru,CA', ...options)).stderr;
  };
  assert.equal(await refresh(), '');
  assert.equal(await refresh('198.51.100.7/32', '192.0.2.130', '192.0.2.130'), '');
  const warning =
    /warning: ".*geofence\.toml" states the policy: --allow-subnet holds until the next refresh/;
  assert.match(await refresh('198.51.100.7'), warning);
});

test('geofence refresh goes by typed escapes where those of the file are none', async (t) => {
  const host = await startFencedHost(t);
  await host.configure('allow = ["CA"]\nallow_subnets = ["office"]\n');
  const { stderr, exitCode } = await host.geofence('refresh', '--allow-subnet', '192.0.2.130');
  assert.match(stderr, /--allow-subnet holds until the next refresh without it$/m);
  assert.equal(exitCode, 0);
});

test('geofence config check tells what is remembered, and which options say otherwise', async (t) => {
  const host = await startFencedHost(t);
  const { stdout, exitCode } = await host.geofence('config', 'check', '--ipv4-only');
  assert.match(stdout, /^allow +CA +the last refresh$/m);
  assert.match(stdout, /^ipv6 +false +--ipv4-only$/m);
  assert.match(stdout, /^deadline_seconds +1 +.*geofence\.toml:2$/m);
  assert.equal(exitCode, 0);
});
