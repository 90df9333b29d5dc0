import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { GeofenceError } from '../../src/errors.ts';
import { CommandError, runTool, runToolWithin } from '../../src/system/run.ts';
import { ChunkedText } from '../../src/words/chunked-text.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const lines = new ChunkedText(
  () => 100_000,
  function* () {
    for (let i = 0; i < 100; i++) yield 'a line of text\n'.repeat(1000);
  },
);

test('runTool() gives a tool what it reads, however much, and returns what it prints', async () => {
  const { stdout, stderr } = await runTool('cat', [], { input: lines });
  assert.equal(stdout.toString(), String(lines));
  assert.equal(stderr, '');
});

test('runTool() hands on what a tool prints while it prints it', async () => {
  const chunks: Buffer[] = [];
  const { stdout } = await runTool('cat', [], { input: lines, onOutput: (chunk) => chunks.push(chunk) });
  assert.equal(stdout.length, 0);
  assert.ok(chunks.length > 1);
  assert.equal(Buffer.concat(chunks).toString(), String(lines));
});

test('runTool() has nothing to give to a tool that is not told what to read', async () => {
  assert.equal((await runTool('cat', [])).stdout.length, 0);
});

test('a tool may stop reading early', async () => {
  assert.equal((await runTool('head', ['-n', '1'], { input: lines })).stdout.toString(), 'a line of text\n');
});

test('runTool() quotes what a tool says when it fails', async () => {
  await assert.rejects(
    runTool('sh', ['-c', 'echo why >&2; exit 3'], { input: lines }),
    (error) =>
      error instanceof CommandError &&
      error.status === 3 &&
      error.message === 'sh -c echo why >&2; exit 3 failed: why',
  );
});

test('runTool() says which package a tool is in that is not there', async () => {
  await assert.rejects(
    runTool('no-such-tables', []),
    (error) =>
      error instanceof GeofenceError &&
      error.message.startsWith('Cannot find "no-such-tables": not in /usr/sbin,') &&
      error.hint?.includes('"apt-get install iptables"') === true,
  );
});

test('runTool() rejects with what goes wrong on our side, and ends the tool', async () => {
  const broken = new ChunkedText(
    () => 1,
    function* () {
      yield 'some';
      throw new Error('no text');
    },
  );
  await assert.rejects(runTool('sleep', ['60'], { input: broken }), /^Error: no text$/);
  await assert.rejects(
    runTool('yes', [], {
      onOutput: () => {
        throw new Error('no sense');
      },
    }),
    /^Error: no sense$/,
  );
});

/** Ignores the signal that asks it to end, and so does what it started, whose process ID it writes to file $0. */
const deaf = 'trap "" TERM; sleep 60 & echo $! >"$0"; while :; do echo x; sleep 0.1; done';

/** Whether a process runs; one that was killed may wait for its parent to ask what became of it. */
const isRunning = async (pid: number): Promise<boolean> =>
  await readFile(`/proc/${pid}/stat`, 'utf8').then(
    (stat) => !stat.includes(') Z '),
    () => false,
  );

async function untilKilled(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8'));
  assert.ok(pid > 1);
  while (await isRunning(pid)) await setTimeout(20);
}

test('runTool() kills a tool that ignores SIGTERM, with what it started', { timeout: 20_000 }, async (t) => {
  const started = Date.now();
  const dir = await tempDir(t);
  await assert.rejects(runToolWithin(300)('sh', ['-c', deaf, `${dir}/first`]), {
    name: 'CommandError',
    message: /failed: it was killed, or took too long$/,
  });
  await untilKilled(`${dir}/first`);
  await assert.rejects(
    runTool('sh', ['-c', deaf, `${dir}/second`], {
      onOutput: () => {
        throw new Error('no sense');
      },
    }),
    /^Error: no sense$/,
  );
  await untilKilled(`${dir}/second`);
  assert.ok(Date.now() - started < 15_000);
});

test('runTool() lets a tool end by itself that SIGTERM asks to', async () => {
  const polite = 'trap "echo bye >&2; exit 7" TERM; while :; do sleep 0.05; done';
  await assert.rejects(runToolWithin(300)('sh', ['-c', polite]), { status: 7, stderr: /bye\n/ });
});
