import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandOutcome } from '../helpers/in-process.ts';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';

const ok = { exitCode: 0, stdout: '', stderr: '' };

/** What a change on trial needs: a run of the machine, and a timer, which never comes. */
const onTrial = {
  files: { '/proc/sys/kernel/random/boot_id': 'b\n' },
  startDetached: () => Promise.resolve(),
};

const call = async (host: FencedHost, ...args: string[]): Promise<CommandOutcome> =>
  await host.call(args, onTrial);

/** A host whose file states what was on trial, and taken back. */
async function afterTrial(host: FencedHost): Promise<void> {
  await host.configure('allow = "CA"\n');
  assert.deepEqual(await call(host, 'refresh'), ok);
  await host.configure('deny = "RU"\n');
  assert.deepEqual(await call(host, 'refresh', '--confirm', '60'), ok);
  assert.deepEqual(await call(host, 'rollback'), ok);
  assert.equal((await call(host, 'refresh')).exitCode, 4, 'no timer brings it back');
}

test('a policy that was taken back may be stated again once the file stated another one', async (t) => {
  const host = await startFencedHost(t);
  await afterTrial(host);
  await host.configure('allow = ["CA", "RU"]\n');
  assert.deepEqual(await call(host, 'refresh'), ok);
  await host.configure('deny = "RU"\n');
  assert.deepEqual(await call(host, 'refresh'), ok);
});

for (const options of [['--allow', 'CA,RU'], ['--log-drops'], ['--allow-subnet', '198.51.100.7']])
  test(`a policy that was taken back stays so while the file states it: ${options.join(' ')}`, async (t) => {
    const host = await startFencedHost(t);
    await afterTrial(host);
    assert.equal((await call(host, 'refresh', ...options)).exitCode, 0);
    const { exitCode, stderr } = await call(host, 'refresh');
    assert.match(
      stderr,
      /this policy was taken back, for nobody confirmed it until \S+ \(guard unconfirmed\)/,
    );
    assert.equal(exitCode, 4);
  });
