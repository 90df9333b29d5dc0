import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Backend } from '../../src/firewall/backend.ts';
import { restoreArgs, toolName } from '../../src/firewall/ipset/tool-names.ts';
import type { AnyRule, DesiredState } from '../../src/firewall/model.ts';
import { isForeign } from '../../src/firewall/model.ts';
import { noFence, rulesOf } from '../../src/firewall/rulesets.ts';
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4 } from '../../src/ip/family.ts';
import { diff } from '../../src/plan/diff.ts';
import { anyRule, createSets, namedChains, plainRule } from '../helpers/any-rule.ts';
import { backendOn } from '../helpers/backends.ts';
import type { KernelKind } from '../helpers/kernels.ts';
import { fakeKind, kernelKinds } from '../helpers/kernels.ts';
import { ruleOf, textOf } from '../helpers/rules.ts';
import { fenceState, snapshot } from '../helpers/states.ts';
import { bringAbout, place } from './bring-about.ts';

const RULES = 60;
const seed = Number(process.env['SEED'] ?? Date.now() % 1e9);

/** A fence of one family that has these rules in its chain. */
const stateWith = (family: Family, rules: readonly AnyRule[]): DesiredState => ({
  ...noFence,
  rulesets: noFence.rulesets.map((ruleset) =>
    ruleset.stage === 'main' && ruleset.family === family
      ? {
          ...ruleset,
          chains: new Map([
            ['GEOFENCE', rules],
            [namedChains[0], []],
          ]),
        }
      : ruleset,
  ),
});

/** A kernel in which the chain has these rules, and the backend on it. */
async function kernelWith(
  t: TestContext,
  { create, variant }: KernelKind,
  family: Family,
  texts: readonly string[],
): Promise<Backend> {
  const kernel = await create(t);
  await kernel.meddle('ipset', ['restore'], createSets(family));
  const lines = [
    '*mangle',
    ...['GEOFENCE', ...namedChains].map((name) => `:${name} - [0:0]`),
    ...texts.map((text) => `-A GEOFENCE ${text}`),
    'COMMIT\n',
  ];
  await kernel.meddle(toolName(family, variant, 'restore'), restoreArgs, lines.join('\n'));
  return backendOn(kernel.run, sleep, variant);
}

const chainIn = async (backend: Backend, family: Family): Promise<readonly AnyRule[]> =>
  rulesOf(await backend.read('shape'), 'main', family).chains.get('GEOFENCE') ?? [];

const foreign = [
  '-m state --state NEW -j RETURN',
  '-j MARK --set-xmark 0x1/0xffffffff',
  '-m time --timestart 08:00:00 --timestop 17:00:00 -j DROP',
  '-j ACCEPT',
  '-p tcp -m tcp ! --dport 22 -j DROP',
  '-p tcp -m multiport ! --dports 22,80 -j DROP',
  '-p tcp -m tcp ! --tcp-option 2 -j DROP',
  '-p udp -m udp --dport 53 -m u32 --u32 "0x0=0x1" -j DROP',
  '-m addrtype ! --dst-type LOCAL -j RETURN',
  '-m addrtype --dst-type LOCAL --limit-iface-in -j RETURN',
  '-m mark --mark 0x1 -j DROP',
  '-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name a -j DROP',
  '-m hashlimit --hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-mode srcip,dstport --hashlimit-name b -j DROP',
  '-m hashlimit --hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name c --hashlimit-htable-max 9 --hashlimit-htable-expire 7000 -j DROP',
  '-j LOG --log-prefix "a " --log-level 7',
  '-j LOG',
  '-i eth0',
];

const foreignOf = (family: Family): string[] => [
  ...foreign,
  ...(family === ipv4
    ? [
        '-s 192.0.2.0/255.0.255.0 -j DROP',
        '-m ttl --ttl-lt 5 -j DROP',
        '-p icmp -m icmp --icmp-type 3/4 -j DROP',
        '-m set --match-set geofence-main-allow-4 src,dst -j DROP',
      ]
    : [
        '-m hl --hl-gt 5 -j DROP',
        '-p ipv6-icmp -m icmp6 --icmpv6-type 1/4 -j DROP',
        '-m set --match-set geofence-main-allow-6 src,dst -j DROP',
      ]),
];

for (const kind of kernelKinds.filter((one) => one !== fakeKind)) {
  describe(`rules on ${kind.name}`, { skip: kind.skip, concurrency: 4 }, () => {
    for (const family of families) {
      test(`any rules of ${family.label} are read back as they were written`, async (t) => {
        const rules = fc.sample(anyRule(family), { numRuns: RULES, seed });
        const texts = rules.map((rule) => textOf(rule, family));
        const found = await chainIn(await kernelWith(t, kind, family, texts), family);
        assert.equal(found.length, rules.length, `SEED=${seed}`);
        for (const [i, rule] of rules.entries()) {
          const changes = diff(stateWith(family, [rule]), stateWith(family, [found[i]!]));
          // Rates are told in another unit by some tools: what else there is must be the very same.
          const isSame = changes.length === 0 && (hasRate(rule) || isPlainSame(rule, found[i]!));
          assert.ok(isSame, `SEED=${seed}\n${texts[i]}\nis read as\n${JSON.stringify(found[i])}`);
        }
      });

      test(`rules of ${family.label} that we would not write are shown as they are, and equal to nothing`, async (t) => {
        const texts = foreignOf(family);
        const backend = await kernelWith(t, kind, family, texts);
        const chain = await chainIn(backend, family);
        assert.equal(chain.length, texts.length);
        for (const [i, found] of chain.entries()) {
          assert.ok(isForeign(found), texts[i]);
          assert.equal(backend.formatRule('GEOFENCE', found, family), `-A GEOFENCE ${found.text}`);
          const { match, action } = found;
          const guess = { match: match ?? [], action: action as { do: 'drop' } };
          for (const other of [found, guess, ruleOf('-j DROP', family)])
            assert.notDeepEqual(diff(stateWith(family, [other]), stateWith(family, [found])), [], texts[i]);
        }
      });
    }
  });
}

const hasRate = ({ match }: AnyRule): boolean =>
  match?.some(({ on }) => on === 'rate' || on === 'source-rate') === true;

function isPlainSame(a: AnyRule, b: AnyRule): boolean {
  return JSON.stringify(plainRule(a)) === JSON.stringify(plainRule(b));
}

for (const kind of kernelKinds) {
  describe(`bringAbout() on ${kind.name}`, { skip: kind.skip, concurrency: 4 }, () => {
    for (const text of ['-j MARK --set-xmark 0x1/0xffffffff', '-j ACCEPT', '-i eth0'])
      test(`mends a chain that has "${text}" in it`, async (t) => {
        const want = fenceState({ networks: ['192.0.2.0/24', '2001:db8::/32'] });
        const kernel = await kind.create(t);
        await place(kernel, kind.variant, want);
        for (const family of families) {
          const input = `*mangle\n-I GEOFENCE 1 ${text}\nCOMMIT\n`;
          await kernel.meddle(toolName(family, kind.variant, 'restore'), restoreArgs, input);
        }
        const backend = backendOn(kernel.run, sleep, kind.variant);
        const changes = await bringAbout(backend, want);
        assert.deepEqual(
          changes.map(({ what }) => what),
          ['rules', 'rules'],
        );
        assert.deepEqual(snapshot(await backend.read('content')), snapshot(want));
      });
  });
}
