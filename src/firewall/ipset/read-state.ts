import { CommandError } from '../../system/run.ts';
import type { Run } from '../../system/run.ts';
import { ipv4 } from '../../ip/family.ts';
import type { Family } from '../../ip/family.ts';
import type { Actual, BackendTools, Depth } from '../backend.ts';
import type { EffectiveVariant, Variant } from '../variants.ts';
import { readRules } from './run-iptables.ts';
import { areAllOurs, listSets, readSets } from './run-ipset.ts';
import { toolName } from './tool-names.ts';
import { isTorn } from './torn-reading.ts';

const ATTEMPTS = 3;
/** Longer than a restart of the firewall leaves the tables empty. */
const PAUSE_MILLISECONDS = 100;

type Reader = Pick<BackendTools, 'run' | 'sleep' | 'available'>;

/**
 * Reads what is ours in the kernel, as the tools of a variant tell it; with depth `content` once more where the first
 * reading is of a moment that passes. Throws CommandError when a tool fails, GeofenceError when it is missing.
 */
export async function readState(reader: Reader, variant: Variant, depth: Depth): Promise<Actual> {
  const found = await readAgain(reader, variant, depth);
  if (depth === 'shape' || !isTorn(found)) return found;
  await reader.sleep(PAUSE_MILLISECONDS);
  // What looks torn the second time, too, is so.
  return await readAgain(reader, variant, depth);
}

/** Another run may take a set away between a look at its name, or at a rule that names it, and at the set. */
async function readAgain(
  reader: Reader,
  variant: Variant,
  depth: Depth,
  attempts = ATTEMPTS,
): Promise<Actual> {
  try {
    return await readOnce(reader, variant, depth);
  } catch (error) {
    const isGone = error instanceof CommandError && /does(?: not|n't) exist/.test(error.stderr);
    if (!isGone || attempts === 1) throw error;
    return await readAgain(reader, variant, depth, attempts - 1);
  }
}

async function readOnce({ run, available }: Reader, variant: Variant, depth: Depth): Promise<Actual> {
  const names = await listSets(run);
  const [sets, { rulesets, isNft }] = await Promise.all([
    readSets(run, names, depth),
    readRules(run, variant, available),
  ]);
  return {
    sets,
    rulesets,
    variant: isNft ? 'nft' : await effectiveVariant(run, ipv4, variant),
    hasForeignSets: !areAllOurs(names),
  };
}

/** Which iptables a tool says it is: "iptables-restore v1.8.9 (legacy)", "... (nf_tables)". */
export async function effectiveVariant(
  run: Run,
  family: Family,
  variant: Variant,
): Promise<EffectiveVariant> {
  const { stdout } = await run(toolName(family, variant, 'restore'), ['--version']);
  return stdout.includes('(legacy)') ? 'legacy' : 'nft';
}
