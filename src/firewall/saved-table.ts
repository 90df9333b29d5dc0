import { tryRead } from '../errors.ts';
import type { Family } from '../ip/family.ts';
import { ipv4 } from '../ip/family.ts';
import type { Run } from '../system/run.ts';
import { toolName } from './ipset/tool-names.ts';

/** What looking for rules of others needs of a host. */
export interface TableInputs {
  readonly run: Run;
  /** The text of a file of the host's; undefined when there is none. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** The families that the kernel has. */
  readonly available: readonly Family[];
}

/** The name of a family as tables of nft have it. */
export const nftFamily = (family: Family): string => (family === ipv4 ? 'ip' : 'ip6');

/**
 * Returns a table as iptables-save prints it: "" where there is none, or where it cannot be read. Legacy iptables is
 * asked only for a table that the kernel has: to ask for another would make it.
 */
export async function savedTable(
  inputs: TableInputs,
  family: Family,
  variant: 'nft' | 'legacy',
  table: string,
): Promise<string> {
  if (variant === 'legacy') {
    const names = await tryRead(inputs.readText(`/proc/net/${nftFamily(family)}_tables_names`));
    if (names?.split('\n').includes(table) !== true) return '';
  }
  return await outputOf(inputs, toolName(family, variant, 'save'), ['-t', table]);
}

/** What a tool prints; "" when it cannot be run. */
export const outputOf = async (
  { run }: Pick<TableInputs, 'run'>,
  tool: string,
  args: readonly string[],
): Promise<string> => (await tryRead(run(tool, args)))?.stdout.toString('utf8') ?? '';
