import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { cliPath } from '../helpers/cli.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Terminal } from '../helpers/terminal.ts';
import { openTerminal } from '../helpers/terminal.ts';

const CONSENT = 'do this, on trial [y/N]: ';
const KEEP = 'keep it [y/N]: ';

test(
  'geofence fence add on a terminal shows the plan, asks, and stays only if that is confirmed',
  { skip: await kernelSkip('nft') },
  async (t) => {
    const host = await startHost(t);
    assert.equal((await host.geofence(['refresh', '--allow', 'CA'])).status, 0);
    const before = [await host.kernel(), await readdir(dirname(host.config))];
    const start = (...args: string[]): Terminal =>
      openTerminal(t, host.namespace, ['env', ...host.variables, process.execPath, cliPath, ...args]);
    const add = ['fence', 'add', 'web', '--allow', '*', '--ports', 'web'];

    const refused = start(...add);
    await refused.wait('+ ports = ["web"]');
    await refused.wait('everything else: only CA (Canada)');
    await refused.wait('replace the IPv4 rules');
    await refused.answer(CONSENT, 'n');
    assert.equal((await refused.end()).status, 1);
    assert.match(refused.shown, /\ngeofence: As you wish: nothing was changed\n/);
    assert.deepEqual([await host.kernel(), await readdir(dirname(host.config))], before);

    const reverted = start(...add);
    await reverted.answer(CONSENT, 'y');
    await reverted.wait(KEEP);
    assert.match((await host.geofence(['check', '203.0.113.1', '--port', 'tcp/443'])).stdout, /passes/);
    reverted.type('n\n');
    assert.equal((await reverted.end()).status, 1);
    assert.match(reverted.shown, /the fence was taken back, and everything is as it was/);
    assert.deepEqual([await host.kernel(), await readdir(dirname(host.config))], before);
    assert.equal((await host.geofence(['status'])).status, 0);

    const kept = start(...add);
    await kept.answer(CONSENT, 'y');
    await kept.answer(KEEP, 'y');
    assert.equal((await kept.end()).status, 0);
    assert.match(kept.shown, /\nfile +\S+\/fences\.d\/web\.toml\s+is\s+written\n/);
    const { status, stdout } = await host.geofence(['status']);
    assert.equal(status, 0, stdout);
    const lines = (refused.shown + kept.shown).replaceAll(dirname(host.config), '/etc/geofence').split('\n');
    // What a file holds is as wide as it is.
    assert.deepEqual(
      lines.filter((line) => line.length > 80 && !/^ {6}[+-] /.test(line)),
      [],
    );
  },
);
