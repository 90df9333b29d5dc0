import { restoreArgs } from '../../src/firewall/ipset/tool-names.ts';
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';
import type { Variant } from '../../src/firewall/variants.ts';
import { toolName } from '../../src/firewall/ipset/tool-names.ts';
import type { DesiredState } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { textOf } from '../helpers/rules.ts';
import { fenceState } from '../helpers/states.ts';
import type { TestKernel } from '../helpers/test-kernel.ts';

/** Something somebody else does to the kernel. */
type Disturb = (kernel: TestKernel, variant: Variant) => Promise<void>;

/** One way the kernel may be found, and what is wanted then. */
export interface Scenario {
  readonly name: string;
  /** The fence that is there before. */
  readonly from?: DesiredState;
  readonly disturb?: Disturb;
  readonly want: DesiredState;
  /** The changes diff() must find, in order; see `nameChange`. */
  readonly changes: readonly string[];
}

const both = (text: string): string[] => [`${text}-4`, `${text}-6`];
const bothRules = ['replaceRules IPv4', 'replaceRules IPv6'];
/** In the order of a first fence. */
const openSets = (verb: 'createSet' | 'destroySet', family: 4 | 6): string[] =>
  ['established', 'grace'].map((name) => `${verb} geofence-${name}-${family}`);
const newSets = [
  ...both('createSet geofence-main-allow'),
  ...openSets('createSet', 4),
  ...openSets('createSet', 6),
];
/** Sorted by name, as they are read. */
const allSetsGo = [
  ...both('destroySet geofence-established'),
  ...both('destroySet geofence-grace'),
  ...both('destroySet geofence-main-allow'),
];

const canada: FenceOptions = {
  networks: ['192.0.2.0/24', '198.51.100.0/25', '2001:db8::/32', '2001:db9:0:1::/64'],
  escapes: ['203.0.113.7', '2001:db8:ffff::/48', '2001:dba::1'],
};
/** The fence most scenarios start from. */
export const fence = fenceState(canada);
export const updated = fenceState({
  ...canada,
  networks: ['192.0.2.0/25', '198.51.100.0/24', '2001:dbb::/32'],
});
export const denied = fenceState({ ...canada, mode: 'deny' });

const ipset =
  (...lines: string[]): Disturb =>
  async (kernel) =>
    void (await kernel.meddle('ipset', ['restore'], `${lines.join('\n')}\n`));

const rules =
  (family: Family, ...lines: string[]): Disturb =>
  async (kernel, variant) => {
    const input = ['*mangle', ...lines, 'COMMIT', ''].join('\n');
    await kernel.meddle(toolName(family, variant, 'restore'), restoreArgs, input);
  };

const all =
  (...disturbs: Disturb[]): Disturb =>
  async (kernel, variant) => {
    for (const disturb of disturbs) await disturb(kernel, variant);
  };

/** The rule of ours that packets meet first. */
const hookFor = ({ version }: Family): string =>
  `! -i lo -m conntrack ! --ctstate RELATED,ESTABLISHED -m set ! --match-set geofence-main-allow-${version} src -j GEOFENCE`;

const withoutRules = (family: Family): Disturb =>
  rules(family, ':GEOFENCE - [0:0]', `-D PREROUTING ${hookFor(family)}`, '-X GEOFENCE');

const leftover = ipset(
  'create geofence-main-allow-4.new hash:net family inet hashsize 1024 maxelem 65536',
  'add geofence-main-allow-4.new 192.0.2.0/24',
  'create geofence-main-allow-6.new hash:net family inet hashsize 1024 maxelem 3',
);

/** Every other /24, more of them than the default maxelem of 65,536: nothing to merge. */
const manyNetworks = Array.from(
  { length: 66_000 },
  (_, i) => `${20 + (i >> 15)}.${(i >> 7) & 255}.${(i & 127) * 2}.0/24`,
);

const early = fenceState({ ...canada, dropsEarly: true });
const bothEarly = ['replaceRules early IPv4', 'replaceRules early IPv6'];

