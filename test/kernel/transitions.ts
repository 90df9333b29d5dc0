import type { DesiredState } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { fenceState, limited } from '../helpers/states.ts';

/** A change of fences that may fail or be cut off on its way. */
export interface Transition {
  readonly name: string;
  readonly from: DesiredState;
  readonly to: DesiredState;
}

export const options: FenceOptions = {
  networks: ['192.0.2.0/24', '198.51.100.0/25', '2001:db8::/32'],
  escapes: ['203.0.113.7', '2001:db9::/48'],
};
export const fence = fenceState(options);
const updated = fenceState({
  networks: ['198.51.100.0/24', '2001:db8::/48'],
  escapes: ['203.0.113.8', '2001:dba::/48'],
});
const early = fenceState({ ...options, dropsEarly: true });

/** Every kind of change, with small sets: each line of them is tried. */
export const transitions: readonly Transition[] = [
  { name: 'creating a fence', from: noFence, to: fence },
  {
    name: 'updating all sets',
    from: fence,
    to: updated,
  },
  {
    name: 'switching to deny, with other escapes',
    from: fence,
    to: fenceState({ ...options, mode: 'deny', escapes: ['203.0.113.8'] }),
  },
  {
    name: 'moving addresses from the countries to the escapes',
    from: fence,
    to: fenceState({
      networks: ['203.0.113.0/24', '2001:db9::/32'],
      escapes: ['192.0.2.0/24', '2001:db8::/32'],
    }),
  },
  { name: 'leaving IPv6 open', from: fence, to: fenceState({ ...options, ipv6: false, logDrops: true }) },
  { name: 'removing a fence', from: fence, to: noFence },
  { name: 'creating a fence that drops early', from: noFence, to: early },
  {
    name: 'switching to deny, with other escapes, while dropping early',
    from: early,
    to: fenceState({ ...options, mode: 'deny', escapes: ['203.0.113.8'], dropsEarly: true }),
  },
  {
    name: 'changing what both sets and rules say',
    from: fence,
    to: limited(updated, 22),
  },
  { name: 'updating all sets and dropping early no more', from: early, to: updated },
  { name: 'removing a fence that drops early', from: early, to: noFence },
];
