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
