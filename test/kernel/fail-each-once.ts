import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { restoreArgs, toolName } from '../../src/firewall/ipset/tool-names.ts';
import type { Variant } from '../../src/firewall/variants.ts';
import { families } from '../../src/ip/family.ts';
import { CommandError } from '../../src/system/run.ts';
import type { Run } from '../../src/system/run.ts';
import { backendOn } from '../helpers/backends.ts';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';
import type { KernelKind } from '../helpers/kernels.ts';
import { inForce } from '../helpers/states.ts';

/** A command of which the calls of tools fail one at a time, on a host that is fenced to Canada. */
export interface FailingCommand {
  readonly name: string;
  readonly command: readonly string[];
  /** What is done before it. */
  readonly prepare?: (host: FencedHost, variant: Variant) => Promise<unknown>;
}

const flush = async ({ kernel }: FencedHost, variant: Variant): Promise<void> => {
  for (const family of families)
    await kernel.meddle(
      toolName(family, variant, 'restore'),
      restoreArgs,
      '*mangle\n:GEOFENCE - [0:0]\nCOMMIT\n',
    );
};

export const failingCommands: readonly FailingCommand[] = [
  {
    name: 'refresh, of a first fence',
    prepare: async (host) => await host.geofence('remove'),
    command: ['refresh', '--deny', 'RU'],
  },
  { name: 'refresh, to another policy', command: ['refresh', '--deny', 'RU', '--allow-subnet', '192.0.2.1'] },
  { name: 'refresh, with nothing to do', command: ['refresh'] },
  { name: 'restore, after a flush', prepare: flush, command: ['restore'] },
  {
    name: 'rollback',
    prepare: async (host) => await host.geofence('refresh', '--deny', 'RU'),
    command: ['rollback'],
  },
  { name: 'remove', command: ['remove'] },
];

/** Notes the calls of tools, of which the n-th fails before it does anything, or when it has done all. */
function failingOnce(run: Run, n: number, when: 'before' | 'after'): { run: Run; calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    run: async (tool, args, options) => {
      const isIt = calls.push([tool, ...args].join(' ')) === n;
      const failure = new CommandError([tool, ...args], { status: 1, stderr: `${tool}: out of memory` });
      if (isIt && when === 'before') throw failure;
      const result = await run(tool, args, options);
      if (isIt) throw failure;
      return result;
    },
  };
}

/** "ipset list", "iptables-save" */
const verbOf = (call: string): string => /^(?:ipset )?[^ ]+/.exec(call)?.[0] ?? '';

/** Which calls fail: all, or the last one of each tool and verb. */
export type Tried = 'all' | 'distinct';

/**
 * Lets each call of a tool in a command fail once, from the same beginning. Each time the kernel holds what was wanted,
 * or what was there before and the same command goes through. Returns how many failures there were.
 */
export async function failEachOnce(
  t: TestContext,
  kind: KernelKind,
  { command, prepare }: FailingCommand,
  { tried, when }: { tried: Tried; when: 'before' | 'after' },
): Promise<number> {
  const host = await startFencedHost(t, await kind.create(t));
  // Small sets: the fake kernel takes its time for many entries.
  await host.configure('max_extra_entries_percent = 0\n');
  const { kernel } = host;
  const backend = backendOn(kernel.run, setTimeout, kind.variant);
  // What is in a set with a timeout comes and goes by itself.
  const held = async (): Promise<string[]> =>
    inForce(await backend.read('content')).map((line) => line.replace(/( timeout \d+\)):.*/, '$1'));
  const begin = async (): Promise<void> => {
    await host.geofence('refresh', '--allow', 'CA');
    await prepare?.(host, kind.variant);
  };
  await begin();
  const from = await held();
  const whole = failingOnce(kernel.run, 0, when);
  assert.equal((await host.call(command, { run: whole.run })).exitCode, 0);
  const to = await held();
  const numbers = whole.calls
    .map((_, i) => i + 1)
    .filter((n) => tried === 'all' || !whole.calls.map(verbOf).includes(verbOf(whole.calls[n - 1]!), n));
  let isBegun = false;
  for (const n of numbers) {
    if (!isBegun) await begin();
    const writes = kernel.writes.length;
    const { exitCode, stderr } = await host.call(command, { run: failingOnce(kernel.run, n, when).run });
    const found = await held();
    const what = `call ${n} of ${whole.calls.length} failed ${when}: exit code ${exitCode}: ${stderr}`;
    assert.doesNotMatch(stderr, /internal error|\n {4}at /, what);
    // What was read before anything was changed can only be read again by the next run.
    isBegun = exitCode !== 0 && kernel.writes.length === writes;
    if (exitCode === 0) {
      assert.deepEqual(found, to, what);
      continue;
    }
    assert.equal(exitCode, 1, what);
    assert.match(stderr, /^geofence: Cannot .*: out of memory/m, what);
    const isNew = /the new fence holds|the fence is gone/.test(stderr);
    assert.deepEqual(found, isNew ? to : from, what);
  }
  if (!isBegun) await begin();
  const { exitCode, stderr } = await host.geofence(...command);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(await held(), to);
  return numbers.length;
}
