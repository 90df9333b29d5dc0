import type { Hook, Ruleset } from '../model.ts';
import { isForeign } from '../model.ts';
import { renderRule } from './render-rule.ts';
import { chainAt, tableOf } from './tables.ts';

/**
 * The text for `iptables-restore --noflush` that turns our chains and hooks in one table from `before` into `rules`, in
 * one commit. Declaring a chain empties it, so ours are written anew; chains and rules of others are not named. Throws
 * what renderRule() throws.
 */
export function rulesScript(rules: Ruleset, before: Ruleset): string {
  const { family } = rules;
  const names = [...new Set([...rules.chains.keys(), ...before.chains.keys()])].sort();
  const isInPlace = hookLines(rules).join('\n') === hookLines(before).join('\n');
  return [
    `*${tableOf[rules.stage]}`,
    ...names.map((name) => `:${name} - [0:0]`),
    // A hook moves when one before it goes: with any of them out of place, all are set anew.
    ...(isInPlace
      ? []
      : before.hooks.map(({ at, rule }) => `-D ${chainAt(at)} ${rule.words ?? renderRule(rule, family)}`)),
    ...[...rules.chains].flatMap(([name, chain]) =>
      chain.map((rule) => `-A ${name} ${renderRule(rule, family)}`),
    ),
    ...(isInPlace ? [] : hookLines(rules).map((line) => `-I ${line}`)),
    ...names.filter((name) => !rules.chains.has(name)).map((name) => `-X ${name}`),
    'COMMIT',
    '',
  ].join('\n');
}

/** "PREROUTING 1 -j GEOFENCE"; a rule that is not understood is never in its place. */
const hookLines = ({ hooks, family }: Ruleset): string[] =>
  hooks.map(
    ({ at, position, rule }: Hook) =>
      `${chainAt(at)} ${position} ${renderRule(rule, family)}${isForeign(rule) ? ' (foreign)' : ''}`,
  );
