import { removeFence } from '../apply/remove-fence.ts';
import { statingFile } from '../config/stated-config.ts';
import type { Context } from '../context/context.ts';
import { removalInputsOf } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { exitCodes } from '../errors.ts';
import { describeChange } from '../plan/describe-change.ts';
import type { ChangesReport } from '../report/applied.ts';
import { renderChanges } from '../report/applied.ts';

/**
 * Removes everything of ours from the kernel, and the memory of the policy, so that cron does not bring it back; warns
 * when a file still states one. Throws what removeFence() throws.
 */
export async function remove(context: Context): Promise<Outcome<ChangesReport>> {
  const { config, flags, warn } = context;
  const done = (await removeFence(removalInputsOf(context))).map(describeChange);
  const file = statingFile(config);
  if (!flags.dryRun && file !== undefined) {
    warn(`"${file}" still states a policy: the next refresh or restore puts the fence back`);
  }
  return {
    exitCode: exitCodes.done,
    report: { applied: !flags.dryRun && done.length > 0, changes: done },
    render: (report) => renderChanges(report, 'nothing, there was no fence', flags.dryRun ? 'to do' : 'done'),
  };
}
