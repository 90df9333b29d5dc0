import { tryRead } from '../errors.ts';
import type { Family } from '../ip/family.ts';
import { ipv4 } from '../ip/family.ts';
import type { Run } from '../system/run.ts';
import { toolName } from './ipset/tool-names.ts';
import type { NotrackRule } from './parse-notrack.ts';
import { parseNftNotrack, parseSavedNotrack } from './parse-notrack.ts';

/** What the search needs of a host. */
interface NotrackInputs {
  readonly run: Run;
  /** The text of a file of the host's; undefined when there is none. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** The families that the kernel has. */
  readonly available: readonly Family[];
}

/**
 * Returns the rules of this host that take packets out of connection tracking: of the table raw of both variants of
 * iptables, and of nft. What cannot be read, for want of a tool or of privilege, counts as none.
 */
export async function findNotrackRules(inputs: NotrackInputs): Promise<NotrackRule[]> {
  const [legacy, nft, ruleset] = await Promise.all([
    Promise.all(inputs.available.map(async (family) => await legacyRules(inputs, family))),
    Promise.all(inputs.available.map(async (family) => await savedRules(inputs, family, 'nft'))),
    // Terse: without the elements of sets, which may be many.
    output(inputs, 'nft', ['-t', 'list', 'ruleset']),
  ]);
  // nft lists the rules of iptables-nft too, in other words; and those of its own that iptables-nft cannot read.
  const told = new Set(
    inputs.available.filter((_, i) => nft[i]!.length > 0).map((family) => `${nftFamily(family)} raw`),
  );
  const others = parseNftNotrack(ruleset).filter(({ table }) => !told.has(table));
  return [...nft.flat(), ...legacy.flat(), ...others.map(({ rule }) => rule)];
}

const nftFamily = (family: Family): string => (family === ipv4 ? 'ip' : 'ip6');

/** To ask for a table that the kernel does not have yet would make it. */
async function legacyRules(inputs: NotrackInputs, family: Family): Promise<NotrackRule[]> {
  const names = await tryRead(inputs.readText(`/proc/net/${nftFamily(family)}_tables_names`));
  return names?.split('\n').includes('raw') === true ? await savedRules(inputs, family, 'legacy') : [];
}

async function savedRules(
  inputs: NotrackInputs,
  family: Family,
  variant: 'nft' | 'legacy',
): Promise<NotrackRule[]> {
  const tool = toolName(family, variant, 'save');
  return parseSavedNotrack(await output(inputs, tool, ['-t', 'raw']), tool.replace(/-save$/, ''));
}

const output = async ({ run }: NotrackInputs, tool: string, args: readonly string[]): Promise<string> =>
  (await tryRead(run(tool, args)))?.stdout.toString('utf8') ?? '';
