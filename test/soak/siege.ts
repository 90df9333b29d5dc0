import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../../src/errors.ts';
import type { Finished } from '../helpers/netns.ts';
import type { Arena, Call, Fence, Half, Variant } from './arena.ts';
import { createArena } from './arena.ts';
import type { Moment } from './killer.ts';
import { Killer, momentName } from './killer.ts';
import type { Tally } from './tally.ts';
import { Traffic } from './traffic.ts';
import type { SourceName } from './world.ts';
import { familyNames, sourceNames } from './world.ts';

/** A fence, by the call that brings it about. */
export interface Side {
  readonly name: string;
  readonly call: Call;
  /** Whose packets it lets pass. */
  readonly passes: readonly SourceName[];
}

/** A pause that leaves some thousand datagrams a second to three sieges at once. */
const PAUSE_MILLISECONDS = 60;
const ATTEMPTS = 4;
const quiet =
  /^(?:geofence: warning: ALLOWSUBNET .* got through until now, and is not among the escapes any more\n)?$/;

/** A host under traffic, whose geofence is killed again and again. */
export class Siege {
  readonly arena: Arena;
  readonly killer: Killer;
  readonly #traffic: Traffic;
  readonly #tally: Tally;
  readonly #known = new Map<Side, Fence>();

  private constructor(arena: Arena, killer: Killer, traffic: Traffic, tally: Tally) {
    this.arena = arena;
    this.killer = killer;
    this.#traffic = traffic;
    this.#tally = tally;
  }

  /** With a side in force before the first datagram is sent. */
  static async start(t: TestContext, variant: Variant, first: Side, tally: Tally): Promise<Siege> {
    const arena = await createArena(t, variant);
    const killer = await Killer.create(arena);
    const { status, stderr } = await arena.geofence(first.call);
    assert.equal(status, 0, stderr);
    const traffic = await Traffic.start(arena.network, PAUSE_MILLISECONDS);
    t.after(() => traffic.stop());
    const siege = new Siege(arena, killer, traffic, tally);
    await siege.bring(first);
    return siege;
  }

  /** Brings a side about, undisturbed; the first time it is looked at, and known from then on. */
  async bring(side: Side): Promise<void> {
    await this.call(side.call);
    const fence = await this.arena.read();
    const known = this.#known.get(side);
    if (known !== undefined) assert.deepEqual(fence, known, side.name);
    else await this.#learn(side, fence);
  }

  async #learn(side: Side, fence: Fence): Promise<void> {
    this.#known.set(side, fence);
    const passes = sourceNames.filter((name) => side.passes.includes(name));
    assert.deepEqual(await this.#traffic.probe(), { ipv4: passes, ipv6: passes }, side.name);
  }

  /**
   * Runs geofence, which must end with one of these exit codes and, if with 0, say nothing unless it `isTold` to us, but
   * that escapes go.
   */
  async call(
    call: Call,
    statuses: readonly number[] = [0],
    { isTold = false }: { isTold?: boolean } = {},
  ): Promise<Finished> {
    const finished = await this.arena.geofence(call);
    const what = `${call.args.join(' ')}: ${finished.status} ${finished.stderr}`;
    assert.ok(finished.status !== null && statuses.includes(finished.status), what);
    if (finished.status === 0 && !isTold) assert.match(finished.stderr, quiet, what);
    this.#tally.changes++;
    return finished;
  }

  /** Every moment at which a call can be killed; carries it out. */
  async momentsOf(call: Call): Promise<Moment[]> {
    await this.call({ ...call, before: await this.killer.aim() });
    return await this.killer.moments();
  }

  /** Runs geofence and kills it at a moment, or after some milliseconds; whether it was still there to be killed. */
  async kill(call: Call, at: Moment | number): Promise<boolean> {
    const isTimed = typeof at === 'number';
    const before = isTimed ? [] : await this.killer.aim(at);
    const child = this.arena.start({ ...call, before });
    child.stdin.end();
    child.stdout.resume();
    child.stderr.resume();
    const end = once(child, 'exit');
    if (isTimed) {
      await sleep(at);
      child.kill('SIGKILL');
    }
    await end;
    const isKilled = child.signalCode === 'SIGKILL';
    if (isKilled) this.#tally.kills++;
    // Else a call that is made always was not made.
    else assert.ok(isTimed, `${call.args.join(' ')} got past ${momentName(at)}: exit code ${child.exitCode}`);
    if (!isTimed) assert.ok(await this.killer.isDone(), 'the tool ends');
    return isKilled;
  }