const droppingEarly: Scenario[] = [
  {
    name: 'creates a first fence that drops early',
    want: early,
    changes: [...newSets, ...bothRules, ...bothEarly],
  },
  { name: 'finds nothing to do in a fence that drops early', from: early, want: early, changes: [] },
  { name: 'begins to drop early', from: fence, want: early, changes: bothEarly },
  { name: 'drops early no more', from: early, want: fence, changes: bothEarly },
  {
    name: 'switches from allow to deny while dropping early',
    from: early,
    want: fenceState({ ...canada, mode: 'deny', dropsEarly: true }),
    changes: [
      ...both('createSet geofence-main-deny'),
      ...bothRules,
      ...bothEarly,
      ...both('destroySet geofence-main-allow'),
    ],
  },
  {
    name: 'brings the early drop back that somebody took away',
    from: early,
    disturb: async (kernel, variant) => {
      const [rule] = early.rulesets.find(({ stage, family }) => stage === 'early' && family === ipv6)!.hooks;
      const input = `*raw\n-D PREROUTING ${textOf(rule!.rule, ipv6)}\nCOMMIT\n`;
      await kernel.meddle(toolName(ipv6, variant, 'restore'), restoreArgs, input);
    },
    want: early,
    changes: ['replaceRules early IPv6'],
  },
  {
    name: 'removes a fence that drops early',
    from: early,
    want: noFence,
    changes: [...bothRules, ...bothEarly, ...allSetsGo],
  },
];

const life: Scenario[] = [
  {
    name: 'creates a first fence',
    want: fence,
    changes: [...newSets, ...bothRules],
  },
  { name: 'finds nothing to do in a fence as wanted', from: fence, want: fence, changes: [] },
  {
    name: 'updates the networks of the countries and nothing else',
    from: fence,
    want: updated,
    changes: both('replaceSet geofence-main-allow'),
  },
  {
    name: 'switches to another country',
    from: fence,
    want: fenceState({ ...canada, countries: ['DE'], networks: ['198.51.100.0/24', '2001:dbb::/32'] }),
    changes: [...both('replaceSet geofence-main-allow'), ...bothRules],
  },
  {
    name: 'switches from allow to deny',
    from: fence,
    want: denied,
    changes: [
      ...both('createSet geofence-main-deny'),
      ...bothRules,
      ...both('destroySet geofence-main-allow'),
    ],
  },
  {
    name: 'switches from deny to allow',
    from: denied,
    want: fence,
    changes: [
      ...both('createSet geofence-main-allow'),
      ...bothRules,
      ...both('destroySet geofence-main-deny'),
    ],
  },
  {
    name: 'takes IPv6 out of the fence',
    from: fence,
    want: fenceState({ ...canada, ipv6: false }),
    changes: ['replaceRules IPv6', ...openSets('destroySet', 6), 'destroySet geofence-main-allow-6'],
  },
  {
    name: 'takes IPv6 into the fence',
    from: fenceState({ ...canada, ipv6: false }),
    want: fence,
    changes: ['createSet geofence-main-allow-6', ...openSets('createSet', 6), 'replaceRules IPv6'],
  },
  {
    name: 'starts logging drops',
    from: fence,
    want: fenceState({ ...canada, logDrops: true }),
    changes: bothRules,
  },
  {
    name: 'removes a fence',
    from: fence,
    want: noFence,
    changes: [...bothRules, ...allSetsGo],
  },
  { name: 'removes nothing where there is nothing', want: noFence, changes: [] },
];

const contents: Scenario[] = [
  {
    name: 'lets ALLOWSUBNET be everything',
    from: fence,
    want: fenceState({ ...canada, escapes: ['0.0.0.0/0', '::/0'] }),
    changes: both('replaceSet geofence-main-allow'),
  },
  {
    name: 'replaces everything by something',
    from: fenceState({ ...canada, networks: ['0.0.0.0/0', '::/0'] }),
    want: fence,
    changes: both('replaceSet geofence-main-allow'),
  },
  {
    name: 'takes the first and the last addresses',
    want: fenceState({
      networks: ['0.0.0.0/32', '255.255.255.255/32', '::/128', 'ffff:ffff:ffff:ffff::/64'],
    }),
    changes: [...newSets, ...bothRules],
  },
  {
    name: 'empties sets',
    from: fence,
    want: fenceState(),
    changes: both('replaceSet geofence-main-allow'),
  },
  {
    name: 'takes local addresses for escapes',
    from: fence,
    want: fenceState({ ...canada, local: true }),
    changes: both('replaceSet geofence-main-allow'),
  },
  {
    name: 'fills sets beyond the default maxelem',
    from: fence,
    want: fenceState({ ...canada, networks: [...manyNetworks, '2001:db8::/32', '2001:db9:0:1::/64'] }),
    changes: ['replaceSet geofence-main-allow-4'],
  },
];

