import type { Family } from '../../ip/family.ts';
import { families } from '../../ip/family.ts';
import { tables } from '../../plan/names.ts';
import type { Ruleset } from '../../plan/state.ts';
import { noRules } from '../../plan/state.ts';
import type { Run } from '../../system/run.ts';
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
        const { stdout } = await run(toolName(family, variant, 'save'), ['-c', '-t', table]);
        return parseRules(table, family, stdout.toString('utf8'));
      }),
    ),
  );

/** Feeds a text to `iptables-restore`: one table, one commit, all or nothing. */
export async function restoreRules(run: Run, variant: Variant, family: Family, input: string): Promise<void> {
  try {
    await run(toolName(family, variant, 'restore'), restoreArgs, { input });
  } catch (error) {
    throw quoteLine(error, input);
  }
}
