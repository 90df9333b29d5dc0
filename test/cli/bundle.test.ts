import assert from 'node:assert/strict';
import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { cliPath, runProgram } from '../helpers/cli.ts';
import { projectRoot } from '../helpers/golden.ts';
import { startHost } from '../helpers/host.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const dist = dirname(cliPath);

/** Runs a program with a lock, a configuration file and HTTP: parts of it that are loaded when they are asked for. */
async function refreshWith(t: TestContext, program: readonly string[]): Promise<void> {
  const host = await startHost(t);
  const command = [...host.variables, ...program, 'refresh', '--allow', 'CA'];
  const { status, stderr } = await host.namespace.finish('env', command);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
}

test('the folder works alone, with no packages beside it', async (t) => {
  const alone = join(await tempDir(t), 'geofence');
  const isProgram = (path: string): boolean => path !== join(dist, 'build');
  await cp(dist, alone, { recursive: true, filter: isProgram });
  await refreshWith(t, [process.execPath, join(alone, 'geofence.cjs')]);
});

/**
 * Copies what is packed, with this build in it: "prepare" would make a new one under other tests, and "npm pack" of npm
 * 9 and 10 runs it whatever --ignore-scripts says.
 */
async function copyWithoutScripts(folder: string): Promise<void> {
  for (const name of ['dist', 'cron', 'README.md', 'CHANGELOG.md', 'LICENSE'])
    await cp(join(projectRoot(), name), join(folder, name), { recursive: true });
  const text = await readFile(join(projectRoot(), 'package.json'), 'utf8');
  const { scripts: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
  await writeFile(join(folder, 'package.json'), JSON.stringify(rest));
}

test('npm installs the package without a network, and no other package with it', async (t) => {
  const [dir, prefix, packed] = [await tempDir(t), await tempDir(t), await tempDir(t)];
  await copyWithoutScripts(packed);
  const npm = async (...args: string[]): Promise<void> => {
    const env = { HOME: dir, npm_config_update_notifier: 'false', npm_config_fund: 'false' };
    const command = ['npm', ...args, '--offline', '--silent'];
    const { stderr, exitCode } = await runProgram(
      ['sh', '-c', 'cd "$0" && exec "$@"', packed, ...command],
      env,
    );
    assert.deepEqual({ stderr, exitCode }, { stderr: '', exitCode: 0 });
  };
  await npm('pack', '--pack-destination', dir);
  const [archive = ''] = (await readdir(dir)).filter((name) => name.endsWith('.tgz'));
  await npm('install', '--global', '--prefix', prefix, join(dir, archive));
  const packages = (await readdir(prefix, { recursive: true })).filter((path) =>
    path.endsWith('package.json'),
  );
  assert.deepEqual(packages, [join('lib', 'node_modules', 'geofence', 'package.json')]);
  await refreshWith(t, [join(prefix, 'bin', 'geofence')]);
  const root = join(dir, 'root');
  await mkdir(root);
  const installed = [
    join(prefix, 'bin', 'geofence'),
    'install',
    '--root',
    root,
    '--yes',
    '--schedule',
    'cron',
  ];
  const { stderr, exitCode } = await runProgram(installed);
  assert.deepEqual(
    { stderr, exitCode },
    { stderr: '', exitCode: 0 },
    'all that install needs is in the package',
  );
  assert.equal((await runProgram([join(root, 'usr/local/bin/geofence'), '--version'])).stdout, '0.1.0\n');
});

test('the program loads for each command only what it needs', async (t) => {
  const loader = join(await tempDir(t), 'loaded.cjs');
  await writeFile(
    loader,
    "process.on('exit', () => console.error(Object.keys(require('node:module')._cache).join(' ')));\n",
  );
  const loadedBy = async (...args: string[]): Promise<string[]> => {
    const { stderr } = await runProgram([process.execPath, '--require', loader, cliPath, ...args]);
    const names = stderr
      .trim()
      .split(' ')
      .filter((path) => path.startsWith(dist + sep));
    return names.map((path) => path.slice(dist.length + 1).replace(/(-[\w-]{8})?\.cjs$/, '')).sort();
  };
  assert.deepEqual(await loadedBy('--version'), ['geofence', 'rolldown-runtime']);
  assert.deepEqual(await loadedBy('--help'), ['geofence', 'rolldown-runtime']);
  const ofComplete = await loadedBy('complete', '--', 'refresh', '--allow', 'C');
  assert.ok(ofComplete.includes('complete'));
  assert.deepEqual(
    ofComplete.filter((name) => /^(undici|commands|fetch-zones|parse)$/.test(name)),
    [],
  );
});

test('an internal error is told with positions of the sources', async (t) => {
  const saboteur = join(await tempDir(t), 'saboteur.cjs');
  // What the configuration of a run is read with.
  await writeFile(saboteur, "Object.fromEntries = () => { throw new TypeError('sabotage'); };\n");
  const { exitCode, stderr } = await runProgram([process.execPath, '--require', saboteur, cliPath, 'status']);
  assert.equal(exitCode, 1);
  assert.match(stderr, /^geofence: internal error, please report it: TypeError: sabotage\n/);
  assert.match(stderr, /at .* \(.*src\/config\/settled\.ts:\d+:\d+\)/);
});

test('the licences of everything in the program are beside it', async () => {
  const text = await readFile(join(dist, 'LICENSES'), 'utf8');
  const names = [...text.matchAll(/^(\S+) \S+, licence \S/gm)].map(([, name]) => name);
  for (const name of [
    'geofence',
    'undici',
    'commander',
    'ip-cidr',
    'p-limit',
    'proper-lockfile',
    'valibot',
    'modern-tar',
  ]) {
    assert.ok(names.includes(name), name);
  }
});
