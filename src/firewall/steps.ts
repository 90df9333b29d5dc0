import { isNewSet, newSet } from '../plan/names.ts';
import type { Change } from '../plan/state.ts';
import type { FilledSet } from './ipset/script.ts';
import { destroyLine, fillScript, renameLine, swapLine } from './ipset/script.ts';
import { rulesScript } from './iptables/script.ts';
import type { Step } from './step.ts';

/** The changes as texts for the kernel's tools, in three acts. */
export interface Steps {
  /** Fills new sets that no rule looks at yet. */
  readonly prepare: readonly Step[];
  /** The sets filled, to be looked at before anything else happens. */
  readonly filled: readonly FilledSet[];
  /** Puts sets and rules in force, each at once. */
  readonly commit: readonly Step[];
  /** Takes away what nothing looks at any more. */
  readonly tidy: readonly Step[];
}

/**
 * Orders the changes so that the kernel holds a whole fence at every instant: sets before the rules that look at them,
 * rules before the sets they no longer look at.
 */
export function stepsOf(changes: readonly Change[]): Steps {
  const created = changes.filter((change) => change.verb === 'createSet').map(({ set }) => set);
  const replaced = changes.filter((change) => change.verb === 'replaceSet').map(({ set }) => set);
  const destroyed = changes.filter((change) => change.verb === 'destroySet').map(({ name }) => name);
  const rules = changes.filter((change) => change.verb === 'replaceRules');
  // In the way of what follows: left over from a killed run, or one of our names on another kind of set.
  const isInTheWay = (name: string): boolean => isNewSet(name) || created.some((set) => set.name === name);
  const filled = [...created, ...replaced].map(fillScript);
  const commit = [
    ...replaced.map(({ name }) => swapLine(name)),
    ...created.map(({ name }) => renameLine(name)),
  ];
  const tidy = [
    ...replaced.map(({ name }) => destroyLine(newSet(name))),
    ...destroyed.filter((name) => !isInTheWay(name)).map(destroyLine),
  ];
  return {
    prepare: ipsetStep([
      ...destroyed.filter(isInTheWay).map(destroyLine),
      ...filled.map(({ script }) => script),
    ]),
    filled,
    commit: [
      ...ipsetStep(commit),
      ...rules.map(({ rules: wanted, before }): Step => ({
        tool: 'iptables',
        family: wanted.family,
        input: rulesScript(wanted, before),
      })),
    ],
    tidy: ipsetStep(tidy),
  };
}

const ipsetStep = (lines: readonly string[]): Step[] =>
  lines.length === 0 ? [] : [{ tool: 'ipset', input: lines.join('') }];
