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
const ways: readonly (readonly [from: Side, to: Side])[] = [
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
    for table in raw mangle; do $t-nft -t $table -F; $t-nft -t $table -X; done
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

  async attempt([from, to]: readonly [Side, Side], withSets: boolean): Promise<Try> {
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
  async #heldNow(sides: readonly [Side, Side]): Promise<Side[]> {
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
function said(stderr: string, [from, to]: readonly [Side, Side]): Side[] | undefined {
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

test(
  'a restart of the firewall at any moment of a change leaves the old or the new fence, and the message is true',
  { skip },
  async (t) => {
    const restarts = await start(t);
    const counts = { tries: 0, late: 0, old: 0, new: 0, mixed: 0, failed: 0 };
    const amiss: string[] = [];
    let now: Side | undefined = monday;
    for (let i = 0; i < TRIES; i++) {
      const way = ways[i % ways.length]!;
      const [from, to] = way;
      const name = `try ${i}: ${from.name} to ${to.name}${i % 3 === 0 ? ', sets restored, too' : ''}`;
      try {
        if (now !== from) await restarts.bring(from);
        now = undefined;
        const { status, stderr, held, isLate } = await restarts.attempt(way, i % 3 === 0);
        counts.tries++;
        if (isLate) counts.late++;
        if (status !== 0) counts.failed++;
        counts[
          held.every((side) => side === to) ? 'new' : held.every((side) => side === from) ? 'old' : 'mixed'
        ]++;
        const claimed = status === 0 ? [to, to] : said(stderr, way);
        if (!isLate)
          assert.deepEqual(
            held.map((side) => side.name),
            claimed?.map((side) => side.name),
            `exit code ${status}: ${stderr}`,
          );
        if (status !== 0) t.diagnostic(`${name}: ${stderr.trim()}`);
      } catch (error) {
        amiss.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    t.diagnostic(JSON.stringify(counts));
    assert.deepEqual(amiss, []);
  },
);
