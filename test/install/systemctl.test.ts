import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileChange } from '../../src/install/change.ts';
import type { FileAction } from '../../src/report/installation.ts';
import { disableCalls, enableCalls, enablementLinks } from '../../src/install/systemctl.ts';
import { systemdUnits } from '../../src/install/templates/units.ts';

const changesOf = (action: FileAction): FileChange[] =>
  [...systemdUnits('/usr/local/bin/geofence')].map(([name, text]) => ({
    file: { path: `/etc/systemd/system/${name}`, mode: 0o644, text, kind: 'service', schedule: 'systemd' },
    action,
    before: action === 'create' ? undefined : text,
    after: action === 'remove' || action === 'save' ? undefined : text,
  }));
const units = ['geofence-sets.service', 'geofence.service', 'geofence-refresh.timer'];
const calls = {
  before: [],
  after: [['daemon-reload'], ['start', 'geofence-refresh.timer'], ['enable', ...units]],
};
const none = { before: [], after: [] };

test('enablementLinks() has a link for each target that wants the unit', () => {
  const text = '[Install]\nWantedBy=multi-user.target ufw.service\n';
  const path = '/etc/systemd/system/geofence.service';
  assert.deepEqual(enablementLinks({ path, mode: 0o644, text, kind: 'service' }), [
    '/etc/systemd/system/multi-user.target.wants/geofence.service',
    '/etc/systemd/system/ufw.service.wants/geofence.service',
  ]);
  assert.deepEqual(enablementLinks({ path, mode: 0o644, text: '[Service]\n', kind: 'service' }), []);
});

test('enableCalls() reloads, starts and enables what is about to be written', () => {
  for (const action of ['create', 'change'] as const)
    for (const areLinked of [false, true]) assert.deepEqual(enableCalls(changesOf(action), areLinked), calls);
});

test('enableCalls() does it again where a link is missing, and nothing where all is in place', () => {
  assert.deepEqual(enableCalls(changesOf('nothing'), false), calls);
  assert.deepEqual(enableCalls(changesOf('nothing'), true), none);
});

test('disableCalls() disables the units whose files go, and reloads after that', () => {
  for (const action of ['remove', 'save'] as const)
    assert.deepEqual(disableCalls(changesOf(action)), {
      before: [['disable', '--now', ...units]],
      after: [['daemon-reload']],
    });
});

test('disableCalls() leaves units alone whose files are not there, or not ours', () => {
  for (const action of ['nothing', 'keep'] as const) assert.deepEqual(disableCalls(changesOf(action)), none);
  const [, , , left, timer] = changesOf('remove');
  assert.deepEqual(disableCalls([left!, timer!]), {
    before: [['disable', '--now', 'geofence-refresh.timer']],
    after: [['daemon-reload']],
  });
});
