import type { StatedConfig } from '../config/stated-config.ts';
import type { SettingName } from '../config/settings.ts';
import { contains } from '../ip/bounds.ts';
import { coveringPrefix } from '../ip/prefixes.ts';
import type { Address } from '../host/parse-connections.ts';
import type { Backend } from '../firewall/backend.ts';
import { isHooked } from '../firewall/rulesets.ts';
import type { Packet } from './packet.ts';
import { packetLike } from './packet.ts';
import type { Policy } from '../policy/policy.ts';
import { countriesOf } from '../policy/policy.ts';
import type { WayExample, WayIn } from '../policy/who-gets-in.ts';
import { whoGetsIn } from '../policy/who-gets-in.ts';
import type { AddressFacts, PolicySource } from './remedy.ts';
import { remedyFor } from './remedy.ts';
import type { DesiredState, State } from '../firewall/model.ts';
import { foreignRules, sourcesIn, verdict } from './verdict.ts';
import type { AddressReport, VerdictReport } from '../report/check.ts';
import { ageSeconds } from '../zones/age.ts';
import { countries } from '../zones/countries.ts';
import { formatList } from '../words/format.ts';
import { localBounds, sparedBounds } from '../zones/local.ts';
import { COMMAND_LINE, ON_TRIAL } from '../config/stated-config.ts';
import type { CheckInputs, CheckedZone } from './check-inputs.ts';

/** An address that is asked about, by itself or by a name it has. */
export interface CheckTarget extends Address {
  readonly host: string | undefined;
}

/**
 * Reports what the kernel and the policy do with an address, by which rule and sets, where it is registered, and what
 * would change the verdict: for new connections to `port`, or to whatever port. `formatRule` words a rule as the tools of the host print it.
 */
export function explainAddress(
  config: StatedConfig,
  inputs: CheckInputs,
  asked: CheckTarget,
  formatRule: Backend['formatRule'],
  port?: WayExample,
): AddressReport {
  const { family, words, host } = asked;
  const { kernel, policy } = inputs;
  const { desired, reason } = outcomeOf(inputs.desired);
  const ways = whoGetsIn(policy?.fences ?? []);
  // What no fence names is the general case.
  const example = port ?? ways.at(-1)?.example ?? { protocol: 'tcp' };
  const judgeIn = (state: State | undefined): VerdictReport | undefined =>
    state && judge(state, { ...packetLike(family, example), source: words }, formatRule);
  const [now, wanted] = [judgeIn(kernel), judgeIn(desired)];
  return {
    address: family.format(words, 0),
    host,
    kernel: now,
    isFenced: kernel && isHooked(kernel),
    policy: wanted,
    reason,
    ways: port === undefined ? judgeWays(kernel ?? desired, asked, waysOf(inputs, ways)) : [],
    registrations: holdersOf(inputs.zones, asked).map((zone) => describeZone(zone, words)),
    isLocal: contains(localBounds(family), words),
    escapes: escapesHolding(config.subnets, asked),
    remedy: findRemedy(config, inputs, asked, now?.passes, wanted),
  };
}

const outcomeOf = (
  desired: CheckInputs['desired'],
): { readonly desired?: DesiredState; readonly reason?: string } =>
  'reason' in desired ? desired : { desired };

/** With what is open for a while first; beside that there is all the rest, where no other ways are told apart. */
const waysOf = ({ open }: CheckInputs, ways: readonly WayIn[]): Pick<WayIn, 'way' | 'example'>[] =>
  open.length === 0
    ? [...ways]
    : [
        ...open,
        ...(ways.length > 0 ? ways : [{ way: 'everything else', example: { protocol: 'gre' as const } }]),
      ];

const judgeWays = (
  state: State | undefined,
  { family, words }: CheckTarget,
  ways: readonly Pick<WayIn, 'way' | 'example'>[],
): AddressReport['ways'] =>
  state === undefined
    ? []
    : ways.map(({ way, example }) => ({
        way,
        passes: verdict(state, { ...packetLike(family, example), source: words }).passes,
      }));

