import { GeofenceError, UnfinishedError, messageOf } from '../errors.ts';
import type { Backend } from '../firewall/backend.ts';
import { isHooked } from '../firewall/rulesets.ts';
import { describeDrift } from '../plan/describe-change.ts';
import type { Ends, Holding } from '../plan/holding.ts';
import { changesBack, holdingsOf } from '../plan/holding.ts';

/** How a change that failed has ended. */
export interface FailedChange {
  /** The error to report: what failed, and what the kernel holds now. */
  readonly failure: GeofenceError;
  /** Which end of the change holds, in every family; `neither` also when nobody can tell. */
  readonly holds: 'wanted' | 'former' | 'neither';
}

/** What was found after a change that failed. */
interface Outcome {
  readonly holdings: readonly Holding[];
  /** What is left to be put back, in words. */
  readonly left: readonly string[];
}

/** How often what is there is put right, in one direction, before it is left as it is. */
export const ATTEMPTS = 3;

/**
 * Looks at what a change that failed has left. Where all that was wanted holds, it stays; else what was there before is
 * put back, but never over what others made meanwhile. Throws nothing but defects of ours.
 */
export async function endFailedChange(backend: Backend, ends: Ends, error: unknown): Promise<FailedChange> {
  const { outcome, second } = await tryPuttingBack(backend, ends);
  const hint = error instanceof GeofenceError ? error.hint : undefined;
  const more = second === undefined ? '' : `; and cannot put the former one back: ${messageOf(second)}`;
  const holds = outcome === undefined ? 'neither' : endOf(outcome.holdings);
  const Failure = holds === 'wanted' ? UnfinishedError : GeofenceError;
  return {
    failure: new Failure(`${lead(ends, outcome)}: ${messageOf(error)}${more}`, {
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    }),
    holds,
  };
}

async function tryPuttingBack(
  backend: Backend,
  ends: Ends,
): Promise<{ readonly outcome?: Outcome; readonly second?: unknown }> {
  let second: unknown;
  for (let attempt = 0; ; attempt++) {
    try {
      const now = await backend.read('content');
      const holdings = holdingsOf(now, ends);
      const due = holdings.every(({ isWanted }) => isWanted) ? [] : changesBack(now, ends, holdings);
      const left = due.map(describeDrift);
      if (left.length === 0) return { outcome: { holdings, left } };
      if (attempt === ATTEMPTS) return { outcome: { holdings, left }, second: second ?? left.join(', ') };
      await backend.apply(due, now);
    } catch (failed) {
      second = failed;
      if (attempt >= ATTEMPTS || !(failed instanceof GeofenceError)) return { second };
    }
  }
}

function endOf(holdings: readonly Holding[]): FailedChange['holds'] {
  if (holdings.every(({ isWanted }) => isWanted)) return 'wanted';
  return holdings.every(({ isFormer }) => isFormer) ? 'former' : 'neither';
}

/** The beginning of the error: what was not done, and what the kernel holds now. */
function lead(ends: Ends, outcome: Outcome | undefined): string {
  const isRemoval = !isHooked(ends.wanted);
  const cannot = `Cannot ${isRemoval ? 'remove' : 'apply'} the fence`;
  if (outcome === undefined) return cannot;
  const { holdings, left } = outcome;
  const end = endOf(holdings);
  if (end === 'wanted')
    return `Cannot finish the change, ${isRemoval ? 'the fence is gone' : 'the new fence holds'}`;
  if (end === 'former' && left.length === 0) return `${cannot}, the firewall is as it was`;
  const words = holdings.map((holding) => [holding.family.label, describeHolding(holding)] as const);
  const [[, first]] = words as [(typeof words)[number]];
  return words.every(([, said]) => said === first)
    ? `${cannot}, both families ${first.replace(/^has/, 'have')}`
    : `${cannot}, ${words.map((pair) => pair.join(' ')).join(', ')}`;
}

function describeHolding({ isWanted, isFormer, isOthers, isHooked: isThere }: Holding): string {
  if (isFormer) return isThere ? 'has the fence of before' : 'has no fence, as before';
  if (isWanted) return isThere ? 'has the new fence' : 'has no fence any more';
  if (isOthers) return 'has a fence as others changed it';
  return isThere ? 'has parts of both fences' : 'has no fence';
}
