import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Namespace } from '../helpers/netns.ts';

export interface Route {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

/** A program of this folder that runs inside a namespace and has said that it is ready. */
export interface Probe {
  readonly child: ChildProcessWithoutNullStreams;
  /** The next line it prints. */
  readonly line: () => Promise<string>;
  /** Ends its input, and then waits for its end. */
  readonly stop: () => Promise<void>;
}

/** Far above what a test here takes on a busy machine. */
const LONGEST_SECONDS = 120;

/** Starts one; without `isAnnounced` it is not waited for. */
export async function startProbe(
  namespace: Namespace,
  program: 'receiver' | 'sender' | 'echo' | 'udp-echo' | 'connection',
  args: readonly string[],
  isAnnounced = true,
): Promise<Probe> {
  const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
  const child = namespace.start(process.execPath, [path, ...args], LONGEST_SECONDS);
  child.stdin.on('error', () => {});
  const stderr = text(child.stderr);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    return done === true ? assert.fail(`${program} ${args.join(' ')} ended: ${await stderr}`) : value;
  };
  const stop = async (): Promise<void> => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  };
  if (isAnnounced) assert.equal(await line(), 'ready');
  return { child, line, stop };
}

/** Sends one datagram along each route; returns those that arrive at one of the hosts, as "PORT SOURCE". */
export async function sendAll(
  client: Namespace,
  hosts: readonly Namespace[],
  routes: readonly Route[],
): Promise<string[]> {
  const ports = [...new Set(routes.map(({ port }) => String(port)))];
  const receivers = await Promise.all(hosts.map(async (host) => await startProbe(host, 'receiver', ports)));
  const sender = await startProbe(client, 'sender', [JSON.stringify(routes)], false);
  assert.equal(await sender.line(), '1');
  return (await Promise.all(receivers.map(countsOf))).flatMap((counts) => Object.keys(counts)).sort();
}

/** Stops a receiver; returns how many datagrams it got, by "PORT SOURCE". */
export async function countsOf(receiver: Probe): Promise<Record<string, number>> {
  receiver.child.stdin.end();
  const counts = JSON.parse(await receiver.line()) as Record<string, number>;
  await receiver.stop();
  return counts;
}
