import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { messageOf } from '../../src/errors.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Call, Variant } from './arena.ts';
import type { Moment } from './killer.ts';
import { momentName } from './killer.ts';
import { Siege } from './siege.ts';
import type { Side } from './siege.ts';
import { allowCanada, allowRussia, denyCanada, denyRussia, none, updated } from './fences.ts';
import { Tally } from './tally.ts';
import { escapeLines, sourceNames } from './world.ts';

const skip = await kernelSkip('nft', 'legacy');

const RANDOM_KILLS = 3;
/** KILLS=all tries each moment of each call, five minutes; else each call is killed at one, before, amid and after in turn. */
const isThorough = process.env['KILLS'] === 'all';
/** About what a run takes, as long as nobody else is at work. */
const LONGEST_RUN_MILLISECONDS = 400;

/** Two fences, and what mends the way from one to the other. */
interface Pair {
  readonly name: string;
  readonly variant: Variant;
  readonly sides: readonly [Side, Side];
  /** The calls to choose from, after a kill on the way to a side. */
  readonly heals: (to: Side) => readonly Heal[];
}

interface Heal {
  readonly call: Call;
  readonly statuses?: readonly number[];
  /** What the configuration file states meanwhile. */
  readonly config?: string;
}

/** The policy is remembered: the old one or the new one, or it is stated again. */
const remembered = (to: Side): Heal[] => [
  { call: { args: ['refresh'], ...(to.call.day === undefined ? {} : { day: to.call.day }) } },
  { call: { args: ['restore'] } },
  { call: to.call },
];

/** Without a policy, or with the one that the configuration file states. */
const fromNothing =
  (fence: Side, config: string) =>
  (to: Side): Heal[] =>
    to === none
      ? [
          { call: none.call },
          // While the policy is remembered the fence comes back; afterwards there is none, and none to come.
          { call: { args: ['refresh'] }, statuses: [0, 2] },
          { call: { args: ['restore'] }, statuses: [0, 2] },
        ]
      : [{ call: fence.call }, { call: { args: ['restore'] }, config }];

const pairs: readonly Pair[] = [
  {
    name: 'first apply and remove, allow',
    variant: 'nft',
    sides: [none, allowCanada],
    heals: fromNothing(allowCanada, `allow = ["CA"]\n${escapeLines('escape', 'first')}`),
  },
  {
    name: 'first apply and remove, deny',
    variant: 'legacy',
    sides: [none, denyRussia],
    heals: fromNothing(denyRussia, `deny = ["RU"]\n${escapeLines('escape', 'second')}`),
  },
  {
    name: 'content update, allow',
    variant: 'nft',
    sides: updated(allowCanada, allowCanada.passes, ['home', 'won', 'escape', 'first']),
    heals: remembered,
  },
  {
    name: 'content update, deny',
    variant: 'nft',
    sides: updated(
      denyCanada,
      denyCanada.passes,
      sourceNames.filter((name) => name !== 'home' && name !== 'won'),
    ),
    heals: remembered,
  },
  {
    name: 'country switch, allow',
    variant: 'legacy',
    sides: [allowCanada, allowRussia],
    heals: remembered,
  },
  { name: 'country switch, deny', variant: 'nft', sides: [denyRussia, denyCanada], heals: remembered },
  { name: 'mode switch', variant: 'nft', sides: [allowCanada, denyRussia], heals: remembered },
];

/** A kill to come on the way to a side. */
interface Job {
  readonly to: Side;
  readonly at: Moment | number;
}

async function jobsTo(siege: Siege, [one, other]: readonly [Side, Side]): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const to of [other, one]) {
    const moments = await siege.momentsOf(to.call);
    await siege.bring(to);
    const tried = moments.filter((_, i) => isThorough || (i + Math.floor(i / 3)) % 3 === 0);
    jobs.push(...tried.map((at) => ({ to, at })));
    jobs.push(
      ...Array.from({ length: RANDOM_KILLS }, () => ({ to, at: Math.random() * LONGEST_RUN_MILLISECONDS })),
    );
  }
  return jobs;
}

/** Kills on the way, looks at what is there, mends it; the side that is in force then, if it is one. */
async function carryOut(
  siege: Siege,
  { sides, heals }: Pair,
  { to, at }: Job,
  number: number,
): Promise<Side | undefined> {
  const from = sides.find((side) => side !== to) ?? assert.fail();
  await siege.kill(to.call, at);
  await siege.assertOldOrNew(from, to);
  const choice = heals(to);
  const heal = choice[number % choice.length] ?? assert.fail();
  await siege.arena.configure(heal.config);
  const { status } = await siege.call(heal.call, heal.statuses);
  const now = await siege.sidesNow(sides);
  if (status === 2) assert.ok(now.every((side) => side === none));
  if (heal.call === to.call) assert.ok(now.every((side) => side === to));
  const isRestore = heal.call.args[0] === 'restore';
  assert.deepEqual(status === 2 ? [] : await siege.litter(isRestore ? 'state' : ''), []);
  await siege.call({ args: ['status'] });
  await siege.arena.configure();
  // Nothing remembers what only the file stated.
  if (heal.config !== undefined) return undefined;
  return now.every((side) => side === now[0]) ? now[0] : undefined;
}

async function besiege(t: TestContext, pair: Pair, tally: Tally): Promise<void> {
  const [one, other] = pair.sides;
  const siege = await Siege.start(t, pair.variant, other, tally);
  await siege.bring(one);
  const jobs = await jobsTo(siege, pair.sides);
  let now: Side | undefined = one;
  for (let number = 0; jobs.length > 0; number++) {
    // The next job that starts from here, or if none does from the other side.
    const index = Math.max(
      0,
      jobs.findIndex(({ to }) => to !== now),
    );
    const [job] = jobs.splice(index, 1);
    if (job === undefined) break;
    const from = job.to === one ? other : one;
    if (now !== from) await siege.bring(from);
    try {
      now = await carryOut(siege, pair, job, number);
    } catch (error) {
      const words = `killed ${momentName(job.at)} on the way to ${job.to.name}: ${messageOf(error)}`;
      throw new Error(words, { cause: error });
    }
  }
  await siege.end(pair.sides);
}

test(
  'geofence leaves the old or the new fence whenever it is killed, and the next run heals',
  {
    skip,
    concurrency: 3,
  },
  async (t) => {
    const tally = new Tally();
    await Promise.all(
      pairs.map((pair) => t.test(pair.name, async (context) => await besiege(context, pair, tally))),
    );
    tally.assertNoneAmiss();
    assert.ok(tally.kills >= (isThorough ? 200 : 80), tally.line());
    t.diagnostic(tally.line());
  },
);
