import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { verdict } from '../../src/explain/verdict.ts';
import type { Packet } from '../../src/explain/packet.ts';
import type { AnyRule, Rule, SetState, State } from '../../src/firewall/model.ts';
import { INPUT_HOOK } from '../../src/firewall/model.ts';
import { networksOf } from '../../src/firewall/set-shape.ts';
import { parseAddress } from '../../src/ip/cidr.ts';
import { emptyBounds, wholeSpace } from '../../src/ip/bounds.ts';
import { ipv4 } from '../../src/ip/family.ts';
import { dispatch } from '../../src/plan/dispatch.ts';
import { anyArrival, anyFences, anyScope, interfaces, passes, ports } from '../helpers/any-fences.ts';
import { fenceOf } from '../helpers/fences.ts';
import type { Fence } from '../../src/policy/policy.ts';
import type { Arrival } from '../../src/policy/scope.ts';
import { covers, overlapOf } from '../../src/policy/scope.ts';

const arrivals = interfaces.flatMap((name) =>
  (['tcp', 'udp', 'other'] as const).flatMap((protocol) =>
    ports.map((port): Arrival => ({ interface: name, protocol, port })),
  ),
);

test('overlapOf() tells whether a packet can be in two scopes, with an example', () => {
  fc.assert(
    fc.property(anyScope, anyScope, (a, b) => {
      const overlap = overlapOf(a, b);
      const common = arrivals.filter((arrival) => covers(a, arrival) && covers(b, arrival));
      if (overlap === undefined) return assert.deepEqual(common, []);
      const [found] = overlap.ports;
      const name = overlap.interface?.replace('*', '77') ?? 'other';
      const example: Arrival =
        found === undefined
          ? { interface: name, protocol: 'other', port: 0 }
          : { interface: name, protocol: found.protocol, port: found.ranges[0]?.from ?? -1 };
      assert.ok(covers(a, example) && covers(b, example), JSON.stringify(example));
    }),
    { numRuns: 2000 },
  );
});

const testOf = ({ name, mode, isPreview }: Fence): Rule => ({
  match: [{ on: 'set', set: name, side: 'source', isInside: mode === 'deny' }],
  action: isPreview ? { do: 'jump', chain: 'seen' } : { do: 'drop' },
});

function stateOf(fences: readonly Fence[], inside: ReadonlySet<string>): State {
  const { first, chains } = dispatch(fences, ['tcp', 'udp'], testOf);
  const sets = fences.map(({ name }): [string, SetState] => [
    name,
    { name, shape: networksOf(ipv4), bounds: inside.has(name) ? wholeSpace(ipv4) : emptyBounds(ipv4) },
  ]);
  return {
    sets: new Map(sets),
    rulesets: [
      {
        stage: 'main',
        family: ipv4,
        hooks: [
          { at: INPUT_HOOK, position: 1, rule: { match: [], action: { do: 'jump', chain: 'GEOFENCE' } } },
        ],
        chains: new Map<string, readonly AnyRule[]>([['GEOFENCE', first], ...chains]),
      },
    ],
  };
}

const packetOf = ({ protocol, port, ...rest }: Arrival): Packet => ({
  ...rest,
  family: ipv4,
  source: parseAddress(ipv4, '192.0.2.1')!,
  state: 'NEW',
  ...(protocol === 'other' ? { protocol: 'gre' } : { protocol, port }),
});

test('dispatch() leads each packet to the fences that decide about it, and asks each set once', () => {
  fc.assert(
    fc.property(anyFences, fc.infiniteStream(fc.boolean()), anyArrival, (fences, answers, arrival) => {
      const inside = new Set(fences.map(({ name }) => name).filter(() => answers.next().value));
      const { passes: actual, lookups } = verdict(stateOf(fences, inside), packetOf(arrival));
      assert.equal(
        actual,
        passes(fences, ({ name }) => inside.has(name), arrival),
      );
      const covering = fences.filter(({ scope }) => covers(scope, arrival)).map(({ name }) => name);
      for (const { set } of lookups) assert.ok(covering.includes(set), `${set} was asked`);
      const owners = lookups.filter(({ set }) =>
        fences.some(({ name, mode, isPreview }) => name === set && mode === 'allow' && !isPreview),
      );
      assert.ok(owners.length <= 1, 'of the owners one is asked');
    }),
    { numRuns: 3000 },
  );
});

test('a rule takes as many ports as multiport, and a name of a chain as many characters as the kernel', () => {
  fc.assert(
    fc.property(anyFences, (fences) => {
      const { chains } = dispatch(fences, ['tcp', 'udp'], testOf);
      for (const [name, rules] of chains) {
        assert.ok(name.length <= 28, name);
        for (const { match } of rules) {
          for (const one of match ?? []) {
            if (one.on !== 'ports') continue;
            const slots = (one.destination ?? []).map(({ from, to }) => (from === to ? 1 : 2));
            assert.ok(slots.reduce((sum, n) => sum + n, 0) <= 15, JSON.stringify(one));
          }
        }
      }
    }),
  );
});

const portFence = (port: number, i: number): Fence =>
  fenceOf({
    name: `port-${i}`,
    scope: { interfaces: [], ports: [{ protocol: 'tcp', ranges: [{ from: port, to: port }] }] },
  });

test('with twenty fences a packet meets few rules', () => {
  const fences = Array.from({ length: 20 }, (_, i) => portFence(1000 + 100 * i, i));
  const { first, chains } = dispatch(fences, ['tcp', 'udp'], testOf);
  const longest = (chain: string): number => {
    const rules = chains.get(chain) ?? [];
    const ways = rules.map(({ action }, i) =>
      action?.do === 'goto' ? i + 1 + longest(action.chain) : i + 1,
    );
    return Math.max(...ways);
  };
  const [entry] = first;
  assert.equal(entry?.action.do, 'goto');
  assert.ok(
    entry.action.do === 'goto' && longest(entry.action.chain) <= 10,
    `${longest(entry.action.chain)}`,
  );
});

test('dispatch() needs no rule where no fence shuts out anybody', () => {
  const open = fenceOf({
    countries: 'everyone',
    scope: { interfaces: [], ports: [{ protocol: 'tcp', ranges: [{ from: 80, to: 80 }] }] },
  });
  for (const protocols of [['tcp'], ['tcp', 'udp']] as const) {
    const { first, chains } = dispatch([open], protocols, () => undefined);
    assert.deepEqual([first, [...chains]], [[], []]);
  }
});
