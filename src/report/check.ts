import { formatAge, formatPlural, formatTable } from './format.ts';

/** What one state of the fence does with an address. */
export interface VerdictReport {
  readonly passes: boolean;
  /** The rule that decided and the chain it is in; absent when no rule of ours did. */
  readonly chain: string | undefined;
  readonly rule: string | undefined;
  /** Rules of others before ours in the hook, which may have decided already. */
  readonly foreignRules: number;
  /** The sets looked up on the way, each with the network that holds the address, if one does. */
  readonly lookups: readonly { readonly set: string; readonly prefix: string | undefined }[];
}

/** What `check --json` prints of one address. */
export interface AddressReport {
  readonly address: string;
  /** What the kernel does now; absent when it cannot be read or has no fence. */
  readonly kernel: VerdictReport | undefined;
  /** What the policy and the cached zones ask for; absent when there is none, or zones are missing. */
  readonly policy: VerdictReport | undefined;
  /** The cached zone that holds the address; absent when none does. */
  readonly registration:
    | {
        readonly country: string;
        readonly name: string | undefined;
        readonly prefix: string;
        readonly source: string;
        readonly ageSeconds: number | null;
      }
    | undefined;
}

/** The answer for one address. */
export function renderCheck({ address, kernel, policy, registration }: AddressReport): string {
  const decisive = kernel ?? policy;
  const country = registration === undefined ? 'in no cached zone' : describeRegistration(registration);
  if (decisive === undefined)
    return formatTable([
      [address, 'cannot tell: zones are missing'],
      ['  country', country],
    ]);
  return formatTable([
    [address, decisive.passes ? 'passes' : 'is dropped'],
    ['  why', explain(decisive)],
    ...(decisive.chain === undefined ? [] : [['  rule', `-A ${decisive.chain} ${decisive.rule}`] as const]),
    ...(decisive.foreignRules === 0
      ? []
      : [
          [
            '  but',
            `${formatPlural(decisive.foreignRules, 'rule')} of others before ours may decide otherwise`,
          ] as const,
        ]),
    ['  asked', kernel === undefined ? 'the policy and the cached zones' : describeAgreement(kernel, policy)],
    ['  country', country],
  ]);
}

function explain({ chain, lookups }: VerdictReport): string {
  if (chain === undefined) return 'no rule of the fence sees it';
  const reasons = lookups.map(({ set, prefix }) =>
    prefix === undefined ? `not in ${set}` : `${prefix} is in ${set}`,
  );
  return reasons.length === 0 ? 'the rule asks for no set' : reasons.join(', ');
}

function describeAgreement(kernel: VerdictReport, policy: VerdictReport | undefined): string {
  if (policy === undefined) return 'the kernel; its policy cannot be told';
  if (kernel.passes === policy.passes) return 'the kernel; the policy says the same';
  return 'the kernel; THE POLICY SAYS OTHERWISE, "geofence status" tells why';
}

function describeRegistration(registration: NonNullable<AddressReport['registration']>): string {
  const { country, name, prefix, source, ageSeconds } = registration;
  return `${country} (${name ?? '?'}), ${prefix}, from ${source}, ${formatAge((ageSeconds ?? Infinity) * 1000)} old`;
}
