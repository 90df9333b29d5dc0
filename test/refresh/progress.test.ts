import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFencedHost } from '../helpers/fenced-host.ts';

const ERASE = '\r\u001B[K';

test('refresh shows on a terminal what it does, and leaves one line of it', async (t) => {
  const host = await startFencedHost(t);
  const { exitCode, stderr } = await host.geofenceOnTerminal(
    'refresh',
    '--deny',
    'RU',
    '--allow-subnet',
    '192.0.2.1',
  );
  assert.equal(exitCode, 0);
  for (const shown of [
    'fetching zones: 1 of 2',
    'fetching zones: 2 of 2',
    'loading sets: ',
    'loading rules: ',
  ]) {
    assert.ok(stderr.includes(shown), shown);
  }
  const left = stderr
    .split('\n')
    .map((line) => line.split(ERASE).at(-1))
    .filter((line) => line !== '');
  assert.deepEqual(left, ['2 zones fetched']);
});

test('refresh shows nothing of that with --quiet, and without a terminal', async (t) => {
  const host = await startFencedHost(t);
  assert.equal((await host.geofenceOnTerminal('refresh', '--deny', 'RU', '--quiet')).stderr, '');
  assert.equal((await host.geofence('refresh', '--deny', 'RU,CA')).stderr, '');
});

test('a refresh that fails leaves the error, and nothing of its progress', async (t) => {
  const host = await startFencedHost(t);
  const { exitCode, stderr } = await host.geofenceOnTerminal('refresh', '--allow', 'RU,FR');
  assert.equal(exitCode, 1);
  const left = stderr.split('\n').map((line) => line.split(ERASE).at(-1) ?? '');
  assert.match(left.join('\n'), /^geofence: Cannot get zone FR/m);
  assert.doesNotMatch(left.join('\n'), /fetching/);
});
