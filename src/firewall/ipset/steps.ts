import { families } from '../../ip/family.ts';
import { ChunkedText } from '../../words/chunked-text.ts';
import type { Change, Ruleset, SetSpec } from '../model.ts';
import { hasRules, noRules } from '../rulesets.ts';
import { exchangesOf, onSecondSets } from './exchanges.ts';
import { isUnfinished, newSet, secondSet } from './temporary-sets.ts';
import { rulesScript } from './rules-script.ts';
import type { FilledSet } from './set-script.ts';
import { destroyLine, fillScript, renameLine, swapLine } from './set-script.ts';
import type { IpsetStep, Step } from './step.ts';

/**
 * The changes as texts for the kernel's tools, in three acts (`prepare`, `commit`, `tidy`), and what the first of them
 * fills.
 */
export interface Steps {
  /** Fills new sets that no rule looks at yet. */
  readonly prepare: readonly IpsetStep[];
  /** The sets filled, to be looked at before anything else happens. */
  readonly filled: readonly FilledSet[];
  /** Puts sets and rules in force, each at once. */
  readonly commit: readonly Step[];
  /** Takes away what nothing looks at any more. */
  readonly tidy: readonly IpsetStep[];
}

/**
 * Turns changes into steps, ordered so that the kernel holds a whole fence at every instant: sets before the rules that
 * look at them, rules before the sets they no longer look at. Throws what renderRule() throws.
 */
export function stepsOf(changes: readonly Change[]): Steps {
  const ofSets = changes.filter((change) => change.what === 'set');
  const created = ofSets.filter((change) => change.verb === 'add').map(({ set }) => set);
  const replaced = ofSets.filter((change) => change.verb === 'replace').map(({ set }) => set);
  const destroyed = ofSets.filter((change) => change.verb === 'remove').map(({ name }) => name);
  const { widened, moved } = exchangesOf(changes);
  const seconds = [...widened, ...moved].map((set) => fillScript(set, secondSet(set.name)));
  // In the way of what follows: left over from a killed run, or one of our names on another kind of set.
  const isInTheWay = (name: string): boolean =>
    isUnfinished(name) || [...created, ...seconds].some((set) => set.name === name);
  const filled = [...[...created, ...replaced].map((set) => fillScript(set)), ...seconds];
  const kept = replaced.filter(({ owner }) => owner === 'runtime').map(({ name }) => name);
  const isMoved = ({ name }: SetSpec): boolean => moved.some((set) => set.name === name);
  const isWidened = ({ name }: SetSpec): boolean => widened.some((set) => set.name === name);
  const commit = [
    ...widened.map(({ name }) => swapLine(name, secondSet(name))),
    ...replaced.filter((set) => !isMoved(set) && !isWidened(set)).map(({ name }) => swapLine(name)),
    ...widened.map(({ name }) => swapLine(name)),
    ...created.map(({ name }) => renameLine(name)),
  ];
  const tidy = [
    ...replaced.map(({ name }) => destroyLine(newSet(name))),
    ...seconds.map(({ name }) => destroyLine(name)),
    ...destroyed.filter((name) => !isInTheWay(name)).map(destroyLine),
  ];
  return {
    prepare: ipsetStep([
      ...destroyed.filter(isInTheWay).map(destroyLine),
      ...filled.map(({ script }) => script),
    ]),
    filled,
    // Entries that were added to a set while it was copied are in the one that it was exchanged with: they come after.
    commit: [
      ...kept.map((name) => copyStep(name, newSet(name))),
      ...rulesAround(
        changes,
        [...ipsetStep(commit), ...kept.map((name) => copyStep(newSet(name), name))],
        moved,
      ),
    ],
    tidy: ipsetStep(tidy),
  };
}

const copyStep = (from: string, to: string): Step => ({ tool: 'copy', from, to });

/** Rules in place of others. */
interface Replacement {
  readonly wanted: Ruleset;
  readonly before: Ruleset;
}

/**
 * The early drop of a family goes before anything else changes, and comes back when everything else of it has: it is
 * part of a fence that would drop the same without it, so while it is away the fence is whole. Sets that are `moved` are
 * exchanged while rules look at their second sets.
 */
function rulesAround(changes: readonly Change[], sets: readonly Step[], moved: readonly SetSpec[]): Step[] {
  const rules = changes
    .filter((change) => change.what === 'rules')
    .map(({ rules: wanted, before }) => ({ wanted, before }));
  const early = rules.filter(({ wanted }) => wanted.stage === 'early');
  const others = rules.filter(({ wanted }) => wanted.stage !== 'early');
  const isMoving = ({ wanted }: Replacement): boolean =>
    moved.some(({ shape }) => shape.family === wanted.family);
  const moving = others
    .filter(isMoving)
    .map(({ wanted, before }) => ({ wanted, before, between: onSecondSets(wanted, moved) }));
  return [
    ...rulesSteps(early.filter(({ before }) => hasRules(before)).map(({ before }) => removal(before))),
    ...sets,
    ...rulesSteps(moving.map(({ before, between }) => ({ wanted: between, before }))),
    ...ipsetStep(moved.map(({ name }) => swapLine(name))),
    ...rulesSteps([
      ...others.filter((one) => !isMoving(one)),
      ...moving.map(({ wanted, between }) => ({ wanted, before: between })),
      ...early.filter(({ wanted }) => hasRules(wanted)).map(({ wanted }) => addition(wanted)),
    ]),
  ];
}

const removal = (before: Ruleset): Replacement => ({ wanted: noRules(before.stage, before.family), before });
const addition = (wanted: Ruleset): Replacement => ({
  wanted,
  before: noRules(wanted.stage, wanted.family),
});

/** All of a family in one text, table by table: to start a tool takes longer than what it does. */
const rulesSteps = (replacements: readonly Replacement[]): Step[] =>
  families.flatMap((family) => {
    const texts = replacements
      .filter(({ wanted }) => wanted.family === family)
      .map(({ wanted, before }) => rulesScript(wanted, before));
    return texts.length === 0
      ? []
      : [{ tool: 'iptables' as const, family, input: ChunkedText.of(texts.join('')) }];
  });

const ipsetStep = (texts: readonly (string | ChunkedText)[]): IpsetStep[] =>
  texts.length === 0 ? [] : [{ tool: 'ipset', input: ChunkedText.join(texts) }];
