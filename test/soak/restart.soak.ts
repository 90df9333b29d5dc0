import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Arena, Fence } from './arena.ts';
import { createArena } from './arena.ts';
import { allowCanada, denyRussia, none, updated } from './fences.ts';
import { Killer } from './killer.ts';
import type { Side } from './siege.ts';
import { familyNames } from './world.ts';

const skip = await kernelSkip('nft');

/** 20 take a minute or two; RESTARTS=300 is for a change of what this is about. */
const TRIES = Number(process.env['RESTARTS'] ?? 20);

const [monday, tuesday] = updated(allowCanada);

/** A way from one side to another, and back: each needs nothing but to be called. */
type Way = readonly [from: Side, to: Side];
const ways: readonly Way[] = [
  [monday, tuesday],
  [tuesday, monday],
  [monday, denyRussia],
  [denyRussia, tuesday],
  [tuesday, denyRussia],
  [denyRussia, monday],
  [monday, none],
  [none, monday],
  [denyRussia, none],
  [none, denyRussia],
];

/** What every restart of a firewall does, by another process: here with the rules that were saved before. */
const restart = (withSets: boolean): string => `
  for t in iptables ip6tables; do
    for table in raw mangle; do $t-nft -t $table -F || :; $t-nft -t $table -X || :; done
  done
  ${withSets ? 'for s in $(sed -n "s/^create \\([^ ]*\\) .*/\\1/p" sets); do if ipset destroy $s; then grep " $s " sets | ipset -exist restore || :; fi; done' : ''}
  iptables-nft-restore <rules4 || :
  ip6tables-nft-restore <rules6 || :
`;

const save = `
  ipset save >sets
  for v in 4 6; do
    t=iptables-nft-save; [ $v = 4 ] || t=ip6tables-nft-save
    { $t -t raw; $t -t mangle; } >rules$v
  done
`;

/** One change beside one restart, and what came of it. */
interface Try {
  readonly status: number | null;
  readonly stderr: string;
  readonly held: readonly Side[];
  /** Whether the restart went on after geofence had looked for the last time: it may undo what was done. */
  readonly isLate: boolean;
}

class Restarts {
  readonly #arena: Arena;
  readonly #killer: Killer;
  readonly #known = new Map<Side, Fence>();
  #lasts = 500;

  constructor(arena: Arena, killer: Killer) {
    this.#arena = arena;
    this.#killer = killer;
  }

  /** Brings a side about, undisturbed; whatever was there, it is the same every time. */
  async bring(side: Side): Promise<void> {
    const { status, stderr } = await this.#arena.geofence(side.call);
    assert.equal(status, 0, stderr);
    const fence = await this.#arena.read();
    const known = this.#known.get(side);
    if (known === undefined) this.#known.set(side, fence);
    else assert.deepEqual(fence, known, side.name);
  }

  async attempt([from, to]: Way, withSets: boolean): Promise<Try> {
    const { dir } = this.#arena;
    await this.#arena.sh(`cd ${dir}; ${save}`);
    const before = await this.#killer.aim();
    const startedAt = performance.now();
    const child = this.#arena.start({ ...to.call, before });
    child.stdin.end();
    child.stdout.resume();
    const told = text(child.stderr);
    const ended = once(child, 'exit').then(() => performance.now());
    await sleep(Math.random() * this.#lasts);
    await this.#arena.sh(`cd ${dir}; { ${restart(withSets)} } 2>restart.log`);
    const restarted = performance.timeOrigin + performance.now();
    this.#lasts = (this.#lasts + (await ended) - startedAt) / 2;
    const isLate = restarted >= (await this.#killer.lastReading());
    return { status: child.exitCode, stderr: await told, held: await this.#heldNow([from, to]), isLate };
  }

  /** The side that each family has. */
  async #heldNow(sides: Way): Promise<Side[]> {
    const fence = await this.#arena.read();
    return familyNames.map((family) => {
      const isSame = (side: Side): boolean => {
        const known = this.#known.get(side)![family];
        return known.rules === fence[family].rules && equalSets(known.sets, fence[family].sets);
      };
      return (
        sides.find(isSame) ??
        assert.fail(
          `${family} is neither: ${JSON.stringify([...fence[family].sets.keys()])}\n${fence[family].rules}`,
        )
      );
    });
  }
}

/** Sets that no rule names may be left over by the restart itself. */
const equalSets = (known: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): boolean =>
  [...known].every(([name, networks]) => now.get(name) === networks);

/** Which side each family has, as an error says; undefined where it says nothing. */
function said(stderr: string, [from, to]: Way): Side[] | undefined {
  if (/the firewall is as it was/.test(stderr)) return [from, from];
  if (/the new fence holds|the fence is gone/.test(stderr)) return [to, to];
  const words = familyNames.map(
    (family) => new RegExp(`${family.replace('ipv', 'IPv')} (has .*?)[,:]`).exec(stderr)?.[1],
  );
  const sides = words.map((word) =>
    /before/.test(word ?? '') ? from : /new|any more/.test(word ?? '') ? to : undefined,
  );
  return sides.every((side) => side !== undefined) ? sides : undefined;
}

async function start(t: TestContext): Promise<Restarts> {
  const arena = await createArena(t, 'nft');
  const restarts = new Restarts(arena, await Killer.create(arena));
  for (const side of [none, monday, tuesday, denyRussia, monday]) await restarts.bring(side);
  return restarts;
}

/** What the tries come to. */
class Counts {
  tries = 0;
  late = 0;
  failed = 0;
  old = 0;
  new = 0;
  mixed = 0;

  add({ status, held, isLate }: Try, [from, to]: Way): void {
    this.tries++;
    if (isLate) this.late++;
    if (status !== 0) this.failed++;
    if (held.every((side) => side === to)) this.new++;
    else if (held.every((side) => side === from)) this.old++;
    else this.mixed++;
  }
}

/** The zone servers of an arena last for ten minutes. */
const TRIES_OF_ARENA = 20;

async function besiege(t: TestContext, first: number, counts: Counts): Promise<void> {
  const restarts = await start(t);
  let now: Side | undefined = monday;
  for (let i = first; i < Math.min(TRIES, first + TRIES_OF_ARENA); i++) {
    const way = ways[i % ways.length] ?? assert.fail();
    const [from, to] = way;
    const withSets = i % 3 === 0;
    const name = `try ${i}: ${from.name} to ${to.name}${withSets ? ', sets loaded, too' : ''}`;
    if (now !== from) await restarts.bring(from);
    now = undefined;
    const found = await restarts.attempt(way, withSets);
    counts.add(found, way);
    const { status, stderr, held, isLate } = found;
    if (status !== 0) t.diagnostic(`${name}: ${stderr.trim()}`);
    const claimed = status === 0 ? [to, to] : said(stderr, way);
    if (!isLate)
      assert.deepEqual(namesOf(held), claimed && namesOf(claimed), `${name}, exit code ${status}: ${stderr}`);
  }
}

const namesOf = (sides: readonly Side[]): string[] => sides.map(({ name }) => name);

test(
  'a restart of the firewall at any moment of a change leaves the old or the new fence, and the message is true',
  { skip },
  async (t) => {
    const counts = new Counts();
    for (let first = 0; first < TRIES; first += TRIES_OF_ARENA)
      await t.test(`from try ${first}`, async (context) => await besiege(context, first, counts));
    t.diagnostic(JSON.stringify(counts));
    assert.ok(counts.new > 0 && counts.tries === TRIES, 'all were tried');
  },
);
