import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemdArgs } from '../../src/system/detach.ts';
import { runProgram } from '../helpers/cli.ts';
import { projectRoot } from '../helpers/golden.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const cron = join(projectRoot(), 'cron');

const version = await runProgram(['systemd-analyze', '--version']).catch(() => undefined);
if (version === undefined && (process.env['CI'] ?? '') !== '')
  throw new Error('In CI systemd-analyze must be installed');
const skip = version === undefined ? 'systemd-analyze is not installed' : false;

/** The units in a folder of their own, with a program that exists on every machine. */
async function copyUnits(dir: string): Promise<string[]> {
  const names = (await readdir(cron)).filter((name) => /\.(service|timer)$/.test(name));
  for (const name of names) {
    const text = await readFile(join(cron, name), 'utf8');
    await writeFile(join(dir, name), text.replace('/usr/local/bin/geofence', '/bin/true'));
  }
  return names.map((name) => join(dir, name));
}

test('systemd-analyze verify has nothing to say about the units', { skip }, async (t) => {
  const units = await copyUnits(await tempDir(t));
  assert.equal(units.length, 5);
  const result = await runProgram(['systemd-analyze', 'verify', ...units]);
  assert.deepEqual(result, { exitCode: 0, stdout: '', stderr: '' });
});

test('systemd-analyze security finds every service well confined', { skip }, async (t) => {
  const units = await copyUnits(await tempDir(t));
  for (const unit of units.filter((name) => name.endsWith('.service'))) {
    // 0 is the best and 10 the worst; README.md says 2.1.
    const { exitCode, stdout } = await runProgram([
      'systemd-analyze',
      'security',
      '--offline=yes',
      '--threshold=21',
      unit,
    ]);
    assert.equal(exitCode, 0, stdout);
  }
});

test('geofence.service is started with each firewall, and never stopped with one', async () => {
  const text = await readFile(join(cron, 'geofence.service'), 'utf8');
  const after = /^After=.* geofence-sets\.service (.*)$/m.exec(text)?.[1];
  assert.equal(/^WantedBy=multi-user\.target (.*)$/m.exec(text)?.[1], after);
  // A restart of firewalld stops iptables.service: of a unit that is stopped with it, systemd refuses to restart it too.
  assert.doesNotMatch(text, /^(PartOf|BindsTo|Requires|StopPropagatedFrom)=/m);
  // What is active is not started.
  assert.doesNotMatch(text, /^RemainAfterExit=/m);
});

test('the units never give one process both the network and the privilege', async () => {
  const fetch = await readFile(join(cron, 'geofence-fetch.service'), 'utf8');
  assert.match(fetch, /^CapabilityBoundingSet=$/m);
  assert.match(fetch, /^DynamicUser=yes$/m);
  for (const name of ['geofence.service', 'geofence-sets.service', 'geofence-refresh.service']) {
    const text = await readFile(join(cron, name), 'utf8');
    assert.match(text, /^IPAddressDeny=any$/m);
    assert.match(text, /^ExecStart=\S+ (restore|refresh --offline) /m);
    assert.match(text, /^CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW$/m);
  }
});

test('systemdArgs() asks for a transient timer, to the second', () => {
  assert.deepEqual(systemdArgs({ id: 'abc', args: [], afterSeconds: 60 }), [
    '--quiet',
    '--collect',
    '--unit=geofence-rollback-abc',
    '--on-active=60s',
    '--timer-property=AccuracySec=1s',
    '--',
  ]);
});

test('geofence.weekly is a shell script that sh can read', async () => {
  const { exitCode, stderr } = await runProgram(['sh', '-n', join(cron, 'geofence.weekly')]);
  assert.equal(stderr, '');
  assert.equal(exitCode, 0);
});
