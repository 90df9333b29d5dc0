import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { fillScript } from '../../src/firewall/ipset/set-script.ts';
import { parseSavedSets } from '../helpers/saved-sets.ts';
import { rulesScript } from '../../src/firewall/ipset/rules-script.ts';
import { restoreArgs, toolName } from '../../src/firewall/ipset/tool-names.ts';
import { parseRules } from '../../src/firewall/ipset/parse-rules.ts';
import { backendOn } from '../helpers/backends.ts';
import { familyOf } from '../../src/ip/cidr.ts';
import type { Family } from '../../src/ip/family.ts';
import { families } from '../../src/ip/family.ts';
import { networksOf as shapeOf, noExtraEntries } from '../../src/firewall/set-shape.ts';
import { diff } from '../../src/plan/diff.ts';
import { isUnfinished } from '../../src/firewall/ipset/temporary-sets.ts';
import type { Ruleset } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import { tableOf } from '../../src/firewall/ipset/tables.ts';
import { FakeKernel } from '../helpers/fake-kernel.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { boundsIn, fenceState, judge, snapshot } from '../helpers/states.ts';
import { bringAbout } from '../kernel/bring-about.ts';

/** So few that the same ones meet again in countries, escapes and what is found in the kernel. */
const pool: Record<Family['name'], readonly string[]> = {
  ipv4: ['0.0.0.0/0', '192.0.2.0/24', '192.0.2.0/25', '192.0.2.128/25', '198.51.100.7/32', '203.0.113.0/24'],
  ipv6: ['::/0', '2001:db8::/32', '2001:db8::/33', '2001:db8:8000::/33', '2001:db9::1/128', '2001:dba::/48'],
};
const addresses = [
  '192.0.2.1',
  '192.0.2.200',
  '198.51.100.7',
  '198.51.100.8',
  '203.0.113.1',
  '2001:db8::1',
].concat(['2001:db8:8000::1', '2001:db9::1', '2001:db9::2', '2001:dba::1']);

const networksOf = (...list: readonly Family[]): fc.Arbitrary<string[]> =>
  fc.subarray(
    list.flatMap(({ name }) => pool[name]),
    { maxLength: 6 },
  );

const fence: fc.Arbitrary<FenceOptions> = fc.record({
  mode: fc.constantFrom('allow', 'deny'),
  countries: fc.constantFrom(['CA'], ['CA', 'DE']),
  networks: networksOf(...families),
  escapes: networksOf(...families),
  local: fc.boolean(),
  ipv6: fc.boolean(),
  logDrops: fc.boolean(),
});

const names = families.flatMap(({ version }) =>
  ['main-allow', 'main-deny', 'escape', 'old-allow'].flatMap((name) => [
    `geofence-${name}-${version}`,
    `geofence-${name}-${version}.new`,
  ]),
);

const anySet = fc.constantFrom(...families).chain((family) =>
  fc.record({
    family: fc.constant(family),
    type: fc.constantFrom('hash:net', 'hash:net', 'hash:net', 'hash:ip'),
    options: fc.constantFrom('', '', 'counters'),
    networks: networksOf(family),
    exceptions: networksOf(family),
  }),
);

type FoundSet = typeof anySet extends fc.Arbitrary<infer T> ? T : never;

/** What somebody may have left under our names. */
interface Found {
  readonly sets: ReadonlyMap<string, FoundSet>;
  /** For each family the lines of rules of its own making. */
  readonly rules: readonly (readonly string[])[];
}

const chains = ['GEOFENCE', 'GEOFENCE-DROP', 'GEOFENCE-main', 'GEOFENCE-old', 'OTHER'];
const anyTarget = fc.constantFrom(
  '-j DROP',
  '-j RETURN',
  '-g GEOFENCE-main',
  '-j GEOFENCE-DROP',
  '-j GEOFENCE-old',
);
const anyMatch = fc.constantFrom(
  '',
  '-i eth0 ',
  '-s 192.0.2.1/32 ',
  '-m comment --comment "see -j GEOFENCE" ',
);

const anyRules = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom(...chains.slice(0, 3)), anyMatch, fc.constantFrom('-j DROP', '-j RETURN')),
    fc.tuple(fc.constantFrom('PREROUTING', 'INPUT', 'OTHER'), anyMatch, anyTarget),
    fc.constant(['PREROUTING', '', '-j GEOFENCE'] as const),
  ),
  { maxLength: 8 },
);

const found: fc.Arbitrary<Found> = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...names), anySet, { maxKeys: 8 }),
    fc.array(anyRules, { minLength: 2, maxLength: 2 }),
  )
  .map(([sets, rules]) => ({
    sets: new Map(Object.entries(sets)),
    rules: rules.map((lines, i) =>
      lines
        // An IPv4 source in an IPv6 rule is none.
        .filter(([, match]) => i === 0 || !match.startsWith('-s'))
        .map(([chain, match, target]) => `-A ${chain} ${match}${target}`),
    ),
  }));

