import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';

/** A set and the first rules of a fence in former.json, as far as something is planted in them. */
interface Former {
  readonly set: { name: string; header: string; readonly networks: string[] };
  readonly rules: {
    table: string;
    readonly chains: Record<string, string[]>;
    readonly jumps: { chain: string }[];
  };
}

interface Plant {
  readonly name: string;
  readonly reason: string;
  readonly plant: (former: Former) => void;
}

/** Of what has the form of a former.json. */
const NOT_OURS = 'it holds what no fence of ours does';

/** What somebody else makes of one field: text that would end its own line or table, and names that are not ours. */
const plants: readonly Plant[] = [
  {
    name: 'a rule that goes on in another table',
    reason: 'its fence.rulesets.0.chains.GEOFENCE.0 is damaged',
    plant: ({ rules }) => rules.chains['GEOFENCE']?.unshift('-j RETURN\nCOMMIT\n*filter\n-A INPUT -j ACCEPT'),
  },
  {
    name: 'a chain that is not ours',
    reason: NOT_OURS,
    plant: ({ rules }) => (rules.chains['PREROUTING'] = ['-j RETURN']),
  },
  {
    name: 'a chain with a line of its own',
    reason: 'its fence.rulesets.0.chains.GEOFENCE?-??0?0??COMMIT??filter??INP is damaged',
    plant: ({ rules }) => (rules.chains['GEOFENCE - [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT'] = ['-j RETURN']),
  },
  {
    name: 'a table that is not ours',
    reason: NOT_OURS,
    plant: ({ rules }) => (rules.table = 'filter'),
  },
  {
    name: 'a set that is not ours',
    reason: NOT_OURS,
    plant: ({ set }) => (set.name = 'blacklist'),
  },
  {
    name: 'a set with a line of its own',
    reason: 'its fence.sets.4.name is damaged',
    plant: ({ set }) => (set.name = 'geofence-x hash:net\ndestroy geofence-main-allow-4\ncreate geofence-y'),
  },
  {
    name: 'a header with a line of its own',
    reason: 'its fence.sets.4.header is damaged',
    plant: ({ set }) => (set.header = 'hash:net family inet\nflush'),
  },
  {
    name: 'a network that is none',
    reason: NOT_OURS,
    plant: ({ set }) => set.networks.push('192.0.2.0/24 nomatch\nflush'),
  },
  {
    name: 'a jump out of a chain with a line of its own',
    reason: 'its fence.rulesets.0.jumps.0.chain is damaged',
    plant: ({ rules }) => (rules.jumps[0]!.chain = 'PREROUTING 1 -j ACCEPT\n-I INPUT'),
  },
];

/** A host whose former fence, as a refresh wrote it down, somebody else wrote again with changes of his own. */
async function startHostWithFormer(t: TestContext, plant: Plant['plant']): Promise<FencedHost> {
  const host = await startFencedHost(t);
  await host.geofence('refresh', '--deny', 'RU');
  const path = join(host.dir, 'cache', 'state', 'former.json');
  const former = JSON.parse(await readFile(path, 'utf8')) as {
    readonly fence: { readonly sets: readonly Former['set'][]; readonly rulesets: [Former['rules']] };
  };
  const set = former.fence.sets.find(({ name }) => name === 'geofence-main-allow-4');
  plant({ set: set ?? assert.fail(), rules: former.fence.rulesets[0] });
  await writeFile(path, JSON.stringify(former));
  return host;
}

test('geofence rollback uses a former.json that somebody else wrote just as it was', async (t) => {
  const host = await startHostWithFormer(t, () => {});
  const { exitCode, stderr } = await host.geofence('rollback');
  assert.equal(exitCode, 0, stderr);
  assert.match(await host.state(), /^create geofence-main-allow-4 /m, 'the fence of before is back');
});

for (const { name, reason, plant } of plants) {
  test(`geofence rollback uses no planted former.json with ${name}`, async (t) => {
    const host = await startHostWithFormer(t, plant);
    const writes = host.kernel.writes.length;
    const { exitCode, stderr } = await host.geofence('rollback');
    assert.match(stderr, /^geofence: Cannot roll back: the former fence ".*former\.json" cannot be used: /);
    assert.ok(stderr.includes(`cannot be used: ${reason}\n`), stderr);
    assert.equal(exitCode, 1);
    assert.equal(host.kernel.writes.length, writes, 'no tool was given anything');
    assert.equal((await host.geofence('status')).exitCode, 0, 'and the fence stands');
  });
}
