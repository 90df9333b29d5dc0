import type { AnyRule, Ruleset, Stage, State } from '../firewall/model.ts';
import { INPUT_HOOK } from '../firewall/model.ts';
import { rulesOf } from '../firewall/rulesets.ts';
import type { Bounds } from '../ip/bounds.ts';
import { contains, emptyBounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { parseNetworks } from '../ip/networks.ts';
import type { AskSource } from './match.ts';
import { holds } from './match.ts';
import type { Packet, Traffic } from './packet.ts';

/** What the fence does with a packet, and why. */
export interface Verdict {
  /** Whether it goes on to the rest of the firewall. */
  readonly passes: boolean;
  /** The rule that decided, and its chain or hook; undefined when every rule left the packet to the next. */
  readonly chain?: string;
  readonly rule?: AnyRule;
  /** The sets that were asked for the source on the way, each once, in order. */
  readonly lookups: readonly { readonly set: string; readonly isInside: boolean }[];
}

/** A decision, and whether it ends the walk or only the chain. */
interface Decision {
  readonly passes: boolean;
  readonly isFinal: boolean;
  readonly chain?: string;
  readonly rule?: AnyRule;
}

interface Walk {
  readonly state: State;
  readonly ruleset: Ruleset;
  readonly traffic: Traffic;
  readonly source: AskSource;
}

/**
 * Returns what a state does with one packet, the rule that decided and the sets asked. What is not known of the packet
 * counts in its favour: in doubt it passes.
 */
export function verdict(state: State, packet: Packet): Verdict {
  const { family, source } = packet;
  const lookups = new Map<string, boolean>();
  const decision = decide(state, packet, {
    isInSet: (set) => {
      const isInside = contains(sourcesIn(state, family, set), source);
      lookups.set(set, isInside);
      return isInside;
    },
    isInNetwork: (network) => contains(parseNetworks(family, [network]), source),
    address: family.format(source, 0),
    added: new Set(),
  });
  const { passes, chain, rule } = decision;
  return {
    passes,
    ...(chain === undefined ? {} : { chain }),
    ...(rule === undefined ? {} : { rule }),
    lookups: [...lookups].map(([set, isInside]) => ({ set, isInside })),
  };
}

/** Returns the addresses of the set `name`; none for a set that is missing or of the other family. */
export function sourcesIn({ sets }: State, family: Family, name: string): Bounds {
  const { bounds, timed, shape } = sets.get(name) ?? {};
  if (bounds === undefined && timed !== undefined && shape?.family === family)
    return parseNetworks(
      family,
      [...timed.keys()].map((address) => `${address}/${family.bits}`),
    );
  return bounds?.family === family ? bounds : emptyBounds(family);
}

/**
 * Returns how many rules of others stand before our first one in PREROUTING of the main table; they may have decided
 * already. 0 without a fence.
 */
export function foreignRules(state: State, family: Family): number {
  const { hooks } = rulesOf(state, 'main', family);
  return (hooks.find(({ at }) => at === INPUT_HOOK)?.position ?? 1) - 1;
}

const inOrder: readonly Stage[] = ['early', 'main'];

/**
 * Walks our rules as the kernel does: those of stage `early`, then, for a packet not dropped there, those of `main`.
 * `source` is asked whether the packet's source is in a set or network. Returns whether it passes, and the rule that
 * decided.
 */
export function decide(state: State, traffic: Traffic, source: AskSource): Decision {
  let last: Decision = { passes: true, isFinal: false };
  for (const stage of inOrder) {
    const ruleset = rulesOf(state, stage, traffic.family);
    const rules = ruleset.hooks.filter(({ at }) => at === INPUT_HOOK).map(({ rule }) => rule);
    const decision = walk({ state, ruleset, traffic: seenIn(stage, traffic), source }, INPUT_HOOK, rules);
    if (!decision.passes) return decision;
    if (decision.rule !== undefined) last = decision;
  }
  return last;
}

/** In `raw` connection tracking has not seen a packet yet, and xt_conntrack takes what it has not seen for INVALID. */
const seenIn = (stage: Stage, traffic: Traffic): Traffic =>
  stage === 'early' ? { ...traffic, state: 'INVALID' } : traffic;

function walk(on: Walk, chain: string, rules: readonly AnyRule[]): Decision {
  let last: Decision = { passes: true, isFinal: false };
  for (const rule of rules) {
    if (!applies(on, rule)) continue;
    const { action } = rule;
    switch (action?.do) {
      case 'drop':
      case 'reject':
        return { passes: false, isFinal: true, chain, rule };
      case 'accept':
        return { passes: true, isFinal: true, chain, rule };
      case 'return':
        return { passes: true, isFinal: false, chain, rule };
      case 'jump':
      case 'goto': {
        const target = on.ruleset.chains.get(action.chain);
        // Another's chain, or a target that is none: it decides nothing that we know of.
        if (target === undefined) break;
        const decision = walk(on, action.chain, target);
        if (decision.isFinal || action.do === 'goto') return decision;
        last = decision;
        break;
      }
      case 'add':
        on.source.added.add(action.set);
        break;
      case 'log':
      case undefined:
        break;
    }
  }
  return last;
}

/** Whether a rule is for the packet. Where that is not known, one that lets it pass is, and another is not. */
function applies({ state, traffic, source }: Walk, { match, action }: AnyRule): boolean {
  const answer = match && holds(match, traffic, state.sets, source);
  return answer ?? (action?.do === 'return' || action?.do === 'accept');
}
