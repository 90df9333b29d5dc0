import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditTrail } from '../../src/context/audit-trail.ts';
import { History } from '../../src/state/history.ts';
import { backendOn } from '../helpers/backends.ts';
import { FakeKernel } from '../helpers/fake-kernel.ts';
import { tempDir } from '../helpers/temp-dir.ts';

test('AuditTrail says to history and log how many changes it does not name', async (t) => {
  const told: string[] = [];
  const now = Date.parse('2026-11-28T12:00:00Z');
  const history = new History(await tempDir(t));
  const trail = new AuditTrail(
    ['refresh'],
    {
      env: {},
      isRoot: true,
      readText: () => Promise.resolve(undefined),
      now: () => now,
      tellSyslog: (text) => {
        told.push(text);
        return Promise.resolve();
      },
    },
    (text) => assert.fail(text),
  );
  const kernel = new FakeKernel();
  const backend = trail.watch(
    backendOn(kernel.run, async () => {}, 'auto'),
    history,
  );
  const changes = Array.from(
    { length: 20 },
    (_, i) => ({ what: 'set', verb: 'remove', name: `geofence-${i}` }) as const,
  );
  await backend.apply(changes, await backend.read('content')).catch(() => {});
  await trail.end(0);
  assert.match(told.join(), /destroy set geofence-14, destroy set geofence-15 and 4 more: exit code 0$/);
  const [entry] = (await history.read(now)).entries;
  assert.deepEqual([entry?.changes.length, entry?.changes.at(-1)], [17, '4 more']);
});
