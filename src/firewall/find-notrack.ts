import type { Family } from '../ip/family.ts';
import { toolName } from './ipset/tool-names.ts';
import type { NotrackRule } from './parse-notrack.ts';
import { parseNftNotrack, parseSavedNotrack } from './parse-notrack.ts';
import type { TableInputs } from './saved-table.ts';
import { nftFamily, outputOf, savedTable } from './saved-table.ts';

/**
 * Returns the rules of this host that take packets out of connection tracking: of the table raw of both variants of
 * iptables, and of nft. What cannot be read, for want of a tool or of privilege, counts as none.
 */
export async function findNotrackRules(inputs: TableInputs): Promise<NotrackRule[]> {
  const rulesOf = async (family: Family, variant: 'nft' | 'legacy'): Promise<NotrackRule[]> =>
    parseSavedNotrack(
      await savedTable(inputs, family, variant, 'raw'),
      toolName(family, variant, 'save').replace(/-save$/, ''),
    );
  const [legacy, nft, ruleset] = await Promise.all([
    Promise.all(inputs.available.map(async (family) => await rulesOf(family, 'legacy'))),
    Promise.all(inputs.available.map(async (family) => await rulesOf(family, 'nft'))),
    // Terse: without the elements of sets, which may be many.
    outputOf(inputs, 'nft', ['-t', 'list', 'ruleset']),
  ]);
  // nft lists the rules of iptables-nft too, in other words; and those of its own that iptables-nft cannot read.
  const told = new Set(
    inputs.available.filter((_, i) => nft[i]!.length > 0).map((family) => `${nftFamily(family)} raw`),
  );
  const others = parseNftNotrack(ruleset).filter(({ table }) => !told.has(table));
  return [...nft.flat(), ...legacy.flat(), ...others.map(({ rule }) => rule)];
}
