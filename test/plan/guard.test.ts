import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GeofenceError } from '../../src/errors.ts';
import type { GuardName, Refusal, Surroundings } from '../../src/plan/guard.ts';
import { guard, refuseUnlessForced } from '../../src/plan/guard.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { fenceState, policyOf } from '../helpers/states.ts';

const refusals = (options: FenceOptions, surroundings: Surroundings = {}): Refusal[] =>
  guard(fenceState(options), policyOf(options), surroundings);

const both = ['192.0.2.0/24', '2001:db8::/32'];

const cases: { name: string; options: FenceOptions; surroundings?: Surroundings; want: GuardName[] }[] = [
  { name: 'a fence with addresses', options: { networks: both }, want: [] },
  { name: 'an allow fence that holds nothing', options: {}, want: ['empty-set'] },
  { name: 'an allow fence whose country has no IPv6', options: { networks: ['192.0.2.0/24'] }, want: [] },
  {
    name: 'an IPv4-only allow fence whose country has IPv6 alone',
    options: { networks: ['2001:db8::/32'], ipv6: false },
    want: ['empty-set'],
  },
  { name: 'a deny fence that holds nothing', options: { mode: 'deny' }, want: [] },
  {
    name: 'a deny fence with half of everything',
    options: { mode: 'deny', networks: ['0.0.0.0/1', '::/1'] },
    want: [],
  },
  {
    name: 'a deny fence with three quarters of IPv4',
    options: { mode: 'deny', networks: ['0.0.0.0/1', '128.0.0.0/2'] },
    want: ['too-wide'],
  },
  {
    name: 'a deny fence with all of both families',
    options: { mode: 'deny', networks: ['0.0.0.0/0', '::/0'] },
    want: ['too-wide', 'too-wide'],
  },
  { name: 'an allow fence with everything', options: { networks: ['0.0.0.0/0', '::/0'] }, want: [] },
  {
    name: 'an SSH peer who gets in',
    options: { networks: both },
    surroundings: { sshPeer: '192.0.2.1' },
    want: [],
  },
  {
    name: 'an SSH peer who is shut out',
    options: { networks: both },
    surroundings: { sshPeer: '198.51.100.7' },
    want: ['ssh-peer'],
  },
  {
    name: 'an SSH peer over IPv6 who is shut out',
    options: { networks: both },
    surroundings: { sshPeer: '2001:db9::7' },
    want: ['ssh-peer'],
  },
  {
    name: 'an SSH peer who is denied',
    options: { mode: 'deny', networks: both },
    surroundings: { sshPeer: '192.0.2.1' },
    want: ['ssh-peer'],
  },
  {
    name: 'an SSH peer who is an escape',
    options: { networks: both, escapes: ['198.51.100.0/24'] },
    surroundings: { sshPeer: '198.51.100.7' },
    want: [],
  },
  {
    name: 'an SSH peer of a family that is left open',
    options: { networks: both, ipv6: false },
    surroundings: { sshPeer: '2001:db9::7' },
    want: [],
  },
  {
    name: 'an SSH peer that is no address',
    options: { networks: both },
    surroundings: { sshPeer: 'UNKNOWN' },
    want: [],
  },
  {
    name: 'an SSH peer with a zone id',
    options: { networks: both, local: true },
    surroundings: { sshPeer: 'fe80::1%eth0' },
    want: [],
  },
];

for (const { name, options, surroundings, want } of cases) {
  test(`guard() judges ${name}`, () => {
    assert.deepEqual(
      refusals(options, surroundings).map((refusal) => refusal.guard),
      want,
    );
  });
}

test('guard() says why', () => {
  assert.deepEqual(
    [
      ...refusals({}),
      ...refusals({ mode: 'deny', networks: ['0.0.0.0/1', '128.0.0.0/2'] }),
      ...refusals({ networks: both }, { sshPeer: '198.51.100.7' }),
    ].map(({ reason }) => reason),
    [
      '"allow only CA (Canada)" holds no address at all: everybody but the escapes would be shut out',
      '"deny CA (Canada)" holds 75 % of all IPv4 addresses (limit: 60 %)',
      'your own SSH session comes from 198.51.100.7, which would be dropped from now on',
    ],
  );
});

const emptySet: Refusal = { guard: 'empty-set', reason: 'it is empty' };
const sshPeer: Refusal = { guard: 'ssh-peer', reason: 'you are shut out' };

test('refuseUnlessForced() lets pass what is forced, by name', () => {
  refuseUnlessForced([], new Set());
  refuseUnlessForced([emptySet, sshPeer], new Set(['empty-set', 'ssh-peer']));
});

for (const { name, refusals: list, forced, message, hint } of [
  {
    name: 'all reasons',
    refusals: [emptySet, sshPeer],
    forced: [],
    message: 'Refusing to apply: it is empty (guard empty-set); you are shut out (guard ssh-peer)',
    hint: /--force empty-set/,
  },
  {
    name: 'what is left when one is forced',
    refusals: [emptySet, sshPeer],
    forced: ['empty-set'],
    message: 'Refusing to apply: you are shut out (guard ssh-peer)',
    hint: /--allow-subnet/,
  },
]) {
  test(`refuseUnlessForced() tells ${name}`, () => {
    assert.throws(
      () => refuseUnlessForced(list, new Set(forced)),
      (error) => {
        assert.ok(error instanceof GeofenceError);
        assert.equal(error.message, message);
        assert.equal(error.exitCode, 4);
        assert.match(error.hint ?? '', hint);
        return true;
      },
    );
  });
}
