import type { AnyRule, PortRange, Rule } from '../firewall/model.ts';
import { ENTRY_CHAIN } from '../firewall/names.ts';
import type { Fence } from '../policy/policy.ts';
import type { PortProtocol } from '../policy/scope.ts';
import type { Decision, Fate, PortDecision } from '../policy/fates.ts';
import { fencesIn, isSame, otherDecision, portDecisions } from '../policy/fates.ts';

type Action = Rule['action'];

/** The rule for those whom a fence shuts out; undefined where it shuts out nobody. */
export type TestRule = (fence: Fence) => Rule | undefined;

/** What leads packets to the fences that decide about them. */
export interface Dispatch {
  /** In the order in which a packet meets them: where the same fences decide about every packet, no chain is needed. */
  readonly first: readonly Rule[];
  readonly chains: ReadonlyMap<string, readonly AnyRule[]>;
}

/** More rules than these in a row are made a tree of: a jump costs about as much as two rules that do not match. */
const MOST_IN_ROW = 4;

/** What `-m multiport` takes: a range counts twice (iptables-extensions(8)). */
const MOST_PORTS = 15;

/**
 * Returns the rules that lead each packet of `protocols` to the fences which decide about it, each asked once. Names of
 * chains are ENTRY_CHAIN and a dash: the names of the fences, or in capitals what a chain looks at.
 */
export function dispatch(
  fences: readonly Fence[],
  protocols: readonly PortProtocol[],
  test: TestRule,
): Dispatch {
  const chains = new ChainMaker(test);
  const first = chains.byProtocol(fences, protocols);
  return { first: first.every(passes) ? [] : first, chains: chains.made };
}

const passes = ({ action }: Rule): boolean => action.do === 'return';

class ChainMaker {
  readonly made = new Map<string, readonly Rule[]>();
  readonly #test: TestRule;
  readonly #known = new Map<string, string>();

  constructor(test: TestRule) {
    this.#test = test;
  }

  byProtocol(fences: readonly Fence[], protocols: readonly PortProtocol[]): Rule[] {
    const rest = otherDecision(fences);
    const led = protocols
      .map((protocol) => ({ protocol, decisions: portDecisions(fences, protocol) }))
      .filter(({ decisions }) => !decisions.every(({ decision }) => isSame(decision, rest)));
    const [only] = led;
    // Where no other protocol comes there is no need to ask which it is.
    if (only !== undefined && protocols.length === 1) return this.byPort(only.protocol, only.decisions);
    if (led.length === 0 && rest.byInterface.length === 0) return this.testsOf(rest.rest);
    const first = led.map(({ protocol, decisions }): Rule => ({
      match: [{ on: 'protocol', protocol }],
      action: this.goto(protocol.toUpperCase(), this.byPort(protocol, decisions)),
    }));
    return [...first, { match: [], action: this.byInterface(rest) }];
  }

  /** The rules that shut out whom the fences do not want. */
  testsOf(fate: Fate): Rule[] {
    return fencesIn(fate)
      .map(this.#test)
      .filter((rule) => rule !== undefined);
  }

  byFate(fate: Fate): Action {
    const names = fencesIn(fate).map(({ name }) => name);
    return this.goto(names.join('+'), this.testsOf(fate));
  }

  byInterface({ byInterface, rest }: Decision): Action {
    if (byInterface.length === 0) return this.byFate(rest);
    const rules = byInterface.map(({ pattern, fate }): Rule => ({
      match: [{ on: 'interface', way: 'in', name: pattern }],
      action: this.byFate(fate),
    }));
    return this.goto('IN', [...rules, { match: [], action: this.byFate(rest) }]);
  }

  /** A row of rules: those for lower ports lead on, those for higher ones follow, so that either is asked few times. */
  byPort(protocol: PortProtocol, decisions: readonly PortDecision[]): Rule[] {
    const [usual, others] = partition(decisions);
    const rules = others.flatMap(({ decision, ranges }) =>
      inPieces(ranges).map((destination): Rule => ({
        match: [{ on: 'ports', protocol, destination }],
        action: this.byInterface(decision),
      })),
    );
    if (rules.length <= MOST_IN_ROW) return [...rules, { match: [], action: this.byInterface(usual) }];
    const half = decisions.length >> 1;
    const [lower, upper] = [decisions.slice(0, half), decisions.slice(half)];
    const below: PortRange = { from: 0, to: (upper[0]?.range.from ?? 1) - 1 };
    const action = this.goto(protocol.toUpperCase(), this.byPort(protocol, lower));
    return [
      { match: [{ on: 'ports', protocol, destination: [below] }], action },
      ...this.byPort(protocol, upper),
    ];
  }

  /** Leads to a chain with these rules, made once; a single rule for all needs none, and where there are none the packet passes. */
  goto(name: string, rules: readonly Rule[]): Action {
    const [first] = rules;
    if (first === undefined || rules.every(passes)) return { do: 'return' };
    if (rules.length === 1 && first.match.length === 0) return first.action;
    const key = JSON.stringify(rules);
    const chain = this.#known.get(key) ?? this.#freeName(name);
    this.#known.set(key, chain);
    this.made.set(chain, rules);
    return { do: 'goto', chain };
  }

  /** The kernel takes 28 characters (XT_EXTENSION_MAXNAMELEN - 1). */
  #freeName(name: string): string {
    const wanted = `${ENTRY_CHAIN}-${name}`;
    if (wanted.length <= 28 && !this.made.has(wanted)) return wanted;
    const stem = wanted.slice(0, 24);
    for (let n = 2; ; n++) if (!this.made.has(`${stem}.${n}`)) return `${stem}.${n}`;
  }
}

interface Grouped {
  readonly decision: Decision;
  readonly ranges: readonly PortRange[];
}

/** What decides about most ranges, and the others with their ranges. */
function partition(decisions: readonly PortDecision[]): [usual: Decision, others: readonly Grouped[]] {
  const groups: { decision: Decision; ranges: PortRange[] }[] = [];
  for (const { range, decision } of decisions) {
    const known = groups.find((group) => isSame(group.decision, decision));
    if (known === undefined) groups.push({ decision, ranges: [range] });
    else known.ranges.push(range);
  }
  const [usual, ...others] = groups.toSorted((a, b) => b.ranges.length - a.ranges.length);
  if (usual === undefined) throw new Error('every port has a decision');
  return [usual.decision, others];
}

/** As many ranges in each piece as one rule takes. */
function inPieces(ranges: readonly PortRange[]): PortRange[][] {
  const pieces: PortRange[][] = [];
  let room = 0;
  for (const range of ranges) {
    const size = range.from === range.to ? 1 : 2;
    if (room < size) {
      pieces.push([]);
      room = MOST_PORTS;
    }
    pieces.at(-1)?.push(range);
    room -= size;
  }
  return pieces;
}
