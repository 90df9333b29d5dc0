import { formatAge, formatTable } from './format.ts';

/** What one state of the fence does with an address. */
export interface VerdictReport {
  readonly passes: boolean;
  /** The rule that decided and the chain it is in; absent when no rule of ours did. */
  readonly chain: string | undefined;
  readonly rule: string | undefined;
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
  const verdict = decisive === undefined ? 'unknown: zones are missing' : wordOf(decisive);
  const isDifferent = kernel !== undefined && policy !== undefined && kernel.passes !== policy.passes;
  return formatTable([
    [address, verdict],
    ['  kernel', kernel === undefined ? 'not asked, see above, or no fence' : explain(kernel)],
    ['  policy', policy === undefined ? 'none, or its zones are not in the cache' : explain(policy)],
    ...(isDifferent ? [['', 'they differ: "geofence status" says why'] as const] : []),
    ['  country', registration === undefined ? 'in no cached zone' : describeRegistration(registration)],
  ]);
}

const wordOf = ({ passes }: VerdictReport): string => (passes ? 'passes' : 'is dropped');

function explain(report: VerdictReport): string {
  const { chain, rule, lookups } = report;
  if (chain === undefined) return 'passes: no rule of the fence sees it';
  const reasons = lookups.map(({ set, prefix }) =>
    prefix === undefined ? `not in ${set}` : `${prefix} is in ${set}`,
  );
  return `${wordOf(report).replace('is ', '')}: ${[...reasons, `rule "-A ${chain} ${rule}"`].join(', ')}`;
}

function describeRegistration(registration: NonNullable<AddressReport['registration']>): string {
  const { country, name, prefix, source, ageSeconds } = registration;
  return `${country} (${name ?? '?'}), ${prefix}, from ${source}, ${formatAge((ageSeconds ?? Infinity) * 1000)} old`;
}
