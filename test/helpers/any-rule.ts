import fc from 'fast-check';
import type { Action, AnyRule, Match, PortRange, Rule, Side } from '../../src/firewall/model.ts';
import type { Rate } from '../../src/firewall/rate.ts';
import { addressTypes, connStates, isForeign, protocols, tcpFlags } from '../../src/firewall/model.ts';
import { rateUnits } from '../../src/firewall/rate.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4 } from '../../src/ip/family.ts';

/** What generated rules name: sets of each kind, one with timeouts, and chains. */
export const namedChains = ['GEOFENCE-other', 'SOMEBODY'] as const;
export const namedSets = (family: Family) => ({
  networks: `geofence-main-allow-${family.version}`,
  addresses: `geofence-seen-${family.version}`,
  ports: 'geofence-ports',
  connections: `geofence-going-${family.version}`,
});

/** The text for `ipset restore` that makes them. */
export function createSets(family: Family): string {
  const { networks, addresses, ports, connections } = namedSets(family);
  const inet = family === ipv4 ? 'inet' : 'inet6';
  return [
    `create ${networks} hash:net family ${inet}`,
    `create ${addresses} hash:ip family ${inet} timeout 0`,
    `create ${ports} bitmap:port range 0-65535`,
    `create ${connections} hash:ip,port,ip family ${inet} timeout 0`,
    '',
  ].join('\n');
}

const not = fc.option(fc.constant({ not: true as const }), { nil: {} });
const some = <T>(known: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...known], { minLength: 1 });
const anySide = fc.constantFrom<Side>('source', 'destination');
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<T[]>([]) },
    { weight: 1, arbitrary: arbitrary.map((one) => [one]) },
  );

/** Not every name there is, but each way to end: the kernel tells "any interface" by saying nothing. */
const interfaceName = fc.oneof(
  fc.constantFrom('lo', 'eth0', 'br-0a1b2c3d4e5f', 'wg0.7', 'ppp*', 'veth1*'),
  fc.stringMatching(/^[a-z][a-z\d]{0,9}\*?$/),
);

const onInterface = (way: 'in' | 'out'): fc.Arbitrary<Match> =>
  fc.tuple(interfaceName, not).map(([name, no]) => ({ on: 'interface', way, name, ...no }));

const state: fc.Arbitrary<Match> = fc
  .tuple(some(connStates), not)
  .map(([states, no]) => ({ on: 'state', states, ...no }));

/** IPv6: with those the tools write with a dotted quad. */
const networks = (family: Family): fc.Arbitrary<string> =>
  family === ipv4
    ? fc.constantFrom('192.0.2.0/24', '198.51.100.7/32', '10.0.0.0/8', '128.0.0.0/1', '203.0.113.128/31')
    : fc.constantFrom(
        '2001:db8::/32',
        '2001:db8:0:1::/64',
        '2001:db8::1/128',
        'fe80::/10',
        '8000::/1',
        '::ffff:c000:200/120',
        '::c633:6407/128',
        '64:ff9b::c000:200/120',
        '2001:db8:0:1:1:1:1:1/128',
      );

const address = (family: Family, side: Side): fc.Arbitrary<Match> =>
  fc.tuple(networks(family), not).map(([network, no]) => ({ on: 'address', side, network, ...no }));

/** IPv6 has no broadcast, and the kernel takes no rule about it. */
const addressType = (family: Family, side: Side): fc.Arbitrary<Match> =>
  some(addressTypes.filter((type) => family === ipv4 || type !== 'BROADCAST')).map((types) => ({
    on: 'address-type',
    side,
    types,
  }));

const hopLimit: fc.Arbitrary<Match> = fc.nat(255).map((hops) => ({ on: 'hop-limit', hops }));

const inSet = (family: Family): fc.Arbitrary<Match> =>
  fc
    .tuple(fc.constantFrom(...Object.values(namedSets(family))), anySide, fc.boolean())
    .map(([name, where, isInside]) => ({
      on: 'set',
      set: name,
      side: name === namedSets(family).connections ? 'connection' : where,
      isInside,
    }));

const secondsIn = { second: 1, minute: 60, hour: 3600, day: 86_400 };
/** xt_limit counts in 32 bits: where a burst takes a day to come back it says "Numerical result out of range". */
const LONGEST_BURST = 86_400;

const rate: fc.Arbitrary<Rate> = fc
  .record({
    count: fc.integer({ min: 1, max: 500 }),
    per: fc.constantFrom(...rateUnits),
    burst: fc.integer({ min: 1, max: 100 }),
  })
  .filter(({ count, per, burst }) => (secondsIn[per] / count) * burst <= LONGEST_BURST);

