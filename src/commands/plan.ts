import { exitCodes } from '../errors.ts';
import { stepsOf } from '../firewall/steps.ts';
import { renderSteps } from '../firewall/render.ts';
import { diff } from '../plan/diff.ts';
import type { State } from '../plan/state.ts';
import { noFence } from '../plan/state.ts';
import { checkGuards, outcomeOf, preparePolicy } from './apply-policy.ts';
import type { Context, Outcome } from './context.ts';
import { download } from './download.ts';
import { wantedZones } from './load-zones.ts';
import { fetchLocked } from './locked.ts';
import { requirePolicy } from './policy.ts';
import { readKernel } from './read-kernel.ts';

/** What `refresh` would change in the kernel. Zones are fetched as there, unless offline; the kernel is only read. */
export async function plan(context: Context, { script }: { script: boolean }): Promise<Outcome> {
  const policy = requirePolicy(context.config);
  if (!context.flags.offline) {
    await fetchLocked(context, async (signal) => await download(context, wantedZones(policy), signal));
  }
  const prepared = await preparePolicy(context, policy);
  const actual = await readOrAssumeNone(context);
  const changes = diff(prepared.desired, actual);
  await checkGuards(context, prepared, actual);
  if (!script) return outcomeOf(prepared, changes, 'planned');
  if (changes.length === 0) context.note('nothing to change, the fence is as it should be');
  const text = renderSteps(stepsOf(changes), context.config.settings.iptables);
  return { exitCode: exitCodes.done, text, json: { script: text } };
}

/** Without the tools or the privilege to read the kernel, a plan from scratch is still an answer. */
async function readOrAssumeNone(context: Context): Promise<State> {
  const kernel = await readKernel(context.backend);
  if ('state' in kernel) return kernel.state;
  context.warn(`planned as if there were no fence yet: ${kernel.reason}`);
  return noFence;
}
