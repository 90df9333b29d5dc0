import { formatAge, formatPlural, formatTable, listRows, wrap } from '../words/format.ts';

/** What would turn the verdict: one of several ways to let an address in, or all that it takes to keep it out. */
export interface Remedy {
  readonly verb: 'let in' | 'keep out';
  /** Each names a setting, what to do with it, and where it is stated: "add RU to allow (from the last refresh)". */
  readonly ways: readonly string[];
}

/** What one state of the fence does with an address. */
export interface VerdictReport {
  readonly passes: boolean;
  /** The rule that decided, as the host's tools print it; absent when no rule of ours did. */
  readonly rule: string | undefined;
  /** Rules of others before ours in the hook, which may have decided already. */
  readonly foreignRules: number;
  /** The sets looked up on the way, each with the network of it that holds the address, if one does. */
  readonly lookups: readonly { readonly set: string; readonly prefix: string | undefined }[];
}

/** What `check --json` prints of one address. */
export interface AddressReport {
  readonly address: string;
  /** The name that was asked about, when the address is one it has. */
  readonly host: string | undefined;
  /** What the kernel does now; absent when it cannot be read. */
  readonly kernel: VerdictReport | undefined;
  /** Whether the kernel has a fence; absent likewise. */
  readonly isFenced: boolean | undefined;
  /** What the policy and the cached zones ask for; when that cannot be told, why. */
  readonly policy: VerdictReport | undefined;
  readonly reason: string | undefined;
  /** What happens to it where; empty where the same happens everywhere, or where one port was asked about. */
  readonly ways: readonly { readonly way: string; readonly passes: boolean }[];
  /** The cached zones that hold it: mostly one, or none. */
  readonly registrations: readonly {
    readonly country: string;
    readonly name: string | undefined;
    /** Of the zone, as its source has it. */
    readonly network: string;
    readonly source: string;
    /** null when the clock was set back since. */
    readonly ageSeconds: number | null;
  }[];
  /** Whether it is in no country, but private, link-local or the like. */
  readonly isLocal: boolean;
  /** Networks of ALLOWSUBNET that hold it. */
  readonly escapes: readonly string[];
  /** What would turn the verdict, or make the kernel do as the policy says. */
  readonly remedy:
    | { readonly verb: Remedy['verb'] | 'enforce'; readonly ways: readonly string[] }
    | undefined;
}

/** What is left of 80 columns beside the labels. */
const WIDTH = 68;

/** Renders the answer for one address as text, lines ended, no wider than 80 columns. */
export function renderCheck(report: AddressReport): string {
  const { address, host, kernel, policy } = report;
  const decisive = kernel ?? policy;
  const verdict = decisive === undefined ? 'cannot tell' : headline(report, decisive);
  return `${address}  ${verdict}\n${formatTable(
    [
      ...(host === undefined ? [] : row('host', host)),
      ...listRows(
        'where',
        report.ways.map(({ way, passes }) => `${way}: ${passes ? 'passes' : 'is dropped'}`),
      ),
      ...(decisive === undefined ? [] : verdictRows(decisive)),
      ...row('kernel', describeKernel(report)),
      ...row('policy', describeWanted(report)),
      ...countryRows(report),
      ...(report.escapes.length === 0
        ? []
        : row('escape', `always gets in: ${report.escapes.join(', ')} of ALLOWSUBNET`)),
      ...remedyRows(report),
    ].map(([label, text]) => [`  ${label}`, text]),
  )}`;
}

/** Where it passes here and not there, that is the answer, and the rows tell which is which. */
function headline({ ways }: AddressReport, { passes }: VerdictReport): string {
  const isSplit = ways.some((way) => way.passes) && ways.some((way) => !way.passes);
  const isIn = ways.length === 0 ? passes : ways.every((way) => way.passes);
  return isSplit ? 'passes to some ports, and is dropped at others' : isIn ? 'passes' : 'is dropped';
}

const row = (label: string, text: string): [string, string][] => listRows(label, wrap(text, WIDTH));

const verdictRows = ({ rule, lookups, foreignRules }: VerdictReport): [string, string][] => [
  ...row(
    'why',
    rule === undefined && lookups.length === 0 ? 'no rule of the fence sees it' : explain(lookups),
  ),
  ...(rule === undefined ? [] : listRows('rule', wrapRule(rule))),
  ...(foreignRules === 0
    ? []
    : row('but', `${formatPlural(foreignRules, 'rule')} of others before ours may decide otherwise`)),
];

/** Broken after the chain, if anywhere: the rule is to be found in what the tools print. */
function wrapRule(rule: string): string[] {
  if (rule.length <= WIDTH) return [rule];
  const [option, chain, ...words] = rule.split(' ');
  return [`${option} ${chain}`, ...wrap(words.join(' '), WIDTH)];
}

function explain(lookups: VerdictReport['lookups']): string {
  const reasons = lookups.map(({ set, prefix }) =>
    prefix === undefined ? `not in ${set}` : `${prefix} is in ${set}`,
  );
  return reasons.length === 0 ? 'the rule asks for no set' : reasons.join(', ');
}

const does = ({ passes }: VerdictReport): string => (passes ? 'lets it pass' : 'drops it');

function describeKernel({ kernel, isFenced }: AddressReport): string {
  if (kernel === undefined) return 'cannot be read: answered from the policy and the cached zones';
  return isFenced === false ? 'has no fence: everybody passes' : does(kernel);
}

function describeWanted({ kernel, policy, reason }: AddressReport): string {
  if (policy === undefined) return `cannot be told: ${reason}`;
  if (kernel === undefined) return does(policy);
  return kernel.passes === policy.passes ? 'says the same' : `says OTHERWISE: it ${does(policy)}`;
}

function countryRows({ registrations, isLocal }: AddressReport): [string, string][] {
  if (registrations.length === 0)
    return row('country', isLocal ? 'none: it is a local address' : 'in no cached zone');
  const texts = registrations.map(({ country, name, network, source, ageSeconds }) => {
    const age = formatAge((ageSeconds ?? Infinity) * 1000);
    return `${country} (${name ?? '?'}), ${network}, from ${source}, ${age} old`;
  });
  return listRows(
    'country',
    texts.flatMap((text) => wrap(text, WIDTH)),
  );
}

function remedyRows({ remedy }: AddressReport): [string, string][] {
  if (remedy === undefined) return [];
  const word = remedy.verb === 'let in' ? 'or' : 'and';
  return listRows(
    remedy.verb,
    remedy.ways.flatMap((way, i) => wrap(i === 0 ? way : `${word} ${way}`, WIDTH)),
  );
}