const sourceRate = (family: Family): fc.Arbitrary<Match> =>
  fc.record({
    on: fc.constant('source-rate' as const),
    above: rate,
    name: fc.uuid().map((id) => `r${id.slice(0, 8)}`),
    length: fc.oneof(fc.integer({ min: 1, max: family.bits }), fc.constant(family.bits)),
    maxSources: fc.integer({ min: 1, max: 65_536 }),
  });

/** Ranges in order, for which there is room in one rule. Those of all ports would say nothing. */
const ranges: fc.Arbitrary<PortRange[]> = fc
  .uniqueArray(fc.nat(65_535), { minLength: 1, maxLength: 12 })
  .chain((ports) => {
    const sorted = ports.toSorted((a, b) => a - b);
    return fc.nat(Math.min(2, sorted.length >> 1)).map((pairs) => {
      const joined: PortRange[] = [];
      for (let i = 0; i < sorted.length; i++) {
        const from = sorted[i]!;
        const isRange = joined.length < pairs && i + 1 < sorted.length;
        joined.push({ from, to: isRange ? sorted[++i]! : from });
      }
      return joined;
    });
  })
  .filter((list) => !list.some(({ from, to }) => from === 0 && to === 65_535));

const ports = (protocol: 'tcp' | 'udp'): fc.Arbitrary<Match> =>
  fc
    .record(
      {
        on: fc.constant('ports' as const),
        protocol: fc.constant(protocol),
        source: ranges,
        destination: ranges,
      },
      { requiredKeys: ['on', 'protocol'] },
    )
    .filter(({ source, destination }) => source !== undefined || destination !== undefined);

/** Flags outside the mask are never found set. */
const flags: fc.Arbitrary<Match> = some(tcpFlags).chain((mask) =>
  fc.tuple(fc.subarray(mask), not).map(([set, no]) => ({ on: 'tcp-flags', mask, set, ...no })),
);

/** What a rule asks of the protocol: at most one is meant, and it is said once. */
const ofProtocol: fc.Arbitrary<Match[]> = fc.oneof(
  fc.constant<Match[]>([]),
  fc
    .tuple(fc.constantFrom(...protocols), not)
    .map(([protocol, no]): Match[] => [{ on: 'protocol', protocol, ...no }]),
  ports('udp').map((match) => [match]),
  fc.tuple(maybe(ports('tcp')), maybe(flags)).map((found) => found.flat()),
  // 255 stands for any type of IPv4.
  fc.nat(254).map((type): Match[] => [{ on: 'icmp', type }]),
);

const text = (longest: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom('-j', '-m', '--comment', '!', "it's", 'geofence: allow CA; deny RU', 'a $b `c` #d', 'x'),
    fc.stringMatching(new RegExp(`^[ !#-\\[\\]-~]{1,${longest}}$`)),
  );

const action = (family: Family): fc.Arbitrary<Action> =>
  fc.oneof(
    fc.constantFrom<Action>({ do: 'return' }, { do: 'drop' }),
    fc
      .tuple(fc.constantFrom('jump' as const, 'goto' as const), fc.constantFrom(...namedChains))
      .map(([how, chain]): Action => ({ do: how, chain })),
    text(29).map((prefix): Action => ({ do: 'log', prefix })),
    fc
      .tuple(
        fc.constantFrom(
          { set: namedSets(family).addresses, what: 'source' as const },
          { set: namedSets(family).connections, what: 'connection' as const },
        ),
        fc.integer({ min: 0, max: 2_147_483 }),
      )
      .map(([what, seconds]): Action => ({ do: 'add', ...what, seconds })),
  );

/** Any rule of the model that makes sense: what it asks of a packet can be asked in one rule. */
export const anyRule = (family: Family): fc.Arbitrary<Rule> =>
  fc
    .record({
      matches: fc.tuple(
        maybe(onInterface('in')),
        maybe(onInterface('out')),
        maybe(address(family, 'source')),
        maybe(address(family, 'destination')),
        ofProtocol,
        maybe(state),
        maybe(hopLimit),
        maybe(addressType(family, 'source')),
        maybe(addressType(family, 'destination')),
        fc.uniqueArray(inSet(family), { maxLength: 2, selector: (one) => JSON.stringify(one) }),
        maybe(fc.constant<Match>({ on: 'socket' })),
        maybe(rate.map((one): Match => ({ on: 'rate', rate: one }))),
        maybe(sourceRate(family)),
      ),
      action: action(family),
      comment: fc.option(text(255), { nil: undefined }),
    })
    .map(({ matches, action: what, comment }) => ({
      match: matches.flat(),
      action: what,
      ...(comment === undefined ? {} : { comment }),
    }));

/** A rule to compare without diff(): its conditions in an order of their own, which says nothing. */
export const plainRule = (rule: AnyRule): unknown =>
  isForeign(rule)
    ? { foreign: rule.text }
    : {
        match: rule.match.map((one) => JSON.stringify(one, Object.keys(one).sort())).sort(),
        action: rule.action,
        comment: rule.comment,
      };
