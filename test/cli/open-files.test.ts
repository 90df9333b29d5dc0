import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cliPath } from '../helpers/cli.ts';
import { startHost } from '../helpers/host.ts';

/** From about what Node.js itself needs to start up to what is enough. */
const limits = Array.from({ length: 10 }, (_, i) => 19 + 2 * i);

test('a run that may open few files says so in a line, and leaves the fence whole', async (t) => {
  const host = await startHost(t);
  assert.equal((await host.geofence(['refresh', '--allow', 'CA'])).status, 0);
  assert.equal((await host.geofence(['fetch', '--deny', 'RU'])).status, 0);
  const fenced = await host.inForce();
  let refused = 0;
  for (const limit of limits) {
    const limited = ['sh', '-c', 'ulimit -n "$1" && shift && exec "$@"', 'sh', `${limit}`];
    const command = [...host.variables, ...limited, process.execPath, cliPath];
    const { status, stderr } = await host.namespace.finish('env', [
      ...command,
      'refresh',
      '--offline',
      '--deny',
      'RU',
    ]);
    if (status === 3) assert.match(stderr, /the fence is in force, and not remembered: /);
    if (status === 0 || status === 3) break;
    if ((await host.inForce()) !== fenced) {
      // The files ran out after the change: nobody can read what it came to, and that is said.
      assert.match(stderr, /^geofence: Cannot apply the fence: .*; and cannot put the former one back: /m);
      break;
    }
    // What Node.js itself needs differs from build to build: without that it aborts, without a word of ours.
    if (status !== 1 && stderr === '') continue;
    refused++;
    assert.match(
      stderr,
      /^geofence: (Cannot [^\n]*too many files open|Cannot go on: too many files)/m,
      `${limit}`,
    );
    assert.doesNotMatch(stderr, /internal error|\n {4}at /);
    assert.equal(status, 1);
  }
  assert.equal((await host.geofence(['refresh', '--offline', '--deny', 'RU'])).status, 0);
  assert.ok(refused > 3, `${refused} limits were too low`);
});
