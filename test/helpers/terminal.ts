import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Namespace } from './netns.ts';

/** Far above what anything here takes: a test that hangs should say where. */
const LONGEST_MILLISECONDS = 20_000;

/** A pseudo-terminal, and what was shown on it. */
export class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  #written = '';
  /** Where the next wait() begins to look. */
  #seen = 0;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => (this.#written += chunk.toString()));
  }

  /** What can be read: lines that were erased (ECMA-48) are gone. */
  get shown(): string {
    const parts = this.#written.split('\r\u001B[K');
    const last = parts.pop() ?? '';
    const kept = parts.map((part) => part.slice(0, part.lastIndexOf('\n') + 1));
    return [...kept, last].join('').replaceAll('\r', '');
  }

  /** Waits until this is shown, after what was waited for before. */
  async wait(text: string): Promise<void> {
    for (let waited = 0; !this.shown.includes(text, this.#seen); waited += 10) {
      const isOver = waited > LONGEST_MILLISECONDS || this.#child.exitCode !== null;
      assert.ok(!isOver, `"${text}" is not shown in:\n${this.shown}`);
      await setTimeout(10);
    }
    this.#seen = this.shown.indexOf(text, this.#seen) + text.length;
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Waits for a prompt, then types a line. */
  async answer(prompt: string, line: string): Promise<void> {
    await this.wait(prompt);
    this.type(`${line}\n`);
  }

  /** As a lost connection does. */
  hangUp(): void {
    this.#child.kill('SIGKILL');
  }

  /** Waits until the shell is done; returns the exit code of the program and the settings of the terminal after it. */
  async end(): Promise<{ status: number; settings: string }> {
    await this.wait('exit code ');
    if (this.#child.exitCode === null) await once(this.#child, 'close');
    const [, status, settings = ''] = /exit code (\d+)\n([^]*)/.exec(this.shown) ?? [];
    return { status: Number(status), settings };
  }
}

/** Quotes a word for the shell. */
const quote = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Runs a program in the namespace, on a terminal of 80 columns. */
export function openTerminal(t: TestContext, namespace: Namespace, command: readonly string[]): Terminal {
  // script(1) makes the terminal; what follows the program there, also after Ctrl-C, shows in which state it was left.
  const script = `trap : INT; stty cols 80; ${command.map(quote).join(' ')}; echo "exit code $?"; stty -a`;
  const child = namespace.start('script', ['--quiet', '--command', script, '/dev/null']);
  t.after(() => child.kill());
  return new Terminal(child);
}
