import { selectCountries } from '../zones/select.ts';
import type { Mode } from '../policy/policy.ts';

/** How a policy is stated, as far as it takes to state another. */
export interface PolicySource {
  readonly mode: Mode;
  /** As they were written: "CA", "@eu !HU". */
  readonly selectors: readonly string[];
  /** What they come to, sorted. */
  readonly countries: readonly string[];
  /** ALLOWSUBNET. */
  readonly escapes: readonly string[];
  /** The configuration file, when it states the mode; when it or the environment states ALLOWSUBNET. */
  readonly modeFile: string | undefined;
  readonly escapesIn: string | undefined;
  /** The options of the policy that have to be typed again: "--ipv4-only". */
  readonly options: readonly string[];
  /** Whether the mode is typed on the command line: no other command knows of it. */
  readonly isTyped: boolean;
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

/** A command that is longer is described instead: it would not fit its line. */
const LONGEST_COMMAND = 66;

/** What would turn the verdict: one of several ways to let an address in, or all that it takes to keep it out. */
export interface Remedy {
  readonly verb: 'let in' | 'keep out';
  readonly ways: readonly string[];
}

export const remedyFor = (facts: AddressFacts, source: PolicySource): Remedy =>
  facts.passes
    ? { verb: 'keep out', ways: waysOut(facts, source) }
    : { verb: 'let in', ways: waysIn(facts, source) };

function waysIn({ address, country }: AddressFacts, source: PolicySource): string[] {
  const byCountry =
    source.mode === 'deny' ? withoutCountry(country!, source) : country && withCountry(country, source);
  return [...(byCountry === undefined || byCountry === '' ? [] : [byCountry]), withEscape(address, source)];
}

function waysOut({ country, isFenced, isInFence, escapes }: AddressFacts, source: PolicySource): string[] {
  if (!isFenced) return ['fence its family too: it is left open (--ipv4-only, or ipv6 = false)'];
  const isMeant = isInFence === (source.mode === 'allow');
  return [
    ...(isMeant ? [countryOut(country, source)] : []),
    ...escapes.map((escape) =>
      escape === 'local'
        ? 'fence local addresses too (--no-local, or local = false)'
        : `take ${escape} out of ALLOWSUBNET`,
    ),
  ];
}

function countryOut(country: string | undefined, source: PolicySource): string {
  if (country === undefined) return 'no country to deny: it is in no cached zone';
  return source.mode === 'allow' ? withoutCountry(country, source) : withCountry(country, source);
}

function withCountry(country: string, source: PolicySource): string {
  const { mode, modeFile, selectors, countries } = source;
  if (modeFile !== undefined) return inFile(`add ${country} to ${mode} in ${modeFile}`);
  const words = wordsOf(selectors).filter((word) => word !== `!${country}`);
  const command = refreshWith(source, selectorsFor([...words, country], [...countries, country].sort()));
  return ifShort(command, `add ${country} to --${mode}`);
}

function withoutCountry(country: string, source: PolicySource): string {
  const { mode, modeFile, selectors } = source;
  const countries = source.countries.filter((code) => code !== country);
  if (countries.length === 0) {
    return mode === 'allow'
      ? `allow another country in its place: ${country} is the only one`
      : `geofence remove (${country} is the only country that is denied)`;
  }
  if (modeFile !== undefined) return inFile(`take ${country} out of ${mode} in ${modeFile}`);
  const words = wordsOf(selectors).filter((word) => word !== country);
  const isLeft = selectCountries(words, '').includes(country);
  const command = refreshWith(source, selectorsFor(isLeft ? [...words, `!${country}`] : words, countries));
  return ifShort(command, `take ${country} out of --${mode}`);
}

function withEscape(address: string, source: PolicySource): string {
  const { escapes, escapesIn, modeFile, isTyped, selectors, countries } = source;
  const place = escapesIn ?? modeFile;
  if (place === 'the environment') return inFile(`add ${address} to ALLOWSUBNET in the environment`);
  if (place !== undefined) return inFile(`add ${address} to allow_subnets in ${place}`);
  const stated = isTyped ? refreshWith(source, selectorsFor(wordsOf(selectors), countries)) : REFRESH;
  const command = `${stated} --allow-subnet ${[...escapes, address].join(',')}`;
  return ifShort(command, `add ${address} to --allow-subnet`);
}

const ifShort = (command: string, description: string): string =>
  command.length <= LONGEST_COMMAND ? command : description;

const REFRESH = 'geofence refresh';
const inFile = (what: string): string => `${what}, then: ${REFRESH}`;

/** The words of selectors, codes in upper case. */
const wordsOf = (selectors: readonly string[]): string[] =>
  selectors
    .flatMap((text) => text.split(/[\s,]+/))
    .filter((word) => word !== '')
    .map((word) => (word.includes('@') ? word : word.toUpperCase()));

/** The words, unless they come to other countries: then their codes. */
function selectorsFor(words: readonly string[], wanted: readonly string[]): string {
  const isRight = selectCountries(words, '').join() === wanted.join();
  const chosen = isRight ? words : wanted;
  // The shell has its own idea of "!" and blanks.
  return chosen.some((word) => /[@!]/.test(word)) ? `'${chosen.join(' ')}'` : chosen.join(',');
}

const refreshWith = ({ mode, options }: PolicySource, selectors: string): string =>
  [REFRESH, `--${mode}`, selectors, ...options].join(' ');

/** What makes the kernel do as the policy says. */
export const enforceCommand = (source: PolicySource): string =>
  source.isTyped
    ? refreshWith(source, selectorsFor(wordsOf(source.selectors), source.countries))
    : 'geofence restore';
