import { createInterface } from 'node:readline';
import { GeofenceError } from '../errors.ts';

/** A conversation with whoever sits at the terminal: we speak on stderr, they answer on stdin. */
export interface Dialog {
  readonly say: (text: string) => void;
  /** The next line, trimmed. Rejects with the signal's reason when it aborts, and when there is no more input. */
  readonly ask: (prompt: string, signal: AbortSignal) => Promise<string>;
  readonly close: () => void;
}

/**
 * The terminal stays as it is, with line editing and Ctrl-C of its own: readline's would leave it in raw mode when we
 * are killed.
 */
export function openDialog(): Dialog {
  const reader = createInterface({ input: process.stdin, terminal: false });
  // Keeps lines that come before they are asked for.
  const lines = reader[Symbol.asyncIterator]();
  const say = (text: string): void => void process.stderr.write(text);
  return {
    say,
    async ask(prompt, signal) {
      say(prompt);
      try {
        const { value, done } = await unlessAborted(lines.next(), signal);
        if (done !== true) return value.trim();
      } catch (error) {
        // What comes next should not stand behind the question.
        say('\n');
        throw error;
      }
      say('\n');
      throw new GeofenceError('The input ended before the last question');
    },
    close: () => reader.close(),
  };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
