import { GeofenceError } from '../../errors.ts';
import type { Family } from '../../ip/family.ts';
import { ipv4 } from '../../ip/family.ts';
import { CommandError } from '../../system/run.ts';
import type { Backend, BackendTools } from '../backend.ts';
import type { EffectiveVariant, Variant } from '../variants.ts';
import { copyEntries, editSet } from './edit.ts';
import type { TimedEntries } from './entries.ts';
import { effectiveVariant, readState } from './read-state.ts';
import { renderRule } from './render-rule.ts';
import { renderSteps } from './render-steps.ts';
import { restoreRules } from './run-iptables.ts';
import { listSets, prepareSets, restoreSets } from './run-ipset.ts';
import type { Snapshot } from './snapshot.ts';
import { snapshotOf, stateOf } from './snapshot.ts';
import type { Step } from './step.ts';
import { stepsOf } from './steps.ts';
import { chainAt } from './tables.ts';
import { toolName } from './tool-names.ts';

/**
 * Returns the backend that keeps the fence as ipset sets under iptables rules, through the host's tools in the given
 * variant. Runs no tool yet.
 */
export function createIpsetBackend(tools: BackendTools, variant: Variant): Backend {
  const { run, sleep, available } = tools;
  const carryOut = async (step: Step, copied: Map<string, TimedEntries>): Promise<void> => {
    if (step.tool === 'copy') copied.set(step.from, await copyEntries(run, sleep, step, copied.get(step.to)));
    else if (step.tool === 'ipset') await restoreSets(run, sleep, step.input);
    else await restoreRules(run, variant, step.family, step.input);
  };
  const variantOf = async (family: Family): Promise<EffectiveVariant> =>
    await effectiveVariant(run, family, variant);
  const makeChanges: Backend['apply'] = async (changes, { hasForeignSets }) => {
    // Half a change would have to be undone.
    const needed = ['ipset', ...available.map((family) => toolName(family, variant, 'restore'))];
    for (const tool of needed) await tools.requireTool(tool);
    const { prepare, filled, commit, tidy } = stepsOf(changes);
    for (const { input } of prepare)
      await prepareSets(run, sleep, input, { filled, isAlone: !hasForeignSets });
    // What of each set was copied before it was exchanged: that once more is what changed meanwhile.
    const copied = new Map<string, TimedEntries>();
    for (const step of [...commit, ...tidy]) await carryOut(step, copied);
  };
  return {
    async probe() {
      const [effective] = await Promise.all([
        variantOf(ipv4),
        ...available.filter((family) => family !== ipv4).map(variantOf),
        explainPrivilege(async () => await listSets(run)),
      ]);
      return { variant: effective };
    },
    read: async (depth) => await explainPrivilege(async () => await readState(tools, variant, depth)),
    render: (changes) => renderSteps(stepsOf(changes), variant),
    apply: async (changes, actual) => await explainPrivilege(async () => await makeChanges(changes, actual)),
    edit: async (set, edits) => await explainPrivilege(async () => await editSet(run, sleep, set, edits)),
    formatRule: (chain, rule, family) => `-A ${chainAt(chain)} ${renderRule(rule, family)}`,
    toSnapshot: (state) => snapshotOf(state),
    fromSnapshot: (snapshot) => stateOf(snapshot as Snapshot),
  };
}

/** Without CAP_NET_ADMIN the tools say so in many ways; only the hint is ours. */
async function explainPrivilege<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isPrivilegeError(error)) throw error;
    throw new GeofenceError(`Cannot use the kernel's firewall: ${error.message}`, {
      hint: 'run geofence as root, for example with sudo',
      cause: error,
    });
  }
}

/** Whether a tool was refused for want of privilege. */
const isPrivilegeError = (error: unknown): error is CommandError =>
  error instanceof CommandError &&
  /Operation not permitted|Permission denied|must be root/i.test(error.stderr);
