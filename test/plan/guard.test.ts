import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GeofenceError } from '../../src/errors.ts';
import { familyOf, parseAddress } from '../../src/ip/cidr.ts';
import { families } from '../../src/ip/family.ts';
import type { GuardName, Refusal } from '../../src/refusal.ts';
import type { HostFacts } from '../../src/host/host-facts.ts';
import { guard } from '../../src/plan/guard.ts';
import { refuseUnlessForced } from '../../src/refusal.ts';
import type { State } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { boundsIn, fenceState, limited, policyOf } from '../helpers/states.ts';

/** What a test says of the world: the rest is quiet. */
interface World {
  /** Addresses with an open SSH session. */
  readonly peers?: readonly string[];
  /** The address of the session that geofence runs in. */
  readonly mine?: string;
  readonly escapes?: readonly string[];
  readonly globalIPv6?: string;
  readonly onPurpose?: boolean;
  /** The one port that the fence is about, in place of all. */
  readonly limitedTo?: number;
  readonly sshPorts?: readonly number[];
  /** The fence of before. */
  readonly before?: State;
}

const factsOf = ({ mine, peers = [], globalIPv6, sshPorts = [22] }: World): HostFacts => ({
  sshPeers: [...(mine === undefined ? [] : [mine]), ...peers].map((text, i) => ({
    family: familyOf(text),
    words: parseAddress(familyOf(text), text)!,
    isMine: i === 0 && mine !== undefined,
  })),
  sshPorts,
  globalIPv6,
});

const refusals = (options: FenceOptions, world: World = {}): Refusal[] =>
  guard(
    {
      policy: policyOf(options),
      desired:
        world.limitedTo === undefined ? fenceState(options) : limited(fenceState(options), world.limitedTo),
      before: world.before ?? noFence,
      boundsOf: (_, family) => boundsIn(family, options.networks ?? []),
      escapes: families.map((family) => boundsIn(family, world.escapes ?? [])),
      isIPv6OpenOnPurpose: world.onPurpose === true,
    },
    factsOf(world),
  );

const both = ['192.0.2.0/24', '2001:db8::/32'];

const cases: { name: string; options: FenceOptions; world?: World; want: GuardName[] }[] = [
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
    world: { peers: ['192.0.2.1'] },
    want: [],
  },
  {
    name: 'an SSH peer who is shut out',
    options: { networks: both },
    world: { peers: ['198.51.100.7'] },
    want: ['ssh-peer'],
  },
  {
    name: 'an SSH peer who is shut out of the port of SSH alone',
    options: { networks: both },
    world: { peers: ['198.51.100.7'], limitedTo: 22 },
    want: ['ssh-peer'],
  },
  {
    name: 'an SSH peer where another port is fenced',
    options: { networks: both },
    world: { peers: ['198.51.100.7'], limitedTo: 80 },
    want: [],
  },
  {
    name: 'an SSH peer who is shut out of the second port of SSH',
    options: { networks: both },
    world: { peers: ['198.51.100.7'], limitedTo: 2222, sshPorts: [22, 2222] },
    want: ['ssh-peer'],
  },
  {
    name: 'an SSH peer over IPv6 who is shut out',
    options: { networks: both },
    world: { peers: ['2001:db9::7'] },
    want: ['ssh-peer'],
  },
  {
    name: 'an SSH peer who is denied',
    options: { mode: 'deny', networks: both },
    world: { peers: ['192.0.2.1'] },
    want: ['ssh-peer'],
  },
  {
    name: 'an SSH peer who is an escape',
    options: { networks: both, escapes: ['198.51.100.0/24'] },
    world: { peers: ['198.51.100.7'] },
    want: [],
  },
  {
    name: 'an SSH peer of a family that is left open',
    options: { networks: both, ipv6: false },
    world: { peers: ['2001:db9::7'] },
    want: [],
  },
  {
    name: 'an SSH peer whom the fence of before shut out already',
    options: { networks: both },
    world: { peers: ['198.51.100.7'], before: fenceState({ networks: ['203.0.113.0/24'] }) },
    want: [],
  },
  {
    name: 'ALLOWSUBNET that gets through',
    options: { networks: both, escapes: ['198.51.100.0/24'] },
    world: { escapes: ['198.51.100.0/25'] },
    want: [],
  },
  {
    name: 'ALLOWSUBNET that would not get through',
    options: { networks: both, escapes: ['198.51.100.0/25'] },
    world: { escapes: ['198.51.100.0/24', '2001:db9::/32'] },
    want: ['escape', 'escape'],
  },
  {
    name: 'IPv6 left open on a host without it',
    options: { networks: both, ipv6: false },
    want: [],
  },
  {
    name: 'IPv6 left open on a host that has it',
    options: { networks: both, ipv6: false },
    world: { globalIPv6: '2001:db8::9' },
    want: ['ipv6-open'],
  },
  {
    name: 'IPv6 left open on purpose',
    options: { networks: both, ipv6: false },
    world: { globalIPv6: '2001:db8::9', onPurpose: true },
    want: [],
  },
];

for (const { name, options, world, want } of cases) {
  test(`guard() judges ${name}`, () => {
    assert.deepEqual(
      refusals(options, world).map((refusal) => refusal.guard),
      want,
    );
  });
}

test('guard() says why', () => {
  assert.deepEqual(
    [
      ...refusals({}),
      ...refusals({ mode: 'deny', networks: ['0.0.0.0/1', '128.0.0.0/2'] }),
      ...refusals({ networks: both }, { peers: ['198.51.100.7'] }),
      ...refusals(
        { networks: both },
        { mine: '198.51.100.8', peers: ['198.51.100.7', '198.51.100.8', '2001:db9::7', '198.51.100.7'] },
      ),
      ...refusals({ networks: both }, { escapes: ['198.51.100.7'] }),
      ...refusals({ networks: both, ipv6: false }, { globalIPv6: '2001:db8::9' }),
    ].map(({ reason }) => reason),
    [
      '"allow only CA (Canada)" holds no address at all: everybody but the escapes would be shut out',
      '"deny CA (Canada)" holds 75 % of all IPv4 addresses (limit: 60 %)',
      'an SSH session is open from 198.51.100.7, which could not come in again',
      'your own SSH session is from 198.51.100.8, which could not come in again',
      'an SSH session is open from 198.51.100.7, which could not come in again',
      'an SSH session is open from 2001:db9::7, which could not come in again',
      'ALLOWSUBNET 198.51.100.7/32 would not get through',
      'IPv6 would be left open, and this host is 2001:db8::9 there',
    ],
  );
});

const emptySet: Refusal = { guard: 'empty-set', reason: 'it is empty' };
const sshPeer: Refusal = {
  guard: 'ssh-peer',
  about: '192.0.2.7',
  reason: 'you are shut out',
};

test('refuseUnlessForced() lets pass what is forced, by name', () => {
  refuseUnlessForced([], new Set());
  refuseUnlessForced([emptySet, sshPeer], new Set(['empty-set', 'ssh-peer']));
  refuseUnlessForced([sshPeer], new Set(['ssh-peer=192.0.2.7']));
  const other = new Set(['ssh-peer=192.0.2.8', 'empty-set=192.0.2.7']);
  assert.throws(() => refuseUnlessForced([sshPeer], other));
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
    hint: /--allow-subnet 192\.0\.2\.7, .*--force ssh-peer=192\.0\.2\.7$/,
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
