import { GeofenceError, exitCodes } from './errors.ts';

/** What may refuse a change, each by a name for --force. */
export const guardNames = [
  'empty-set',
  'too-wide',
  'zone-shrank',
  'zone-grew',
  'ssh-peer',
  'escape',
  'ipv6-open',
  'unconfirmed',
] as const;

export type GuardName = (typeof guardNames)[number];

/** Why a plan must not be carried out. */
export interface Refusal {
  readonly guard: GuardName;
  readonly reason: string;
}

const hints: Partial<Record<GuardName, string>> = {
  'ssh-peer':
    'add the address with --allow-subnet, or, if it is nobody you know, insist with --force ssh-peer',
  'ipv6-open': 'leave --ipv4-only away, or insist once with --force ipv6-open',
};

/** Returns how to go on although a guard refuses. */
export const hintFor = ({ guard: name }: Refusal): string =>
  hints[name] ?? `look at what changed; if it is meant, insist with --force ${name}`;

/** Guards refuse, and are not forced. */
export class RefusedError extends GeofenceError {
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly [Refusal, ...Refusal[]]) {
    const reasons = refusals.map(({ guard: name, reason }) => `${reason} (guard ${name})`);
    super(`Refusing to apply: ${reasons.join('; ')}`, {
      exitCode: exitCodes.refused,
      hint: hintFor(refusals[0]),
    });
    this.refusals = refusals;
  }
}

/** Throws a RefusedError with the refusals whose guard is not in `forced`, if there are any. */
export function refuseUnlessForced(refusals: readonly Refusal[], forced: ReadonlySet<string>): void {
  const [first, ...more] = refusals.filter((refusal) => !forced.has(refusal.guard));
  if (first !== undefined) throw new RefusedError([first, ...more]);
}
