import { equalBounds, wholeSpace } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import type { Fence, Policy } from './policy.ts';
import type { ProtocolPorts, Scope } from './scope.ts';
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
  fence: Pick<Fence, 'mode' | 'countries' | 'scope'> & Partial<Pick<Fence, 'isPreview'>>,
  { families, escapes }: Pick<Policy, 'families' | 'escapes'>,
): string {
  const open = families.filter((family) => equalBounds(escapes.get(family)!, wholeSpace(family)));
  if (fence.isPreview === true) return `${describeFence(fence)} (preview)`;
  if (open.length === 0) return describeFence(fence);
  const labels = formatList(open.map(({ label }) => label));
  return `${describeFence(fence)}, but everybody gets in over ${labels}: escapes hold all of it`;
}

/**
 * Words a fence as a phrase, "allow only CA (Canada)", with what it is for where that is not everything: "allow only CA
 * (Canada) to tcp/22 on eth0". Also the comment of its rule in the kernel.
 */
export function describeFence({
  name = 'main',
  mode,
  countries,
  scope,
}: Pick<Fence, 'mode' | 'countries' | 'scope'> & Partial<Pick<Fence, 'name'>>): string {
  const whom =
    countries === 'everyone'
      ? 'allow everybody'
      : `${mode === 'allow' ? 'allow only' : 'deny'} ${nameCountries(countries)}`;
  const sentence = [whom, describeScope(scope)].filter((text) => text !== '').join(' ');
  return name === 'main' ? sentence : `${name}: ${sentence}`;
}

/** Words what a fence is for: "to tcp/22 on eth0, not lan0"; '' for everything. */
function describeScope({ interfaces, ports }: Scope): string {
  const names = interfaces.map(({ name, not }) => (not === true ? `not ${name}` : name));
  return [
    ...(ports.length === 0 ? [] : [`to ${describePorts(ports)}`]),
    ...(names.length === 0 ? [] : [`on ${names.join(', ')}`]),
  ].join(' ');
}

/** Words ports as they can be typed: "tcp/22, udp/1000-2000". */
export const describePorts = (ports: readonly ProtocolPorts[]): string =>
  ports
    .flatMap(({ protocol, ranges }) =>
      ranges.map(({ from, to }) => `${protocol}/${from === to ? from : `${from}-${to}`}`),
    )
    .join(', ');
