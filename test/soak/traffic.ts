import assert from 'node:assert/strict';
import type { Network } from '../helpers/network.ts';
import type { Peer } from './peer.ts';
import { LONGEST_SECONDS, startPeer } from './peer.ts';
import type { FamilyName, SourceName } from './world.ts';
import { familyNames, ports, routesFrom, sourceNames, sources } from './world.ts';

/** What a stream came to. */
export interface Totals {
  readonly sent: number;
  readonly perSecond: number;
  /** Datagrams that should have been dropped, and were not. */
  readonly leaked: number;
  /** Datagrams that should have arrived, and did not. */
  readonly lost: number;
  /** Datagrams that arrived and found the buffer of a listener full: of those lost, so many are not the fence's. */
  readonly overflows: number;
}

/** A stream of datagrams from every source to the host and through it, and those who count what arrives. */
export class Traffic {
  readonly #peers: readonly [stream: Peer, ...listeners: Peer[]];
  #marks = 0;

  private constructor(peers: readonly [Peer, ...Peer[]]) {
    this.#peers = peers;
  }

  /** Starts it: one datagram along each route every `pauseMilliseconds`. */
  static async start({ client, fence, server }: Network, pauseMilliseconds: number): Promise<Traffic> {
    const listeners = await Promise.all([
      startPeer(fence, './listener.js', [String(ports.host)]),
      startPeer(server, './listener.js', [String(ports.behind), String(ports.published)]),
    ]);
    const routes = JSON.stringify(routesFrom(sourceNames));
    const words = [routes, String(pauseMilliseconds), String(LONGEST_SECONDS)];
    const stream = await startPeer(client, './stream.js', words);
    return new Traffic([stream.peer, ...listeners.map(({ peer }) => peer)]);
  }

  /** Sends one datagram along each route; the sources of a family from which all three arrive, and any odd ones. */
  async probe(): Promise<Record<FamilyName, string[]>> {
    const [stream, ...listeners] = this.#peers;
    const mark = `mark ${++this.#marks}`;
    assert.equal(await stream.ask(mark), mark);
    const answers = await Promise.all(listeners.map(async (listener) => await listener.ask(mark)));
    const arrived = new Set(answers.flatMap((answer) => JSON.parse(answer) as string[]));
    const sourcesOf = (family: FamilyName): string[] =>
      sourceNames.flatMap((name) => {
        const reached = Object.values(ports).filter((port) =>
          arrived.has(`${port} ${sources[name][family]}`),
        );
        if (reached.length === 0) return [];
        return [reached.length === Object.keys(ports).length ? name : `${name} only to ${reached.join()}`];
      });
    return { ipv4: sourcesOf('ipv4'), ipv6: sourcesOf('ipv6') };
  }

  /** Ends it. `always` had to get through all the time, `never` must not; of the others nothing is said. */
  async finish(always: readonly SourceName[], never: readonly SourceName[]): Promise<Totals> {
    const [stream, ...listeners] = this.#peers;
    const { rounds, seconds } = JSON.parse(await stream.finish()) as { rounds: number; seconds: number };
    const results = await Promise.all(
      listeners.map(
        async (listener) =>
          JSON.parse(await listener.finish()) as { counts: Record<string, number>; overflows: number },
      ),
    );
    const counts: Record<string, number> = Object.assign({}, ...results.map((result) => result.counts));
    const sent = rounds * routesFrom(sourceNames).length;
    return {
      sent,
      perSecond: Math.round(sent / seconds),
      leaked: sum(keysOf(never).map((key) => counts[key] ?? 0)),
      lost: sum(keysOf(always).map((key) => rounds - (counts[key] ?? 0))),
      overflows: sum(results.map(({ overflows }) => overflows)),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.stop()));
  }
}

/** How listeners call the datagrams of these sources. */
const keysOf = (names: readonly SourceName[]): string[] =>
  names.flatMap((name) =>
    familyNames.flatMap((family) => Object.values(ports).map((port) => `${port} ${sources[name][family]}`)),
  );

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
