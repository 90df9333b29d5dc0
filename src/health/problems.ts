import type { LoadedZones } from '../zones/loaded-zone.ts';
import type { StatedConfig } from '../config/stated-config.ts';
import type { EffectiveVariant } from '../firewall/variants.ts';
import type { Change, DesiredState, State } from '../firewall/model.ts';
import type { Family } from '../ip/family.ts';
import { describeDrift } from '../plan/describe-change.ts';
import { diff } from '../plan/diff.ts';
import type { Coverage, Problem } from '../report/status.ts';
import type { AppliedPolicy } from '../state/applied-policy.ts';
import { isSamePolicy } from '../state/same-policy.ts';
import type { UnconfirmedChange } from '../state/unconfirmed-change.ts';
import { isReverted } from '../state/unconfirmed-change.ts';
import { formatAge, formatDays, formatPlural, formatTime } from '../words/format.ts';
import { isOverdue } from '../zones/age.ts';
import { zoneName } from '../zones/zone.ts';
import { concerns } from './coverage.ts';

/** What problems are found in. */
export interface ProblemInputs {
  /** What the configuration says. */
  readonly stated: StatedConfig;
  /** What should hold: while a change is on trial, that. */
  readonly config: StatedConfig;
  readonly unconfirmed: UnconfirmedChange | undefined;
  /** What was put in force last. */
  readonly remembered: AppliedPolicy | undefined;
  /** Why that, which exists, cannot be used. */
  readonly lost: string | undefined;
  /** The iptables that is not used now, where a fence of ours is in it. */
  readonly otherFence: EffectiveVariant | undefined;
  readonly loaded: LoadedZones;
  /** Zones of the cache for which `loaded` has the copy that was in force before, a sentence each that says why. */
  readonly doubts: readonly string[];
  /** What the kernel lacks, as far as that can be judged. */
  readonly changes: readonly Change[];
  readonly coverages: ReadonlyMap<Family, Coverage>;
}

/**
 * Returns the changes that are due, by `desired` and `actual`; with a zone missing, without those of the content of
 * sets, which cannot be judged then.
 */
export const judgedChanges = ({ missing }: LoadedZones, desired: DesiredState, actual: State): Change[] =>
  diff(desired, actual).filter(
    ({ what, verb }) => missing.length === 0 || what !== 'set' || verb !== 'replace',
  );

/**
 * Returns all that is not as it should be (policy lost, drift, another fence, overdue trial, missing or old zones),
 * each with a command or words that say what to do.
 */
export function findProblems(inputs: ProblemInputs): Problem[] {
  const { stated, config, unconfirmed, otherFence, loaded } = inputs;
  return [
    ...lostProblems(inputs),
    ...revertedProblems(stated, unconfirmed),
    ...driftProblems(inputs, remedyOfDrift(inputs)),
    ...(otherFence === undefined ? [] : [otherFenceProblem(otherFence)]),
    ...unconfirmedProblems(unconfirmed),
    ...missingProblems(loaded),
    ...doubtProblems(inputs),
    ...ageProblems(loaded, config.settings.max_zone_age_days),
  ];
}

const otherFenceProblem = (variant: EffectiveVariant): Problem => ({
  kind: 'drifted',
  message: `there is a fence of ours in iptables-${variant} too`,
  remedy: `geofence remove --iptables ${variant}`,
});

const ANOTHER_POLICY = 'geofence refresh --allow COUNTRIES, or geofence remove';

/** A policy that cannot be read any more is not the same as none. */
const lostProblems = ({ lost, config: { policy } }: ProblemInputs): Problem[] =>
  lost === undefined
    ? []
    : [
        {
          kind: 'drifted',
          message: lost,
          remedy: policy === undefined ? ANOTHER_POLICY : 'geofence refresh',
        },
      ];

function driftProblems({ config, changes, coverages }: ProblemInputs, remedy: string): Problem[] {
  if (config.policy === undefined) {
    if (changes.length === 0) return [];
    const message = 'there is a fence, but no policy says what it should be';
    return [{ kind: 'drifted', message, remedy }];
  }
  const isDown = (change: Change): boolean =>
    [...coverages].some(([family, covered]) => covered === 'down' && concerns(change, family));
  return changes.map((change) => ({
    kind: isDown(change) ? 'down' : 'drifted',
    message: describeDrift(change),
    remedy,
  }));
}

function remedyOfDrift({ config, unconfirmed, loaded, remembered }: ProblemInputs): string {
  if (config.policy === undefined) return ANOTHER_POLICY;
  if (unconfirmed?.state === 'waiting') return 'geofence rollback';
  const isRestorable = loaded.missing.length === 0 && isSamePolicy(config, remembered);
  return isRestorable ? 'geofence restore' : 'geofence refresh';
}

/** The configuration file still states what was taken back; `refresh` refuses it. */
const revertedProblems = (config: StatedConfig, unconfirmed: UnconfirmedChange | undefined): Problem[] =>
  isReverted(config, unconfirmed)
    ? [
        {
          kind: 'drifted',
          message: 'the configured policy was taken back, for nobody confirmed it',
          remedy: 'geofence refresh --confirm 60, or state another policy',
        },
      ]
    : [];

const unconfirmedProblems = (unconfirmed: UnconfirmedChange | undefined): Problem[] =>
  unconfirmed?.state === 'expired'
    ? [
        {
          kind: 'drifted',
          message: `the last change should have been taken back at ${formatTime(unconfirmed.pending.until, 'second')}`,
          remedy: 'geofence refresh',
        },
      ]
    : [];

function missingProblems({ missing }: LoadedZones): Problem[] {
  const [first, ...more] = missing;
  if (first === undefined) return [];
  const others = more.length === 0 ? '' : ` (and ${formatPlural(more.length, 'more zone')})`;
  const message = `zone ${zoneName(first.id)} cannot be used: ${first.reason}${others}`;
  return [{ kind: 'stale', message, remedy: 'geofence refresh' }];
}

/** Nothing but the user who fetches writes there, and what it wrote is no zone of a source's, or no good one. */
const doubtProblems = ({ doubts }: ProblemInputs): Problem[] =>
  doubts.map((message) => ({
    kind: 'stale',
    message,
    remedy: 'look at that file of the cache, delete it, then: geofence refresh',
  }));

/** A day's grace: a weekly job that fails once and is repeated is no alarm. */
function ageProblems({ zones }: LoadedZones, maxAgeDays: number): Problem[] {
  const old = zones
    .filter(({ ageMilliseconds }) => isOverdue(ageMilliseconds, maxAgeDays))
    .sort((a, b) => b.ageMilliseconds - a.ageMilliseconds);
  const [oldest, ...more] = old;
  if (oldest === undefined) return [];
  const others = more.length === 0 ? '' : `, and ${formatPlural(more.length, 'more zone')} too old`;
  const limit = `(limit: ${formatDays(maxAgeDays)} and one of grace)`;
  const message = `zone ${zoneName(oldest.id)} is ${formatAge(oldest.ageMilliseconds)} old ${limit}${others}`;
  return [{ kind: 'stale', message, remedy: 'geofence refresh' }];
}