/** A set looked at by a rule that is not ours to take away could not be replaced: no rule here looks at one. */
async function leave(kernel: FakeKernel, { sets, rules }: Found): Promise<void> {
  for (const [name, { family, type, options, networks, exceptions }] of sets) {
    const isNet = type === 'hash:net';
    const usable = (network: string): boolean =>
      !network.endsWith('/0') && (isNet || network.endsWith(`/${family.bits}`));
    const lines = [
      `create ${name} ${type} family ${family.version === 4 ? 'inet' : 'inet6'} ${options}`,
      // A set of single addresses takes no length.
      ...networks.filter(usable).map((network) => `add ${name} ${isNet ? network : network.split('/')[0]}`),
      ...exceptions
        .filter((network) => isNet && usable(network) && !networks.includes(network))
        .map((network) => `add ${name} ${network} nomatch`),
    ];
    await kernel.meddle('ipset', ['restore'], `${lines.join('\n')}\n`);
  }
  for (const [i, family] of families.entries()) {
    const lines = ['*mangle', ...chains.map((name) => `:${name} - [0:0]`), ...(rules[i] ?? []), 'COMMIT', ''];
    await kernel.meddle(toolName(family, 'auto', 'restore'), restoreArgs, lines.join('\n'));
  }
}

const noWait = async (): Promise<void> => {};
const newBackend = (kernel: FakeKernel): ReturnType<typeof backendOn> =>
  backendOn(kernel.run, noWait, 'auto');

test('diff(desired, apply(diff(desired, actual), actual)) is empty, whatever was there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.option(fence), found, async (options, actual) => {
      const kernel = new FakeKernel();
      const backend = newBackend(kernel);
      await leave(kernel, actual);
      const desired = options === null ? noFence : fenceState(options);
      const now = await backend.read('content');
      await backend.apply(diff(desired, now), now);
      const after = await backend.read('content');
      assert.deepEqual(diff(desired, after), []);
      assert.deepEqual(snapshot(after), snapshot(desired));
    }),
    { numRuns: 500 },
  );
});

test('applyPolicy() leaves one fence or the other, whatever line fails', async () => {
  await fc.assert(
    fc.asyncProperty(fc.option(fence), fence, fc.nat({ max: 120 }), async (from, to, line) => {
      const kernel = new FakeKernel();
      const backend = newBackend(kernel);
      const before = from === null ? noFence : fenceState(from);
      await bringAbout(backend, before);
      kernel.failAt(line + 1);
      const hasFailed = await bringAbout(backend, fenceState(to)).then(
        () => false,
        () => true,
      );
      const after = await backend.read('content');
      assert.deepEqual(snapshot(after), snapshot(hasFailed ? before : fenceState(to)));
      assert.ok([...after.sets.keys()].every((name) => !isUnfinished(name)));
    }),
    { numRuns: 500 },
  );
});

test('parseSavedSets() reads what fillScript() wrote', async () => {
  const anyBounds = fc
    .constantFrom(...families)
    .chain((family) => fc.tuple(fc.constant(family), networksOf(family)));
  await fc.assert(
    fc.asyncProperty(anyBounds, async ([family, networks]) => {
      const kernel = new FakeKernel();
      const bounds = boundsIn(family, networks);
      const { name, shape, script } = fillScript({
        name: 'geofence-x',
        owner: 'plan',
        shape: shapeOf(family),
        extraEntries: noExtraEntries,
        bounds,
      });
      await kernel.meddle('ipset', ['restore'], String(script));
      const { stdout } = await kernel.meddle('ipset', ['save', name]);
      assert.deepEqual(parseSavedSets(stdout), [
        { name, shape: { ...shape, maxEntries: 65536 }, bounds, isUnfinished: true },
      ]);
    }),
  );
});

const lines = (rules: Ruleset): string[] => snapshot({ sets: new Map(), rulesets: [rules] });

test('parseRules() reads what rulesScript() wrote', async () => {
  await fc.assert(
    fc.asyncProperty(fence, async (options) => {
      const kernel = new FakeKernel();
      const state = fenceState(options);
      for (const { script } of [...state.sets.values()].map((set) => fillScript(set)))
        await kernel.meddle('ipset', ['restore'], String(script).replaceAll('.new ', ' '));
      for (const [i, ruleset] of state.rulesets.entries()) {
        const { stage, family } = ruleset;
        const empty: Ruleset = noFence.rulesets[i] ?? assert.fail();
        await kernel.meddle(toolName(family, 'auto', 'restore'), restoreArgs, rulesScript(ruleset, empty));
        const { stdout } = await kernel.meddle(toolName(family, 'auto', 'save'), [
          '-c',
          '-t',
          tableOf[stage],
        ]);
        const parsed = parseRules(stage, family, stdout.toString());
        assert.deepEqual(lines(parsed), lines(ruleset));
      }
    }),
  );
});

/** node:net's own idea of which networks hold an address. */
function holds(networks: readonly string[], address: string): boolean {
  const list = new BlockList();
  // It would find 192.0.2.1 in ::/0, as ::ffff:192.0.2.1.
  for (const network of networks.filter((candidate) => familyOf(candidate) === familyOf(address))) {
    const [start = '', length] = network.split('/');
    list.addSubnet(start, Number(length), familyOf(start).name);
  }
  return list.check(address, familyOf(address).name);
}

test('verdict() agrees with what the policy says of an address', () => {
  fc.assert(
    fc.property(fence, fc.constantFrom(...addresses), (options, address) => {
      const { mode, networks = [], escapes = [], ipv6 } = options;
      const family = familyOf(address);
      const isOpen = family.version === 6 && ipv6 === false;
      const passes = isOpen || holds(escapes, address) || holds(networks, address) === (mode === 'allow');
      assert.equal(judge(fenceState(options), address).passes, passes);
    }),
    { numRuns: 2000 },
  );
});