function findRemedy(
  config: StatedConfig,
  { policy, zones }: CheckInputs,
  asked: CheckTarget,
  passesNow: boolean | undefined,
  wanted: VerdictReport | undefined,
): AddressReport['remedy'] {
  // A change on trial is to be confirmed or taken back first.
  if (policy === undefined || wanted === undefined || config.origin === ON_TRIAL) return undefined;
  // With several fences there are as many ways as there are of them.
  const isOne = policy.fences.length === 1 && whoGetsIn(policy.fences).length === 0;
  if (passesNow !== undefined && passesNow !== wanted.passes) {
    // No other command knows of what is typed.
    const verb = config.origin === COMMAND_LINE ? 'refresh' : 'restore';
    return { verb: 'enforce', ways: [`geofence ${verb}`] };
  }
  return isOne
    ? remedyFor(addressFactsOf(config, policy, zones, asked, wanted), policySourceOf(config, policy))
    : undefined;
}

const holdersOf = (zones: readonly CheckedZone[], { family, words }: CheckTarget): CheckedZone[] =>
  zones.filter(({ id, bounds }) => id.family === family && contains(bounds, words));

function judge(state: State, packet: Packet, formatRule: Backend['formatRule']): VerdictReport {
  const { family, source: words } = packet;
  const { passes, chain, rule, lookups } = verdict(state, packet);
  return {
    passes,
    rule: chain === undefined || rule === undefined ? undefined : formatRule(chain, rule, family),
    foreignRules: foreignRules(state, family),
    lookups: lookups.map(({ set, isInside }) => ({
      set,
      prefix: isInside ? coveringPrefix(sourcesIn(state, family, set), words) : undefined,
    })),
  };
}

const describeZone = (
  { id, networkOf, source, ageMilliseconds }: CheckedZone,
  address: Int32Array,
): AddressReport['registrations'][number] => ({
  country: id.country,
  name: countries.get(id.country)?.name,
  network: networkOf(address),
  source,
  ageSeconds: ageSeconds(ageMilliseconds),
});

function addressFactsOf(
  { settings, subnets }: StatedConfig,
  policy: Policy,
  zones: readonly CheckedZone[],
  asked: CheckTarget,
  wanted: VerdictReport,
): AddressFacts {
  const { family, words } = asked;
  const codes = holdersOf(zones, asked)
    .map(({ id }) => id.country)
    .filter((code) => countries.has(code));
  const named = codes.find((code) => policy.fences.some((fence) => countriesOf(fence).includes(code)));
  const isLocal = settings.local && contains(sparedBounds(family), words);
  return {
    address: family.format(words, 0),
    passes: wanted.passes,
    isFenced: policy.families.includes(family),
    country: named ?? codes[0],
    isInFence: named !== undefined,
    escapes: [...escapesHolding(subnets, asked), ...(isLocal ? ['local'] : [])],
  };
}

/** The escapes that hold an address, as they were stated. */
const escapesHolding = (subnets: StatedConfig['subnets'], { family, words }: CheckTarget): string[] =>
  subnets
    .filter((subnet) => subnet.family === family && contains(subnet.bounds, words))
    .map(({ text }) => text);

function policySourceOf(config: StatedConfig, policy: Policy): PolicySource {
  const [fence] = policy.fences;
  if (fence === undefined) throw new Error('a policy has a fence');
  return {
    mode: fence.mode,
    countries: countriesOf(fence),
    origins: {
      allow: originIn(config, 'allow'),
      deny: originIn(config, 'deny'),
      allow_subnets: originIn(config, 'allow_subnets'),
      local: originIn(config, 'local'),
      ipv6: originIn(config, 'ipv6'),
    },
  };
}

/** Where a setting is stated; files add up. */
const originIn = ({ files, fileOf, originOf }: StatedConfig, name: SettingName): string | undefined =>
  fileOf(name) === undefined
    ? originOf(name)
    : formatList(files.filter(({ settings }) => settings[name] !== undefined).map(({ path }) => path));
