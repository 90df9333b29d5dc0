import type { Family } from '../../ip/family.ts';
import { families } from '../../ip/family.ts';
import { GeofenceError } from '../../errors.ts';
import type { Table } from '../../plan/names.ts';
import { tables } from '../../plan/names.ts';
import type { Ruleset } from '../../plan/state.ts';
import { noRules } from '../../plan/state.ts';
import type { Run } from '../../system/run.ts';
import { CommandError } from '../../system/run.ts';
import { quoteLine } from '../quote-line.ts';
import { parseRules } from './parse.ts';
import type { Variant } from './variant.ts';
import { restoreArgs, toolName } from './variant.ts';

/** Reads our chains and jumps of each table and family; of a family the kernel does not have there are none. */
export const readRules = async (
  run: Run,
  variant: Variant,
  available: readonly Family[],
): Promise<Ruleset[]> =>
  await Promise.all(
    tables.flatMap((table) =>
      families.map(async (family) => {
        if (!available.includes(family)) return noRules(table, family);
        return parseRules(table, family, await save(run, toolName(family, variant, 'save'), table));
      }),
    ),
  );

/** What of a table there is; a kernel may be built without `raw`, which iptables-legacy takes for an error. */
async function save(run: Run, tool: string, table: Table): Promise<string> {
  try {
    return (await run(tool, ['-c', '-t', table])).stdout.toString('utf8');
  } catch (error) {
    if (table === 'raw' && isWithoutTable(error)) return '';
    throw error;
  }
}

const isWithoutTable = (error: unknown): error is CommandError =>
  error instanceof CommandError && error.stderr.includes('Table does not exist');

/** Feeds a text to `iptables-restore`: one table, one commit, all or nothing. */
export async function restoreRules(run: Run, variant: Variant, family: Family, input: string): Promise<void> {
  try {
    await run(toolName(family, variant, 'restore'), restoreArgs, { input });
  } catch (error) {
    if (isWithoutTable(error) && input.startsWith('*raw')) {
      throw new GeofenceError(error.message, {
        hint: 'this kernel has no table raw; without it: early_drop = false in the configuration',
        cause: error,
      });
    }
    throw quoteLine(error, input);
  }
}
