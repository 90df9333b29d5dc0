import { equalBounds, wholeSpace } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import type { Fence, Policy } from './policy.ts';
import { formatList } from '../words/format.ts';
import { groups, nameCountry } from '../zones/countries.ts';

export interface PolicyFacts {
  readonly policy: Pick<Policy, 'fences' | 'families' | 'escapes'>;
  /** ALLOWSUBNET. */
  readonly escapes: readonly string[];
  readonly local: boolean;
  /** Families that the policy leaves open, and those that the kernel does not have. */
  readonly open: readonly Family[];
  readonly absent: readonly Family[];
}

/** Words a policy as one sentence: "allow only CA (Canada); local addresses always get in; IPv6 is left open". */
export function describePolicy({ policy, escapes, local, open, absent }: PolicyFacts): string {
  const [escape = ''] = escapes;
  const always = [
    ...(local ? ['local addresses'] : []),
    ...(escapes.length === 0 ? [] : [escapes.length === 1 ? escape : `${escapes.length} escapes`]),
  ];
  const isOne = !local && escapes.length === 1;
  return [
    ...policy.fences.map((fence) => describeReach(fence, policy)),
    ...(always.length === 0 ? [] : [`${formatList(always)} always ${isOne ? 'gets' : 'get'} in`]),
    ...open.map(({ label }) => `${label} is left open`),
    ...absent.map(({ label }) => `the kernel has no ${label}`),
  ].join('; ');
}

/** More codes than this read worse than their number. */
const MANY_CODES = 12;

/** Names countries, given by code, as a person would: "CA (Canada)", "CN, RU", "@eu (27 countries)". */
export function nameCountries(codes: readonly string[]): string {
  if (codes.length === 1) return nameCountry(codes[0]!);
  for (const [group, members] of groups) {
    if (members.length === codes.length && members.every((code) => codes.includes(code))) {
      return `${group} (${codes.length} countries)`;
    }
  }
  if (codes.length <= MANY_CODES) return codes.join(', ');
  return `${codes.slice(0, MANY_CODES - 2).join(', ')} and ${codes.length - MANY_CODES + 2} more countries`;
}

/**
 * Words a fence as a phrase with what its policy makes of it: where escapes hold all of a family nobody is kept out,
 * whatever the countries: "allow only CA (Canada), but everybody gets in over IPv4: escapes hold all of it".
 */
export function describeReach(
  fence: Pick<Fence, 'mode' | 'countries'>,
  { families, escapes }: Pick<Policy, 'families' | 'escapes'>,
): string {
  const open = families.filter((family) => equalBounds(escapes.get(family)!, wholeSpace(family)));
  if (open.length === 0) return describeFence(fence);
  const labels = formatList(open.map(({ label }) => label));
  return `${describeFence(fence)}, but everybody gets in over ${labels}: escapes hold all of it`;
}

/** Words a fence as a phrase, "allow only CA (Canada)"; also the comment of its rule in the kernel. */
export const describeFence = ({ mode, countries }: Pick<Fence, 'mode' | 'countries'>): string =>
  `${mode === 'allow' ? 'allow only' : 'deny'} ${nameCountries(countries)}`;
