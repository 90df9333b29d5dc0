import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPassing } from '../../src/explain/passing.ts';
import type { State } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import type { Coverage } from '../../src/report/status.ts';
import { isPortFenced } from '../../src/health/coverage.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import type { FenceOptions } from '../helpers/states.ts';
import { fenceState, inFront, limited } from '../helpers/states.ts';

const options: FenceOptions = { networks: ['192.0.2.0/24', '2001:db8::/48'] };
const wanted = fenceState(options);
const early = fenceState({ ...options, dropsEarly: true });

/** The fence with rules before its own, in both families. */
const opened = (...texts: readonly string[]): State => inFront(wanted, () => texts);

interface Case {
  readonly name: string;
  readonly now: State;
  readonly wanted?: State;
  readonly coverage?: Coverage;
  readonly port: string;
  readonly family?: Family;
  readonly isFenced: boolean;
}

const cases: readonly Case[] = [
  { name: 'a whole fence', now: wanted, port: 'tcp/22', isFenced: true },
  { name: 'a whole fence', now: wanted, port: 'udp/53', isFenced: true },
  { name: 'a whole fence', now: wanted, port: 'tcp/80', family: ipv6, isFenced: true },
  { name: 'a fence limited to tcp/22', now: limited(wanted, 22), port: 'tcp/22', isFenced: true },
  { name: 'a fence limited to tcp/22', now: limited(wanted, 22), port: 'tcp/80', isFenced: false },
  { name: 'a fence limited to tcp/22', now: limited(wanted, 22), port: 'udp/22', isFenced: false },
  {
    name: 'a fence limited to tcp/22',
    now: limited(wanted, 22),
    port: 'tcp/80',
    family: ipv6,
    isFenced: false,
  },
  {
    name: 'a fence limited to tcp/22 as it is wanted',
    now: limited(wanted, 22),
    wanted: limited(wanted, 22),
    port: 'tcp/80',
    isFenced: true,
  },
  {
    name: 'a fence whose early drop alone is whole',
    now: { ...early, rulesets: early.rulesets.filter(({ stage }) => stage === 'early') },
    port: 'tcp/80',
    isFenced: true,
  },
  {
    name: 'a fence whose early drop alone is whole',
    now: { ...early, rulesets: early.rulesets.filter(({ stage }) => stage === 'early') },
    port: 'udp/53',
    isFenced: false,
  },
  {
    name: 'a fence with one port open',
    now: opened('-p tcp -m tcp --dport 80 -j RETURN'),
    port: 'tcp/80',
    isFenced: false,
  },
  {
    name: 'a fence with one port open',
    now: opened('-p tcp -m tcp --dport 80 -j RETURN'),
    port: 'tcp/443',
    isFenced: true,
  },
  {
    name: 'a fence with ports open',
    now: opened('-p udp -m multiport --dports 53,500:600 -j RETURN'),
    port: 'udp/514',
    isFenced: false,
  },
  {
    name: 'a fence with a rule that nobody understands',
    now: opened('-m time --timestart 08:00 -j RETURN'),
    port: 'tcp/80',
    isFenced: false,
  },
  { name: 'a fence with more than it should have', now: opened('-j DROP'), port: 'tcp/80', isFenced: true },
  {
    name: 'a set that lets in others, too',
    now: fenceState({ networks: ['192.0.2.0/23', '2001:db8::/48'] }),
    port: 'tcp/80',
    isFenced: false,
  },
  {
    name: 'a set that lets in fewer',
    now: fenceState({ networks: ['192.0.2.0/25', '2001:db8::/48'] }),
    port: 'tcp/80',
    isFenced: true,
  },
  { name: 'no fence', now: noFence, coverage: 'down', port: 'tcp/80', isFenced: false },
  {
    name: 'no fence, where none is wanted',
    now: noFence,
    wanted: noFence,
    coverage: 'open',
    port: 'tcp/80',
    isFenced: false,
  },
  {
    name: 'a family that the kernel has not',
    now: wanted,
    coverage: 'absent',
    port: 'tcp/80',
    isFenced: false,
  },
];

for (const {
  name,
  now,
  wanted: want = wanted,
  coverage = 'fenced',
  port: text,
  family = ipv4,
  isFenced,
} of cases)
  test(`isPortFenced() of ${text} over ${family.label} with ${name} is ${isFenced}`, () => {
    const [protocol, port] = text.split('/') as ['tcp' | 'udp', string];
    const getsIn = { now: createPassing(now), wanted: createPassing(want) };
    assert.equal(isPortFenced({ family, protocol, port: Number(port) }, coverage, getsIn), isFenced);
  });
