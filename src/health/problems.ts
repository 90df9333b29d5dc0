import type { LoadedConfig } from '../config/load.ts';
import type { Family } from '../ip/family.ts';
import type { Listener } from '../host/listeners.ts';
import type { Coverage } from './coverage.ts';
import { concerns } from './coverage.ts';
import { diff } from '../plan/diff.ts';
import type { FenceBounds } from '../policy/policy.ts';
import type { Change, DesiredState, State } from '../firewall/model.ts';
import { describeDrift } from '../plan/describe-change.ts';
import { formatAge, formatDays, formatPlural, formatTime } from '../words/format.ts';
import type { Problem } from '../report/status.ts';
import { zoneName } from '../zones/zone.ts';
import type { Context } from '../context/context.ts';
import type { LoadedZones } from '../cache/load-zones.ts';
import type { UnconfirmedChange } from '../apply/commit-confirm.ts';
import { isReverted } from '../apply/commit-confirm.ts';
import { describeDamage } from '../state/state-file.ts';
import { isSamePolicy } from '../state/same-policy.ts';
import type { OtherFence } from '../apply/other-backend.ts';
import { describeOtherFence } from '../apply/other-backend.ts';

/** What `status` found. */
export interface StatusInputs {
  /** What should hold: while a change is on trial, that. */
  readonly config: LoadedConfig;
  readonly unconfirmed: UnconfirmedChange | undefined;
  readonly otherFence: OtherFence | undefined;
  readonly loaded: LoadedZones;
  readonly desired: DesiredState;
  /** What of it comes from the countries. */
  readonly boundsOf: FenceBounds;
  readonly actual: State;
  /** What the kernel lacks of it, as far as that can be judged. */
  readonly changes: readonly Change[];
  readonly coverages: ReadonlyMap<Family, Coverage>;
  readonly listeners: readonly Listener[];
}

/** With a zone missing the content of its set cannot be judged; everything else can. */
export const judgedChanges = ({ missing }: LoadedZones, desired: DesiredState, actual: State): Change[] =>
  diff(desired, actual).filter(
    ({ what, verb }) => missing.length === 0 || what !== 'set' || verb !== 'replace',
  );

/** What is not as it should be, each with what to do. */
export async function findProblems(context: Context, found: StatusInputs): Promise<Problem[]> {
  const { config, unconfirmed, otherFence, loaded } = found;
  return [
    ...lostProblems(config),
    ...revertedProblems(context, unconfirmed),
    ...driftProblems(found, await remedyOfDrift(context, found)),
    ...(otherFence === undefined
      ? []
      : [
          {
            kind: 'drifted',
            message: describeOtherFence(otherFence),
            remedy: `geofence remove --iptables ${otherFence.variant}`,
          } as const,
        ]),
    ...unconfirmedProblems(unconfirmed),
    ...missingProblems(loaded),
    ...ageProblems(loaded, config.settings.max_zone_age_days),
  ];
}

const ANOTHER_POLICY = 'geofence refresh --allow COUNTRIES, or geofence remove';

/** A policy that cannot be read any more is not the same as none. */
const lostProblems = ({ lost, policy }: LoadedConfig): Problem[] =>
  lost === undefined
    ? []
    : [
        {
          kind: 'drifted',
          message: describeDamage(lost),
          remedy: policy === undefined ? ANOTHER_POLICY : 'geofence refresh',
        },
      ];

function driftProblems({ config, changes, coverages }: StatusInputs, remedy: string): Problem[] {
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

async function remedyOfDrift(
  { config: { memory } }: Context,
  { config, unconfirmed, loaded }: StatusInputs,
): Promise<string> {
  if (config.policy === undefined) return ANOTHER_POLICY;
  if (unconfirmed?.state === 'waiting') return 'geofence rollback';
  const isRestorable = loaded.missing.length === 0 && isSamePolicy(config, await memory.policy.read());
  return isRestorable ? 'geofence restore' : 'geofence refresh';
}

/** The configuration file still states what was taken back; `refresh` refuses it. */
const revertedProblems = (context: Context, unconfirmed: UnconfirmedChange | undefined): Problem[] =>
  isReverted(context, unconfirmed)
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

const DAY = 24 * 60 * 60 * 1000;

/** A day's grace: a weekly job that fails once and is repeated is no alarm. */
function ageProblems({ zones }: LoadedZones, maxAgeDays: number): Problem[] {
  const old = zones
    .filter(({ ageMilliseconds }) => ageMilliseconds > (maxAgeDays + 1) * DAY)
    .sort((a, b) => b.ageMilliseconds - a.ageMilliseconds);
  const [oldest, ...more] = old;
  if (oldest === undefined) return [];
  const others = more.length === 0 ? '' : `, and ${formatPlural(more.length, 'more zone')} too old`;
  const limit = `(limit: ${formatDays(maxAgeDays)} and one of grace)`;
  const message = `zone ${zoneName(oldest.id)} is ${formatAge(oldest.ageMilliseconds)} old ${limit}${others}`;
  return [{ kind: 'stale', message, remedy: 'geofence refresh' }];
}
