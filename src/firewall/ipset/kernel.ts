import { GeofenceError } from '../../errors.ts';
import type { Family } from '../../ip/family.ts';
import { families, ipv4 } from '../../ip/family.ts';
import type { State } from '../model.ts';
import type { Run } from '../../system/run.ts';
import { CommandError } from '../../system/run.ts';
import type { Backend } from '../backend.ts';
import { areAllOurs, listSets, prepareSets, readSets, restoreSets } from './sets.ts';
import { readRules, restoreRules } from './rules.ts';
import type { EffectiveVariant, Variant } from './variant.ts';
import { toolName } from './variant.ts';
import type { Step } from './step.ts';
import { stepsOf } from './steps.ts';

const READ_ATTEMPTS = 3;

/** The fence as ipset sets under iptables rules, through the tools of the host; `available` are the kernel's families. */
export function createKernelBackend(
  run: Run,
  sleep: (milliseconds: number) => Promise<void>,
  variant: Variant,
  available: readonly Family[] = families,
): Backend {
  const carryOut = async (step: Step): Promise<void> => {
    if (step.tool === 'ipset') await restoreSets(run, sleep, step.input);
    else await restoreRules(run, variant, step.family, step.input);
  };
  const effectiveVariant = async (family: Family): Promise<EffectiveVariant> => {
    const { stdout } = await run(toolName(family, variant, 'restore'), ['--version']);
    // "iptables-restore v1.8.9 (legacy)", "... (nf_tables)"
    return stdout.includes('(legacy)') ? 'legacy' : 'nft';
  };
  let isKnownNft = false;
  /** Whether nobody else has sets, when they were last looked at. */
  let isAlone = false;
  /** Another run may take a set away between a look at its name, or at a rule that names it, and at the set. */
  const readAgain = async (attempts: number): Promise<State> => {
    try {
      const names = await listSets(run);
      isAlone = areAllOurs(names);
      const [sets, { rulesets, isNft }] = await Promise.all([
        readSets(run, names),
        readRules(run, variant, available),
      ]);
      isKnownNft ||= isNft;
      return { sets, rulesets };
    } catch (error) {
      const isGone = error instanceof CommandError && /does(?: not|n't) exist/.test(error.stderr);
      if (!isGone || attempts === 1) throw error;
      return await readAgain(attempts - 1);
    }
  };
  return {
    tools: ['ipset', ...available.map((family) => toolName(family, variant, 'restore'))],
    variant: async () => (isKnownNft ? 'nft' : await effectiveVariant(ipv4)),
    async probe() {
      const [effective] = await Promise.all([
        effectiveVariant(ipv4),
        ...available.filter((family) => family !== ipv4).map(effectiveVariant),
        explainPrivilege(async () => await listSets(run)),
      ]);
      return effective;
    },
    async read() {
      return await explainPrivilege(async () => await readAgain(READ_ATTEMPTS));
    },
    async apply(changes) {
      const { prepare, filled, commit, tidy } = stepsOf(changes);
      for (const step of prepare) await prepareSets(run, sleep, step.input, { filled, isAlone });
      for (const step of [...commit, ...tidy]) await carryOut(step);
    },
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
