/** The units of time that a rate can be given in. */
export const rateUnits = ['second', 'minute', 'hour', 'day'] as const;
type RateUnit = (typeof rateUnits)[number];

/** How many seconds a unit of rates has. */
export const secondsIn: Readonly<Record<RateUnit, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
};

/** So many packets in a unit of time. */
export interface Rate {
  readonly count: number;
  readonly per: RateUnit;
  /** How many may come at once before the rate counts. */
  readonly burst: number;
}
