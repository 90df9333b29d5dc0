import type { Jump, Ruleset } from '../model.ts';

/**
 * The text for `iptables-restore --noflush` that makes our chains and jumps what `rules` says; one commit. To declare
 * a chain empties it, so ours are written anew; chains and rules of others are not named, and so not touched.
 */
export function rulesScript(rules: Ruleset, before: Ruleset): string {
  const names = [...new Set([...rules.chains.keys(), ...before.chains.keys()])].sort();
  const unwanted = before.jumps.filter((jump) => !rules.jumps.some((wanted) => isSameJump(jump, wanted)));
  // A jump moves when one before it goes: with any of them out of place, all are set anew.
  const isInPlace = unwanted.length === 0 && before.jumps.length === rules.jumps.length;
  return [
    `*${rules.table}`,
    ...names.map((name) => `:${name} - [0:0]`),
    ...(isInPlace ? [] : before.jumps.map(({ chain, text }) => `-D ${chain} ${text}`)),
    ...[...rules.chains].flatMap(([name, chain]) => chain.map(({ text }) => `-A ${name} ${text}`)),
    ...(isInPlace ? [] : rules.jumps.map(({ chain, position, text }) => `-I ${chain} ${position} ${text}`)),
    ...names.filter((name) => !rules.chains.has(name)).map((name) => `-X ${name}`),
    'COMMIT',
    '',
  ].join('\n');
}

const isSameJump = (a: Jump, b: Jump): boolean =>
  a.chain === b.chain && a.position === b.position && a.text === b.text;
