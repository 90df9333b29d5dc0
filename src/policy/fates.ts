import type { PortRange } from '../firewall/model.ts';
import type { Fence } from './policy.ts';
import type { PortProtocol } from './scope.ts';
import { coversInterface, coversPort, specificity } from './scope.ts';

/**
 * Who decides about a packet: it passes when it is in the set of none of `denies`, and in that of `owner`. `previews`
 * only count it.
 */
export interface Fate {
  readonly previews: readonly Fence[];
  readonly denies: readonly Fence[];
  /** Undefined where no allow fence covers it. */
  readonly owner: Fence | undefined;
}

/** Who decides, by the interface on which a packet comes in: the first pattern that fits it, or `rest`. */
export interface Decision {
  readonly byInterface: readonly { readonly pattern: string; readonly fate: Fate }[];
  readonly rest: Fate;
}

/** Who decides about the ports of a protocol from `range.from` to `range.to`. */
export interface PortDecision {
  readonly range: PortRange;
  readonly decision: Decision;
}

const LAST_PORT = 65_535;

/**
 * Returns who decides about each port of a protocol, in order and without gaps: neighbours differ. Order in `fences`
 * never matters: every deny fence that covers a packet counts, and the most special allow fence that does owns it.
 */
export function portDecisions(fences: readonly Fence[], protocol: PortProtocol): PortDecision[] {
  const ranges = fences.flatMap(({ scope }) =>
    scope.ports.filter((one) => one.protocol === protocol).flatMap((one) => one.ranges),
  );
  const cuts = new Set([0, ...ranges.flatMap(({ from, to }) => [from, to + 1])]);
  const starts = [...cuts].filter((port) => port <= LAST_PORT).sort((a, b) => a - b);
  const decisions: PortDecision[] = [];
  for (const [i, from] of starts.entries()) {
    const to = (starts[i + 1] ?? LAST_PORT + 1) - 1;
    const decision = decide(fences.filter(({ scope }) => coversPort(scope, { protocol, port: from })));
    const last = decisions.at(-1);
    if (last !== undefined && isSame(last.decision, decision)) {
      decisions[decisions.length - 1] = { range: { from: last.range.from, to }, decision };
    } else decisions.push({ range: { from, to }, decision });
  }
  return decisions;
}

/** Returns who decides about packets of protocols without ports. */
export const otherDecision = (fences: readonly Fence[]): Decision =>
  decide(fences.filter(({ scope }) => scope.ports.length === 0));

/** `fences` are those that cover the ports. */
function decide(fences: readonly Fence[]): Decision {
  const named = fences.flatMap(({ scope }) => scope.interfaces.map(({ name }) => name));
  // No interface has an empty name: it is in all scopes but those that name what they want.
  const rest = fateOn('', fences);
  const byInterface: { pattern: string; fate: Fate }[] = [];
  for (const pattern of [...new Set(named)].sort(byBreadth)) {
    const fate = fateOn(pattern, fences);
    const next = byInterface.find((other) => isPart(pattern, other.pattern))?.fate ?? rest;
    if (!isSameFate(next, fate)) byInterface.unshift({ pattern, fate });
  }
  return { byInterface, rest };
}

/** The broadest pattern first: a name stands for one interface. */
const byBreadth = (a: string, b: string): number => breadth(b) - breadth(a) || (a < b ? -1 : 1);
const breadth = (pattern: string): number => (pattern.endsWith('*') ? 32 - pattern.length : 0);

const isPart = (pattern: string, of: string): boolean =>
  of.endsWith('*') && pattern.startsWith(of.slice(0, -1));

function fateOn(name: string, fences: readonly Fence[]): Fate {
  const all = fences.filter(({ scope }) => coversInterface(scope, name));
  const covering = all.filter(({ isPreview }) => !isPreview);
  const owners = covering
    .filter(({ mode }) => mode === 'allow')
    .sort((a, b) => specificity(b.scope) - specificity(a.scope));
  return {
    previews: all.filter(({ isPreview }) => isPreview),
    denies: covering.filter(({ mode }) => mode === 'deny'),
    owner: owners[0],
  };
}

/** The fences of a fate, in the order in which a packet meets them. */
export const fencesIn = ({ previews, denies, owner }: Fate): Fence[] => [
  ...previews,
  ...denies,
  ...(owner === undefined ? [] : [owner]),
];

/** Whether the same fences decide. */
const isSameFate = (a: Fate, b: Fate): boolean => nameFate(a) === nameFate(b);

const nameFate = (fate: Fate): string =>
  [...fencesIn(fate).map(({ name }) => name), fate.owner?.name ?? ''].join('+');

export const isSame = (a: Decision, b: Decision): boolean =>
  a.byInterface.length === b.byInterface.length &&
  isSameFate(a.rest, b.rest) &&
  a.byInterface.every(({ pattern, fate }, i) => {
    const other = b.byInterface[i];
    return other?.pattern === pattern && isSameFate(fate, other.fate);
  });
