import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { cliPath, runProgram } from '../helpers/cli.ts';
import { startHost } from '../helpers/host.ts';
import { tempDir } from '../helpers/temp-dir.ts';

test('the file works alone, whatever its name, with nothing beside it', async (t) => {
  const host = await startHost(t);
  const alone = join(await tempDir(t), 'geofence');
  await copyFile(cliPath, alone);
  // With a configuration file, a lock and HTTP: parts of it that are compiled when they are asked for.
  const environment = [
    `GEOFENCE_CONFIG=${host.config}`,
    `GEOFENCE_CACHE_DIR=${host.cache}`,
    `GEOFENCE_MIRROR=${host.mirror}`,
  ];
  const { status, stderr } = await host.namespace.finish('env', [
    ...environment,
    process.execPath,
    alone,
    'refresh',
    '--allow',
    'CA',
  ]);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
});

test('an internal error is told with positions of the sources', async (t) => {
  const saboteur = join(await tempDir(t), 'saboteur.cjs');
  // What the configuration of a run is read with.
  await writeFile(saboteur, "Object.fromEntries = () => { throw new TypeError('sabotage'); };\n");
  const { exitCode, stderr } = await runProgram([process.execPath, '--require', saboteur, cliPath, 'status']);
  assert.equal(exitCode, 1);
  assert.match(stderr, /^geofence: internal error, please report it: TypeError: sabotage\n/);
  assert.match(stderr, /at .* \(.*src\/config\/settings\.ts:\d+:\d+\)/);
});

test('the licences of everything in the file are in it', async () => {
  const { stdout } = await runProgram(['grep', '-a', ', licence ', cliPath]);
  const names = stdout.split('\n').map((line) => /^\/\/(\S+) /.exec(line)?.[1]);
  for (const name of ['undici', 'commander', 'ip-cidr', 'p-limit', 'proper-lockfile', 'valibot']) {
    assert.ok(names.includes(name), name);
  }
});
