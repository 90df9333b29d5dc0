import type { Remedy } from '../report/check.ts';
import type { Mode } from '../policy/policy.ts';

/** How a policy is stated, as far as it takes to say what to change in it. */
export interface PolicySource {
  readonly mode: Mode;
  /** Codes of the countries that the mode is about. */
  readonly countries: readonly string[];
  /** Where each setting is stated, as "/etc/geofence/geofence.toml" or "the last refresh"; undefined for a default. */
  readonly origins: Readonly<Record<Mode | 'allow_subnets' | 'local' | 'ipv6', string | undefined>>;
}

/** How the policy judges an address, and why. */
export interface AddressFacts {
  readonly address: string;
  readonly passes: boolean;
  /** Whether the policy fences its family at all. */
  readonly isFenced: boolean;
  /** Its country, when a zone holds it. */
  readonly country: string | undefined;
  /** Whether the set of the countries holds it. */
  readonly isInFence: boolean;
  /** The escapes that hold it: networks of ALLOWSUBNET, and "local". */
  readonly escapes: readonly string[];
}

/**
 * Returns what to change in a policy, stated as `source` says, for it to judge an address the other way round: several
 * ways to let it in, or all that it takes to keep it out.
 */
export const remedyFor = (facts: AddressFacts, source: PolicySource): Remedy =>
  facts.passes
    ? { verb: 'keep out', ways: waysOut(facts, source) }
    : { verb: 'let in', ways: waysIn(facts, source) };

function waysIn({ address, country }: AddressFacts, source: PolicySource): string[] {
  return [
    ...(country === undefined
      ? []
      : [source.mode === 'allow' ? add(country, source) : take(country, source)]),
    `add ${address} to allow_subnets${from('allow_subnets', source)}`,
  ];
}

function waysOut({ country, isFenced, isInFence, escapes }: AddressFacts, source: PolicySource): string[] {
  if (!isFenced) return [`fence its family too: ipv6 = true${from('ipv6', source)}`];
  const isMeant = isInFence === (source.mode === 'allow');
  return [
    ...(isMeant ? [countryOut(country, source)] : []),
    ...escapes.map((escape) =>
      escape === 'local'
        ? `fence local addresses too: local = false${from('local', source)}`
        : `take ${escape} out of allow_subnets${from('allow_subnets', source)}`,
    ),
  ];
}

function countryOut(country: string | undefined, source: PolicySource): string {
  if (country === undefined) return 'no country to deny: it is in no cached zone';
  return source.mode === 'allow' ? take(country, source) : add(country, source);
}

const add = (country: string, source: PolicySource): string =>
  `add ${country} to ${source.mode}${from(source.mode, source)}`;

function take(country: string, source: PolicySource): string {
  const { mode, countries } = source;
  if (countries.some((code) => code !== country))
    return `take ${country} out of ${mode}${from(mode, source)}`;
  return mode === 'allow'
    ? `allow another country in its place: ${country} is the only one`
    : `geofence remove (${country} is the only country that is denied)`;
}

const from = (setting: keyof PolicySource['origins'], { origins }: PolicySource): string =>
  origins[setting] === undefined ? '' : ` (from ${origins[setting]})`;
