import { createInterface } from 'node:readline';
import { printable } from '../words/printable.ts';

/** A conversation with whoever sits at the terminal: we speak on stderr, they answer on stdin. */
export interface Dialog {
  readonly say: (text: string) => void;
  /** The next line, trimmed; undefined when the input ended or the signal aborted. */
  readonly ask: (prompt: string, signal: AbortSignal) => Promise<string | undefined>;
  readonly close: () => void;
}

/**
 * Opens a conversation on the terminal: `say` writes to stderr, answers are lines of stdin. The terminal stays as it
 * is, with line editing and Ctrl-C of its own: readline's would leave it in raw mode when this process is killed.
 */
export function openDialog(write: (text: string) => void): Dialog {
  const say = (text: string): void => write(printable(text));
  const reader = createInterface({ input: process.stdin, terminal: false });
  // Keeps lines that come before they are asked for.
  const lines = reader[Symbol.asyncIterator]();
  return {
    say,
    async ask(prompt, signal) {
      say(prompt);
      // A terminal that is gone fails with EIO: another end of the input.
      const line = await unlessAborted(lines.next(), signal).catch(() => undefined);
      if (line?.done === false) return line.value.trim();
      // What comes next should not stand behind the question.
      say('\n');
      return undefined;
    },
    close: () => reader.close(),
  };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  const done = new AbortController();
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true, signal: done.signal });
  });
  return await Promise.race([work, aborted]).finally(() => done.abort());
}
