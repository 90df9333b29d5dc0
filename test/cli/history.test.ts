import assert from 'node:assert/strict';
import { appendFile, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { cliPath, runProgram } from '../helpers/cli.ts';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip, pythonSkip } from '../helpers/kernel-skip.ts';
import { OBEYED } from '../helpers/obeyed.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const skip = await kernelSkip('nft');

const pathOf = async (host: Host, tool: string): Promise<string> =>
  (await host.tool('sh', '-c', `readlink -f "$(command -v ${tool})"`)).trim();

const ok = { status: 0, stdout: '', stderr: '' };

interface Run {
  readonly at: string;
  readonly command: string;
  readonly by: string;
  readonly changes: readonly string[];
  readonly exitCode?: number;
}

async function runsOf(host: Host): Promise<readonly Run[]> {
  const { status, stdout, stderr } = await host.geofence(['history', '--json']);
  assert.equal(status, 0, stderr);
  return (JSON.parse(stdout) as { runs: Run[] }).runs;
}

test('geofence history tells each change: which command, by whom, and how it ended', { skip }, async (t) => {
  const host = await startHost(t);
  const { stdout } = await host.geofence(['history']);
  assert.equal(stdout, 'history  nothing was changed yet\n');
  const allow = ['refresh', '--allow', 'CA', '--allow-subnet', '198.51.100.7'];
  assert.deepEqual(await host.geofence(allow, ['SUDO_USER=alice']), ok);
  assert.deepEqual(await host.geofence(allow), ok, 'nothing to do');
  assert.equal((await host.geofence(['status'])).status, 0);
  assert.equal((await host.geofence(['plan', '--deny', 'RU'])).status, 0);
  assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU'], ['SUDO_USER=bob']), ok);
  assert.deepEqual(await host.geofence(['rollback'], ['SUDO_USER=bob']), ok);
  assert.deepEqual(await host.geofence(['remove', '--dry-run', '--quiet']), {
    ...ok,
    stdout: (await host.geofence(['remove', '--dry-run'])).stdout,
  });
  assert.equal((await host.geofence(['remove', '--quiet'], ['SUDO_USER=alice'])).status, 0);
  const runs = await runsOf(host);
  assert.deepEqual(
    runs.map(({ command, by, exitCode }) => [command, by, exitCode]),
    [
      ['refresh --allow CA --allow-subnet 198.51.100.7', 'alice', 0],
      ['refresh --deny RU', 'bob', 0],
      ['rollback', 'bob', 0],
      ['remove --quiet', 'alice', 0],
    ],
  );
  for (const { changes } of runs) assert.ok(changes.length > 0);
  assert.match(runs[0]?.changes.join('\n') ?? '', /^create set geofence-main-allow-4 with \d+ networks?$/m);
  const lines = (await host.geofence(['history'])).stdout;
  assert.match(lines, /^when +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\ncommand +geofence refresh --allow CA /);
  assert.match(lines, /\nexit code +0\n$/);
});

test('a change that fails, and one that is killed, are in the history', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--allow-subnet', '198.51.100.7']), ok);
  // The tool that fails, or kills whoever called it, is found before the real one.
  for (const [ending, body] of [
    [1, 'exit 1'],
    [undefined, 'kill -9 $PPID; exit 1'],
  ] as const) {
    const dir = await tempDir(t);
    const [real, copy, tool] = [await pathOf(host, 'ipset'), join(dir, 'real'), join(dir, 'ipset')];
    await copyFile(real, copy);
    const script = `#!/bin/sh\n[ "$1" = restore ] && { ${body}; }\nexec ${copy} "$@"\n`;
    await writeFile(tool, script, { mode: 0o755 });
    const command = ['env', ...host.variables, process.execPath, cliPath, 'refresh', '--deny', 'RU'].join(
      ' ',
    );
    const { status, stderr } = await host.namespace.finish('unshare', [
      '--mount',
      'sh',
      '-c',
      `mount --bind ${tool} ${real} && exec ${command}`,
    ]);
    assert.equal(status, ending ?? null, stderr);
    const last = (await runsOf(host)).at(-1);
    assert.equal(last?.command, 'refresh --deny RU');
    assert.equal(last?.exitCode, ending);
  }
  assert.match((await host.geofence(['history'])).stdout, /\nexit code +none: it was killed, or goes on\n$/);
});

