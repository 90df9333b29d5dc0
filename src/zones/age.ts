const DAY = 24 * 60 * 60 * 1000;

/** Clocks of one host jump by less than this; more means that the clock was set back. */
const TOLERANCE = 5 * 60 * 1000;

/**
 * The age of something fetched at `fetchedAt`, in milliseconds; both times in milliseconds since the epoch. What comes
 * from the future, or from no time at all (NaN), counts as infinitely old: a clock set back must not make zones eternal.
 */
export function ageOf(fetchedAt: number, now: number): number {
  const age = now - fetchedAt;
  return age >= -TOLERANCE ? Math.max(age, 0) : Infinity;
}

/**
 * Whether a zone of this age, in milliseconds, has reached `maxAgeDays`, so that sources are to be asked again; people
 * are told a day later, see isOverdue().
 */
export const isStale = (ageMilliseconds: number, maxAgeDays: number): boolean =>
  ageMilliseconds >= maxAgeDays * DAY;

/** A weekly job may be late for a while before somebody is told. */
const GRACE_DAYS = 1;

/**
 * Whether a zone of this age, in milliseconds, is over `maxAgeDays` by more than a day of grace: something keeps it
 * from being fetched.
 */
export const isOverdue = (ageMilliseconds: number, maxAgeDays: number): boolean =>
  ageMilliseconds > (maxAgeDays + GRACE_DAYS) * DAY;

/** An age in whole seconds, as reports tell it; null for one without end, which JSON cannot tell. */
export const ageSeconds = (ageMilliseconds: number): number | null =>
  Number.isFinite(ageMilliseconds) ? Math.round(ageMilliseconds / 1000) : null;
