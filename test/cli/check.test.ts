import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { cliPath, runCli } from '../helpers/cli.ts';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Finished } from '../helpers/netns.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const skip = await kernelSkip('nft');

/** Runs a line of shell, in which "$@" stands for geofence. */
const shell = async (host: Host, line: string): Promise<Finished> =>
  await host.namespace.finish('env', [
    `GEOFENCE_CACHE_DIR=${host.cache}`,
    `GEOFENCE_STATE_DIR=${join(host.cache, 'state')}`,
    `GEOFENCE_CONFIG=${host.config}`,
    'bash',
    '--norc',
    '-c',
    `set -o pipefail; ${line}`,
    'bash',
    process.execPath,
    cliPath,
  ]);

/** Fenced to Canada, with Russia's zones in the cache and a log of so many lines. */
async function startLoggingHost(t: Parameters<typeof startHost>[0], lines: number): Promise<[Host, string]> {
  const host = await startHost(t);
  assert.equal((await host.geofence(['fetch', '--allow', 'CA,RU'])).status, 0);
  assert.equal((await host.geofence(['refresh', '--allow', 'CA'])).status, 0);
  const log = join(await tempDir(t), 'access.log');
  const addresses = ['192.0.2.1', '203.0.113.7', '2001:db8:ca::1', '10.0.0.1'];
  const text = Array.from({ length: lines }, (_, i) => `${addresses[i % 4]} - - "GET / HTTP/1.1" 200\n`);
  await writeFile(log, text.join(''));
  return [host, log];
}

test('geofence check reads a pipe and a file alike, and asks the real kernel', { skip }, async (t) => {
  const [host, log] = await startLoggingHost(t, 4000);
  const piped = await shell(host, `cat ${log} | "$@" check`);
  assert.equal(piped.status, 0);
  assert.equal(piped.stderr, '');
  const lines = piped.stdout.split('\n');
  assert.deepEqual(lines.slice(0, 4), [
    '192.0.2.1        passes   CA',
    '203.0.113.7      dropped  RU',
    '2001:db8:ca::1   passes   CA',
    '10.0.0.1         passes   local',
  ]);
  assert.deepEqual(lines.slice(4000), [
    '',
    '4,000 addresses: 3,000 passed, 1,000 dropped',
    '2,000  50.0 %  passes   CA (Canada)',
    '1,000  25.0 %  passes   local addresses',
    '1,000  25.0 %  dropped  RU (Russia)',
    '',
  ]);
  assert.deepEqual(await shell(host, `"$@" check - <${log}`), piped);
});

test(
  'geofence check ends quietly when its reader has seen enough of an endless input',
  { skip },
  async (t) => {
    const [host] = await startLoggingHost(t, 0);
    for (const more of ['', ' --json']) {
      const { status, stdout, stderr } = await shell(
        host,
        `yes 192.0.2.1 | timeout 20 "$@" check -${more} | head -n 1; exit "\${PIPESTATUS[1]}"`,
      );
      assert.match(stdout, /^[^\n]*192\.0\.2\.1[^\n]*\n$/);
      assert.equal(stderr, '');
      assert.equal(status, 0);
    }
  },
);

test('geofence check goes on answering while its input stays open', { skip }, async (t) => {
  const [host] = await startLoggingHost(t, 0);
  const { stdout, stderr, status } = await shell(
    host,
    // The second line comes only once the first is answered.
    `mkfifo ${host.cache}/pipe; exec 3<>${host.cache}/pipe; { echo 192.0.2.1; read -r answer <&3; echo "$answer" >&2; } | "$@" check - | { read -r line; echo "$line" >&3; cat; }`,
  );
  assert.equal(stderr, '192.0.2.1        passes   CA\n');
  assert.match(stdout, /^\n1 address: 1 passed, 0 dropped\n/);
  assert.equal(status, 0);
});

test('geofence check fails when its answer cannot be written', { skip }, async (t) => {
  const [host] = await startLoggingHost(t, 0);
  const { status, stderr } = await shell(host, `echo 192.0.2.1 | "$@" check >/dev/full`);
  assert.equal(stderr, 'geofence: Cannot write the answer: disk is full\n');
  assert.equal(status, 1);
});

test(
  'geofence check goes by a change on trial, and proposes nothing before it is confirmed',
  { skip },
  async (t) => {
    const [host] = await startLoggingHost(t, 0);
    assert.equal((await host.geofence(['refresh', '--deny', 'RU', '--confirm', '300'])).status, 0);
    const { stdout } = await host.geofence(['check', '203.0.113.7']);
    assert.match(
      stdout,
      /^203\.0\.113\.7 {2}is dropped\n[^]*policy +says the same\n {2}country +RU [^]* old\n$/,
    );
    await host.geofence(['confirm']);
    assert.match((await host.geofence(['check', '203.0.113.7'])).stdout, /\n {2}let in +geofence remove /);
  },
);

test('geofence check of no input and of a host that does not exist', async () => {
  const empty = await runCli(['check', '--allow', 'AQ', '--iptables', 'nft'], {
    GEOFENCE_CACHE_DIR: '/nonexistent',
  });
  assert.deepEqual([empty.exitCode, empty.stdout], [0, 'no addresses\n']);
  // RFC 6761: names under "invalid" never exist, and no name server is asked about them.
  const host = await runCli(['check', 'no.invalid', '--allow', 'AQ']);
  assert.match(
    host.stderr,
    /^geofence: warning: Cannot resolve "no\.invalid": (no such host|no name server answers)\n$/,
  );
  assert.deepEqual([host.exitCode, host.stdout], [1, '']);
});
