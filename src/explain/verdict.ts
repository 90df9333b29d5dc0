import type { Bounds } from '../ip/bounds.ts';
import { contains, emptyBounds, intersect, isEmpty, subtract, union, wholeSpace } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { HOOK } from '../firewall/names.ts';
import type { Rule, Ruleset, State } from '../firewall/model.ts';
import { rulesOf } from '../firewall/model.ts';

/** What the fence does with the first packet of a new connection from an address, and why. */
export interface Verdict {
  readonly passes: boolean;
  /** The chain and the rule that decided; undefined when no rule of ours did. */
  readonly chain?: string;
  readonly rule?: string;
  /** The sets that were looked up on the way, in order. */
  readonly lookups: readonly Lookup[];
}

interface Lookup {
  readonly set: string;
  readonly isInside: boolean;
}

/** A verdict, and whether it ends the walk or only the chain. */
interface Outcome {
  readonly verdict: Omit<Verdict, 'lookups'>;
  readonly isFinal: boolean;
}

interface Packet {
  readonly ruleset: Ruleset;
  /** Whether its address is in a set. */
  readonly isIn: (set: string) => boolean;
}

/** The verdict on one address. */
export function verdict(state: State, family: Family, address: Int32Array): Verdict {
  const lookups: Lookup[] = [];
  const isIn = (set: string): boolean => {
    const isInside = contains(boundsOf(state, family, set), address);
    lookups.push({ set, isInside });
    return isInside;
  };
  return { ...judge(state, family, isIn), lookups };
}

/**
 * Everybody who gets in: the verdict on all addresses of a family at once. Each set that is looked up parts those it
 * holds from the others; when no more is looked up, all that are left have one verdict.
 */
export function passing(state: State, family: Family): Bounds {
  const settle = (group: Bounds, known: ReadonlyMap<string, boolean>): Bounds => {
    if (isEmpty(group)) return group;
    let unknown: string | undefined;
    const { passes } = judge(state, family, (set) => {
      if (!known.has(set)) unknown ??= set;
      return known.get(set) === true;
    });
    if (unknown === undefined) return passes ? group : emptyBounds(family);
    const bounds = boundsOf(state, family, unknown);
    const inside = settle(intersect(group, bounds), new Map(known).set(unknown, true));
    return union(inside, settle(subtract(group, bounds), new Map(known).set(unknown, false)));
  };
  return settle(wholeSpace(family), new Map());
}

/** A set that is missing, or of the other family, holds nobody. */
function boundsOf({ sets }: State, family: Family, name: string): Bounds {
  const bounds = sets.get(name)?.bounds;
  return bounds?.family === family ? bounds : emptyBounds(family);
}

/**
 * Walks our rules as the kernel does for a packet that is new, not from lo and of no special protocol: the matches
 * on interface, state and protocol do not apply, those on sets are looked up.
 */
function judge(state: State, family: Family, isIn: Packet['isIn']): Outcome['verdict'] {
  const ruleset = rulesOf(state, 'mangle', family);
  let last: Outcome['verdict'] = { passes: true };
  for (const { chain, text } of ruleset.jumps) {
    if (chain !== HOOK) continue;
    const outcome = applyRule({ ruleset, isIn }, chain, { text });
    last = outcome?.verdict ?? last;
    if (outcome?.isFinal === true) break;
  }
  return last;
}

/** How many rules of others stand before ours in the hook, and may have decided already. */
export function foreignRules(state: State, family: Family): number {
  const { jumps } = rulesOf(state, 'mangle', family);
  return (jumps.find(({ chain }) => chain === HOOK)?.position ?? 1) - 1;
}

function walk(packet: Packet, chain: string): Outcome {
  let last: Outcome['verdict'] = { passes: true };
  for (const rule of packet.ruleset.chains.get(chain) ?? []) {
    const outcome = applyRule(packet, chain, rule);
    if (outcome === undefined) continue;
    if (outcome.isFinal || endsChain(rule)) return outcome;
    last = outcome.verdict;
  }
  return { verdict: last, isFinal: false };
}

/** The targets that decide; any other that is not a chain of ours (LOG, MARK) leaves the packet to the next rule. */
const endings: Record<string, { readonly passes: boolean; readonly isFinal: boolean }> = {
  ACCEPT: { passes: true, isFinal: true },
  DROP: { passes: false, isFinal: true },
  REJECT: { passes: false, isFinal: true },
  RETURN: { passes: true, isFinal: false },
};

/** What a rule does with the packet, or undefined when it leaves it to the next one. */
function applyRule(packet: Packet, chain: string, rule: Rule): Outcome | undefined {
  const tokens = words(rule.text);
  if (isSpecial(tokens) || !matchesSet(packet, tokens)) return undefined;
  const target = targetOf(tokens);
  const ending = endings[target];
  if (ending === undefined) return packet.ruleset.chains.has(target) ? walk(packet, target) : undefined;
  const { passes, isFinal } = ending;
  return { verdict: { passes, chain, rule: rule.text }, isFinal };
}

/** Whether a rule that matched is the last of its chain to be looked at: "-j RETURN", or a goto. */
function endsChain(rule: Rule): boolean {
  const tokens = words(rule.text);
  return tokens.includes('-g') || targetOf(tokens) === 'RETURN';
}

/** Rules for packets of another kind than the one that walks. */
const isSpecial = (tokens: readonly string[]): boolean =>
  ['-i', '-p', '-s', '--ctstate'].some((option) => tokens.includes(option));

/** Whether the rule's match on a set holds; true when it has none. */
function matchesSet({ isIn }: Packet, tokens: readonly string[]): boolean {
  const at = tokens.indexOf('--match-set');
  const set = tokens[at + 1];
  if (at < 0 || set === undefined) return true;
  return isIn(set) !== (tokens[at - 1] === '!');
}

const targetOf = (tokens: readonly string[]): string =>
  tokens[tokens.findIndex((token) => token === '-j' || token === '-g') + 1] ?? '';

/** The words of a rule; a quoted comment is one. */
const words = (text: string): string[] => text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