const setDrift: Scenario[] = [
  {
    name: 'clears away what a killed run left',
    from: fence,
    disturb: leftover,
    want: fence,
    changes: ['destroySet geofence-main-allow-4.new', 'destroySet geofence-main-allow-6.new'],
  },
  {
    name: 'updates although a killed run left something',
    from: fence,
    disturb: leftover,
    want: updated,
    changes: [
      ...both('replaceSet geofence-main-allow'),
      'destroySet geofence-main-allow-4.new',
      'destroySet geofence-main-allow-6.new',
    ],
  },
  {
    name: 'creates a fence although a killed run left something',
    disturb: leftover,
    want: fence,
    changes: [
      ...newSets,
      ...bothRules,
      'destroySet geofence-main-allow-4.new',
      'destroySet geofence-main-allow-6.new',
    ],
  },
  {
    name: 'destroys a set of ours that nothing wants',
    from: fence,
    disturb: ipset('create geofence-old-allow-4 hash:net family inet'),
    want: fence,
    changes: ['destroySet geofence-old-allow-4'],
  },
  {
    name: 'refills a set that was emptied',
    from: fence,
    disturb: ipset('flush geofence-main-allow-4'),
    want: fence,
    changes: ['replaceSet geofence-main-allow-4'],
  },
  {
    name: 'puts back an entry that was removed',
    from: fence,
    disturb: ipset('del geofence-main-allow-6 2001:db9:0:1::/64'),
    want: fence,
    changes: ['replaceSet geofence-main-allow-6'],
  },
  {
    name: 'takes away an entry that was added',
    from: fence,
    disturb: ipset('add geofence-main-allow-4 198.51.100.255'),
    want: fence,
    changes: ['replaceSet geofence-main-allow-4'],
  },
  {
    name: 'takes away an exception that was added',
    from: fence,
    disturb: ipset('add geofence-main-allow-4 192.0.2.128/25 nomatch'),
    want: fence,
    changes: ['replaceSet geofence-main-allow-4'],
  },
  {
    name: 'leaves a set that holds the same addresses in other networks',
    from: fence,
    disturb: ipset(
      'add geofence-main-allow-4 192.0.2.0/25',
      'add geofence-main-allow-4 192.0.2.128/25',
      'del geofence-main-allow-4 192.0.2.0/24',
    ),
    want: fence,
    changes: [],
  },
  {
    name: 'replaces a set that has counters',
    from: fence,
    disturb: ipset(
      'create by-hand hash:net family inet counters',
      'add by-hand 192.0.2.0/24',
      'add by-hand 198.51.100.0/25',
      'add by-hand 203.0.113.7',
      'swap by-hand geofence-main-allow-4',
      'destroy by-hand',
    ),
    want: fence,
    changes: ['replaceSet geofence-main-allow-4'],
  },
  {
    name: 'replaces a set of our name of the other family',
    disturb: ipset(
      'create geofence-main-allow-4 hash:net family inet6',
      'add geofence-main-allow-4 2001:db8::/32',
    ),
    want: fence,
    changes: ['destroySet geofence-main-allow-4', ...newSets, ...bothRules],
  },
  {
    name: 'replaces a set of our name of another type',
    disturb: ipset(
      'create geofence-main-allow-6 hash:ip family inet6',
      'add geofence-main-allow-6 2001:db8::1',
    ),
    want: fence,
    changes: [
      'createSet geofence-main-allow-4',
      'destroySet geofence-main-allow-6',
      'createSet geofence-main-allow-6',
      ...openSets('createSet', 4),
      ...openSets('createSet', 6),
      ...bothRules,
    ],
  },
  {
    name: 'brings back a family whose rules and set were taken away',
    from: fence,
    disturb: all(withoutRules(ipv6), ipset('destroy geofence-main-allow-6')),
    want: fence,
    changes: ['createSet geofence-main-allow-6', 'replaceRules IPv6'],
  },
];

