import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Namespace } from '../helpers/netns.ts';

/** Above what a whole soak test may take. */
export const LONGEST_SECONDS = 600;

/** A program that runs in a namespace as long as the test does. */
export interface Peer {
  /** Gives it a line. */
  readonly tell: (line: string) => void;
  /** The next line it prints. */
  readonly line: () => Promise<string>;
  /** Gives it a line and waits for its next. */
  readonly ask: (line: string) => Promise<string>;
  /** Ends its input; the last line it prints. */
  readonly finish: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Starts one, by its path from here, and waits for its first line. */
export async function startPeer(
  namespace: Namespace,
  program: string,
  args: readonly string[],
): Promise<{ peer: Peer; first: string }> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = namespace.start(process.execPath, [path, ...args], LONGEST_SECONDS);
  child.stdin.on('error', () => {});
  const stderr = text(child.stderr);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    return done === true ? assert.fail(`${program} ended: ${await stderr}`) : value;
  };
  const tell = (words: string): void => void child.stdin.write(`${words}\n`);
  const peer: Peer = {
    tell,
    line,
    ask: async (words) => {
      tell(words);
      return await line();
    },
    finish: async () => {
      child.stdin.end();
      return await line();
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
  return { peer, first: await line() };
}