  /** Runs geofence to its end; what it has started is killed at a moment, counted from the first call of both. */
  async killLater(call: Call, at: Moment): Promise<void> {
    await this.call({ ...call, before: await this.killer.aim(at) });
    assert.ok(await this.killer.isDone(), `killed ${momentName(at)}`);
    this.#tally.kills++;
  }

  /** Each family is the old one or the new one, whole: what the kernel holds, and what packets meet. */
  async assertOldOrNew(from: Side, to: Side): Promise<void> {
    const fence = await this.arena.read();
    for (const family of familyNames) {
      const problems = problemsOf(
        fence[family],
        [from, to].map((side) => this.knownOf(side)[family]),
      );
      assert.deepEqual(problems, [], `${family} between ${from.name} and ${to.name}`);
    }
    // A tool that outlives geofence may be at work between one datagram of a probe and the next: then look again.
    for (let attempt = 1; ; attempt++) {
      const problem = await this.#strangePassage(from, to);
      if (problem === undefined) return;
      if (attempt === ATTEMPTS) assert.fail(problem);
    }
  }

  async #strangePassage(from: Side, to: Side): Promise<string | undefined> {
    const arrived = await this.#traffic.probe();
    const candidates = [inOrder(from.passes), inOrder(to.passes)];
    const strange = familyNames.filter((family) => !candidates.includes(inOrder(arrived[family])));
    return strange.length === 0
      ? undefined
      : `between ${from.name} and ${to.name} pass ${JSON.stringify(arrived)}`;
  }

  /** The sides that the kernel holds, one for each family; fails when it holds anything else, left-over sets included. */
  async sidesNow(candidates: readonly Side[]): Promise<Side[]> {
    const fence = await this.arena.read();
    return familyNames.map((family) => {
      const found = candidates.find((side) => {
        try {
          assert.deepEqual(fence[family], this.knownOf(side)[family]);
          return true;
        } catch {
          return false;
        }
      });
      if (found !== undefined) return found;
      assert.deepEqual(fence[family], this.knownOf(candidates[0] ?? assert.fail())[family]);
      return assert.fail('unreachable');
    });
  }

  knownOf(side: Side): Fence {
    return this.#known.get(side) ?? assert.fail(`${side.name} was never brought about`);
  }

  /** What killed runs leave in the cache, or only in its folder `state`, when nobody tidies up. */
  async litter(folder = ''): Promise<string[]> {
    const names = (await readdir(this.arena.cache, { recursive: true })).sort();
    const left = names.filter((name) => name.startsWith(folder) && /(?:^|\/)(?:\.tmp-|\.lock)/.test(name));
    return (await this.isPending()) ? [...left, 'state/pending.json'] : left;
  }

  /** Whether a change waits to be confirmed. One that was taken back, or is of an earlier boot, may stay known. */
  async isPending(): Promise<boolean> {
    try {
      const text = await readFile(join(this.arena.cache, 'state', 'pending.json'), 'utf8');
      const pending = JSON.parse(text) as { isTakenBack?: boolean; bootId: string };
      const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
      return pending.isTakenBack !== true && pending.bootId === bootId.trim();
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  /** Ends the traffic and adds it to the tally: what every side passes or drops must have passed or been dropped. */
  async end(sides: readonly Side[]): Promise<void> {
    const always = sourceNames.filter((name) => sides.every(({ passes }) => passes.includes(name)));
    const never = sourceNames.filter((name) => !sides.some(({ passes }) => passes.includes(name)));
    this.#tally.add(await this.#traffic.finish(always, never));
  }
}

const inOrder = (names: readonly string[]): string => [...names].sort().join();

/** Why this is neither of the others: rules and sets are one or the other's. */
function problemsOf(now: Half, candidates: readonly Half[]): string[] {
  const rules = candidates.some((half) => half.rules === now.rules) ? [] : [`rules:\n${now.rules}`];
  const sets = [...now.sets].filter(([name, entries]) => {
    if (name.endsWith('.new')) return false;
    const known = candidates.flatMap((half) => half.sets.get(name) ?? []).map(sorted);
    return !known.includes(sorted(entries));
  });
  return [...rules, ...sets.map(([name, entries]) => `${name}: ${entries.slice(0, 1000)}`)];
}

const sorted = (entries: string): string => entries.split(' ').sort().join(' ');
