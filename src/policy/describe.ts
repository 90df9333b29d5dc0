import type { Family } from '../ip/family.ts';
import type { Policy } from './policy.ts';
import { describeFence } from './policy.ts';
import { formatList } from '../words/format.ts';

export interface PolicyFacts {
  readonly policy: Pick<Policy, 'fences'>;
  /** ALLOWSUBNET. */
  readonly escapes: readonly string[];
  readonly local: boolean;
  /** Families that the policy leaves open, and those that the kernel does not have. */
  readonly open: readonly Family[];
  readonly absent: readonly Family[];
}

/** The policy as one sentence: "allow only CA (Canada); local addresses always get in; IPv6 is left open". */
export function describePolicy({ policy, escapes, local, open, absent }: PolicyFacts): string {
  const [escape = ''] = escapes;
  const always = [
    ...(local ? ['local addresses'] : []),
    ...(escapes.length === 0 ? [] : [escapes.length === 1 ? escape : `${escapes.length} escapes`]),
  ];
  const isOne = !local && escapes.length === 1;
  return [
    ...policy.fences.map(describeFence),
    ...(always.length === 0 ? [] : [`${formatList(always)} always ${isOne ? 'gets' : 'get'} in`]),
    ...open.map(({ label }) => `${label} is left open`),
    ...absent.map(({ label }) => `the kernel has no ${label}`),
  ].join('; ');
}
