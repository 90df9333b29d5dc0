import { GeofenceError, exitCodes } from './errors.ts';

/** What may refuse a change, each by a name for --force. */
export const guardNames = [
  'empty-set',
  'too-wide',
  'zone-shrank',
  'zone-grew',
  'zone-share',
  'ssh-peer',
  'escape',
  'ipv6-open',
  'unconfirmed',
] as const;

export type GuardName = (typeof guardNames)[number];

/** Why a plan must not be carried out. */
export interface Refusal {
  readonly guard: GuardName;
  /** The address it is about, where that alone may be forced. */
  readonly about?: string;
  readonly reason: string;
}

/** Returns how to go on although a guard refuses. */
export function hintFor({ guard: name, about }: Refusal): string {
  if (about !== undefined)
    return `let it in with --allow-subnet ${about}, or, if it is nobody you know, insist with --force ${name}=${about}`;
  return name === 'ipv6-open'
    ? 'leave --ipv4-only away, or insist once with --force ipv6-open'
    : `look at what changed; if it is meant, insist with --force ${name}`;
}

/** Whether a refusal is passed over: `forced` holds names of guards, and "ssh-peer=192.0.2.7" for one address. */
export const isForced = ({ guard: name, about }: Refusal, forced: ReadonlySet<string>): boolean =>
  forced.has(name) || (about !== undefined && forced.has(`${name}=${about}`));

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

/** Throws a RefusedError with the refusals that are not passed over by `forced`, if there are any. */
export function refuseUnlessForced(refusals: readonly Refusal[], forced: ReadonlySet<string>): void {
  const [first, ...more] = refusals.filter((refusal) => !isForced(refusal, forced));
  if (first !== undefined) throw new RefusedError([first, ...more]);
}
