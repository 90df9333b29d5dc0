import type { Family } from '../../ip/family.ts';
import type { AnyRule, Hook, Match, Ruleset, Stage } from '../model.ts';
import { INPUT_HOOK, isForeign } from '../model.ts';
import { isOurChain, isOurSet } from '../names.ts';
import { parseRule } from './parse-rule.ts';
import { renderRule } from './render-rule.ts';
import { hookOf, tableOf } from './tables.ts';

/**
 * Reads our chains, and our rules in the chains of others, out of what `iptables-save -c -t TABLE` prints for the table
 * of a stage; an empty Ruleset when that table is not in the text:
 *
 *     *mangle
 *     :PREROUTING ACCEPT [10:840]
 *     :GEOFENCE - [0:0]
 *     [10:840] -A PREROUTING -j GEOFENCE
 *     [2:168] -A GEOFENCE -i lo -j RETURN
 *     COMMIT
 */
export function parseRules(stage: Stage, family: Family, saved: string): Ruleset {
  const chains = new Map<string, AnyRule[]>();
  const hooks: Hook[] = [];
  const positions = new Map<string, number>();
  for (const line of linesOfTable(tableOf[stage], saved)) {
    const declared = /^:(\S+) /.exec(line)?.[1] ?? '';
    if (isOurChain(declared)) chains.set(declared, []);
    const [, packets, bytes, chain, text] = /^\[(\d+):(\d+)\] -A (\S+) (.*)$/.exec(line) ?? [];
    if (chain === undefined || text === undefined) continue;
    const rule = { ...parseRule(text, family), packets: Number(packets), bytes: Number(bytes) };
    const position = (positions.get(chain) ?? 0) + 1;
    positions.set(chain, position);
    if (isOurChain(chain)) chains.get(chain)?.push(rule);
    else if (isOurs(stage, hookOf(chain), rule))
      hooks.push({ at: hookOf(chain), position, rule: withWords(rule, text, family) });
  }
  return { stage, family, hooks, chains };
}

/** iptables-legacy finds no "-m tcp --dport 22 --tcp-flags ..." by "-m tcp --dport 22 -m tcp --tcp-flags ...". */
const withWords = (rule: AnyRule, text: string, family: Family): AnyRule =>
  renderRule(rule, family) === text ? rule : { ...rule, words: text };

/** The lines of our table: a tool may print others, and comments. */
function linesOfTable(table: string, saved: string): string[] {
  const lines = saved.split('\n');
  const start = lines.indexOf(`*${table}`);
  const end = lines.indexOf('COMMIT', start);
  return start < 0 ? [] : lines.slice(start + 1, end < 0 ? undefined : end);
}

/**
 * Whether a rule in somebody else's chain is ours: it leads into a chain of ours, or drops what comes in by a set of
 * ours. Others may look at our sets for purposes of their own.
 */
function isOurs(stage: Stage, at: string, rule: AnyRule): boolean {
  const { action } = rule;
  if (action?.do === 'jump' || action?.do === 'goto') return isOurChain(action.chain);
  return (
    stage === 'early' &&
    at === INPUT_HOOK &&
    !isForeign(rule) &&
    action?.do === 'drop' &&
    rule.match.some(looksAtOurSet)
  );
}

const looksAtOurSet = (match: Match): boolean => match.on === 'set' && isOurSet(match.set);
