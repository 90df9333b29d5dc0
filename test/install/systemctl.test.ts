import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disableSteps, enableSteps, parseUnits } from '../../src/install/systemctl.ts';

/** `systemctl show --property=Id,UnitFileState,ActiveState,NeedDaemonReload` of systemd 252. */
const shown = (state: string, active: string, reload = 'no'): string =>
  ['geofence-sets.service', 'geofence.service', 'geofence-refresh.timer']
    .map((id) => `Id=${id}\nActiveState=${active}\nUnitFileState=${state}\nNeedDaemonReload=${reload}\n`)
    .join('\n');
const units = ['geofence-sets.service', 'geofence.service', 'geofence-refresh.timer'];

test('enableSteps() reloads, enables and starts what was just written', () => {
  assert.deepEqual(enableSteps(parseUnits(shown('', 'inactive')), true), [
    ['daemon-reload'],
    ['enable', ...units],
    ['start', 'geofence-refresh.timer'],
  ]);
});

test('enableSteps() has nothing to do where all is at work', () => {
  assert.deepEqual(enableSteps(parseUnits(shown('enabled', 'active')), false), []);
});

test('enableSteps() reloads what somebody else wrote', () => {
  assert.deepEqual(enableSteps(parseUnits(shown('enabled', 'active', 'yes')), false), [['daemon-reload']]);
});

test('enableSteps() enables only what is disabled', () => {
  const found = parseUnits(
    shown('enabled', 'active').replace('UnitFileState=enabled', 'UnitFileState=disabled'),
  );
  assert.deepEqual(enableSteps(found, false), [['enable', 'geofence-sets.service']]);
});

test('disableSteps() stops what is at work, and reloads after the files are gone', () => {
  const found = parseUnits(shown('enabled', 'inactive'));
  assert.deepEqual(disableSteps(found, true), {
    before: [['disable', '--now', ...units]],
    after: [['daemon-reload']],
  });
  assert.deepEqual(disableSteps(parseUnits(shown('', 'inactive')), false), { before: [], after: [] });
});