const ruleDrift: Scenario[] = [
  ...families.map((family) => ({
    name: `puts back the ${family.label} jump`,
    from: fence,
    disturb: rules(family, `-D PREROUTING ${hookFor(family)}`),
    want: fence,
    changes: [`replaceRules ${family.label}`],
  })),
  {
    name: 'moves the jump to the first place',
    from: fence,
    disturb: rules(ipv4, `-D PREROUTING ${hookFor(ipv4)}`, `-A PREROUTING ${hookFor(ipv4)}`),
    want: fence,
    changes: ['replaceRules IPv4'],
  },
  {
    name: 'keeps one of two jumps',
    from: fence,
    disturb: rules(ipv4, `-A PREROUTING ${hookFor(ipv4)}`),
    want: fence,
    changes: ['replaceRules IPv4'],
  },
  {
    name: 'keeps one of three jumps in a row',
    from: fence,
    disturb: rules(ipv6, `-I PREROUTING 1 ${hookFor(ipv6)}`, `-I PREROUTING 1 ${hookFor(ipv6)}`),
    want: fence,
    changes: ['replaceRules IPv6'],
  },
  {
    name: 'takes away jumps from other places, into other chains and with conditions',
    from: fence,
    disturb: rules(
      ipv4,
      '-A INPUT -j GEOFENCE',
      '-I PREROUTING 1 -p udp -m udp --dport 53 -g GEOFENCE',
      '-A OTHER -j GEOFENCE',
    ),
    want: fence,
    changes: ['replaceRules IPv4'],
  },
  {
    name: 'refills a chain that was flushed',
    from: fence,
    disturb: rules(ipv6, ':GEOFENCE - [0:0]'),
    want: fence,
    changes: ['replaceRules IPv6'],
  },
  {
    name: 'takes away a rule that was added to a chain of ours',
    from: fence,
    disturb: rules(ipv4, '-I GEOFENCE 1 -s 198.51.100.200/32 -j RETURN'),
    want: fence,
    changes: ['replaceRules IPv4'],
  },
  {
    name: 'puts back a rule that was deleted from a chain of ours',
    from: fence,
    disturb: rules(
      ipv4,
      '-D GEOFENCE -p udp -m udp --sport 67 --dport 68 -m addrtype --dst-type LOCAL,BROADCAST -j RETURN',
    ),
    want: fence,
    changes: ['replaceRules IPv4'],
  },
  {
    name: 'takes away a chain with our name that nothing wants',
    from: fence,
    disturb: rules(ipv4, ':GEOFENCE-old - [0:0]', '-A GEOFENCE-old -j DROP', '-A GEOFENCE -j GEOFENCE-old'),
    want: fence,
    changes: ['replaceRules IPv4'],
  },
  {
    name: 'puts back rules that were taken away whole',
    from: fence,
    disturb: all(withoutRules(ipv4), withoutRules(ipv6)),
    want: fence,
    changes: bothRules,
  },
  {
    name: 'removes a fence that was damaged',
    from: fence,
    disturb: all(
      withoutRules(ipv4),
      rules(ipv6, `-D PREROUTING ${hookFor(ipv6)}`, '-A INPUT -j GEOFENCE'),
      ipset('destroy geofence-main-allow-4', 'flush geofence-main-allow-6'),
      leftover,
    ),
    want: noFence,
    changes: [
      'replaceRules IPv6',
      ...both('destroySet geofence-established'),
      ...both('destroySet geofence-grace'),
      'destroySet geofence-main-allow-4.new',
      'destroySet geofence-main-allow-6',
      'destroySet geofence-main-allow-6.new',
    ],
  },
];

/** What a fence goes through in its life, and what may happen to it. */
export const scenarios: readonly Scenario[] = [
  ...life,
  ...droppingEarly,
  ...contents,
  ...setDrift,
  ...ruleDrift,
];