test('a history that cannot be written is told, and stops no change', { skip }, async (t) => {
  const host = await startHost(t);
  await mkdir(join(host.cache, 'state', 'history.jsonl'), { recursive: true });
  const { status, stderr } = await host.geofence([
    'refresh',
    '--allow',
    'CA',
    '--allow-subnet',
    '198.51.100.7',
  ]);
  assert.match(stderr, /^geofence: warning: the history does not tell of this change: Cannot write /m);
  assert.equal(status, 0, stderr);
  assert.equal((await host.geofence(['status'])).status, 0);
});

test('what is in the history reaches no terminal as it is', { skip }, async (t) => {
  const host = await startHost(t);
  const args = [
    'refresh',
    '--allow',
    'CA',
    '--allow-subnet',
    '198.51.100.7',
    '--config',
    "/x'\u001B[2J\n\u009B",
  ];
  assert.equal((await host.geofence(args)).status, 2);
  await writeFile(join(host.cache, '..', "x'\u001B[2J\u202E"), 'sources = ["ipdeny"]\n');
  const named = [...args.slice(0, -1), join(host.cache, '..', "x'\u001B[2J\u202E")];
  assert.deepEqual(await host.geofence(named), ok);
  const [run] = await runsOf(host);
  assert.match(run?.command ?? '', / --config '.*\/x'\\''\?\[2J.'$/);
  await appendFile(join(host.cache, 'state', 'history.jsonl'), '"\u001B[2J\u202E"\n');
  const { stdout, stderr } = await host.geofence(['history']);
  assert.doesNotMatch(stdout + stderr, OBEYED);
  assert.match(stderr, /has 1 damaged line/);
});

test('a change is a line in the log of the system', { skip: await pythonSkip('nft') }, async (t) => {
  const dir = await tempDir(t);
  const listener = `
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('/dev/log')
open('${dir}/ready', 'w')
s.settimeout(20)
open('${dir}/line', 'wb').write(s.recv(65536))
`;
  await writeFile(join(dir, 'listener.py'), listener);
  await writeFile(join(dir, 'geofence.toml'), '');
  const geofence = `${process.execPath} ${cliPath}`;
  // A system of its own as far as processes go: what is its first process is the first process of all.
  const unshare = ['unshare', '--map-root-user', '--net', '--mount', '--pid', '--fork', '--mount-proc'];
  const script = `
set -e
mount -t tmpfs tmpfs /dev
mknod /dev/null c 1 3 2>/dev/null || touch /dev/null
export GEOFENCE_STATE_DIR=${dir}/state GEOFENCE_CACHE_DIR=${dir}/cache GEOFENCE_CONFIG=${dir}/geofence.toml
export XTABLES_LOCKFILE=${dir}/lock SUDO_USER=alice
python3 ${dir}/listener.py &
until [ -e ${dir}/ready ]; do sleep 0.05; done
ipset create geofence-main-allow-4 hash:net
${geofence} remove
wait $!
`;
  const { exitCode, stderr } = await runProgram([...unshare, 'bash', '-c', script]);
  assert.equal(exitCode, 0, stderr);
  assert.match(
    await readFile(join(dir, 'line'), 'utf8'),
    // RFC 3164: facility 10 (authpriv) * 8 + severity 5 (notice).
    /^<85>.* geofence\[\d+\]: alice: remove: destroy set geofence-main-allow-4: exit code 0/,
  );
});
