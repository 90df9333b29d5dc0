import type { CommandResult, Run, RunOptions } from '../../src/system/run.ts';
import { CommandError } from '../../src/system/run.ts';

/** A command that was run. */
export interface CommandRecord {
  readonly command: string;
  /** The lines of its standard input. */
  readonly lines: readonly string[];
  /** Whether it could change something. */
  readonly writes: boolean;
}

/** With the whole of what the command reads. */
type TextOptions = Omit<RunOptions, 'input'> & { readonly input?: string };

interface Fault {
  readonly pattern: RegExp;
  left: number;
  readonly message: string | undefined;
}

interface Hook {
  readonly pattern: RegExp;
  readonly work: () => Promise<void>;
  left: number;
}

/** What the geofence process cannot survive. */
export class Killed extends Error {}

/** Lines that both restore tools stop at. */
const badLine = (tool: string): string =>
  tool === 'ipset' ? 'add no-such-set 192.0.2.1' : '-A NO-SUCH-CHAIN -j RETURN';

const exactly = (line: string): RegExp =>
  new RegExp(`^${line.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)}$`);

const writes = (tool: string, args: readonly string[]): boolean =>
  tool === 'ipset'
    ? !['list', 'save', '--version'].includes(args[0] ?? '')
    : tool.endsWith('-restore') && !args.includes('--version');

/**
 * A kernel behind a Run, real or not, that keeps a log and can be made to fail. Faults work by spoiling a line of what
 * a restore tool reads, so that the tool itself meets them: what it did before, it did.
 */
export class TestKernel {
  readonly log: CommandRecord[] = [];
  #faults: Fault[] = [];
  #hooks: Hook[] = [];
  #answers: { readonly pattern: RegExp; readonly text: string; left: number }[] = [];
  #linesToFail = Infinity;
  #timesMore = 0;
  #linesToKill = Infinity;
  #isKilled = false;
  readonly #execute: Run;

  constructor(execute: Run) {
    this.#execute = execute;
  }

  /** The seam under test. */
  readonly run: Run = async (tool, args, { input, ...rest } = {}) => {
    const options: TextOptions = input === undefined ? rest : { ...rest, input: String(input) };
    await this.#callHooks([tool, ...args].join(' '), options.input);
    if (this.#isKilled) throw new Killed(`killed before ${tool} ${args.join(' ')}`);
    this.#record(tool, args, options.input);
    if (writes(tool, args)) return await this.#write(tool, args, options);
    this.#failWholeCommand([tool, ...args]);
    const answer = this.#answerTo([tool, ...args].join(' '));
    if (answer === undefined) return await this.#execute(tool, args, options);
    const stdout = Buffer.from(answer);
    options.onOutput?.(stdout);
    return { stdout, stderr: '' };
  };

  #answerTo(command: string): string | undefined {
    const due = this.#answers.filter(({ pattern }) => pattern.test(command));
    for (const answer of due) answer.left--;
    return due.find(({ left }) => left === 0)?.text;
  }

  /** What somebody else does: neither logged nor spoiled. */
  async meddle(tool: string, args: readonly string[], input?: string): Promise<CommandResult> {
    return await this.#execute(tool, args, input === undefined ? {} : { input });
  }

  /** The commands that could change something. */
  get writes(): readonly CommandRecord[] {
    return this.log.filter((record) => record.writes);
  }

  /** Spoils the n-th written line from now on, counted from 1, and the same words when they come again: `times` in all. */
  failAt(n: number, times = 1): void {
    this.#linesToFail = n;
    this.#timesMore = times - 1;
  }

  /** Makes the next `times` commands fail that match, or have a line on stdin that does. */
  failOn(pattern: RegExp, { times = 1, message }: { times?: number; message?: string } = {}): void {
    this.#faults.push({ pattern, left: times, message });
  }

  /** Makes the n-th command from now on that matches print this, and do nothing. */
  printInstead(pattern: RegExp, text: string, n = 1): void {
    this.#answers.push({ pattern, text, left: n });
  }

  /** Calls `work` before the next `times` commands that match, or have a line on stdin that does. */
  before(pattern: RegExp, work: () => Promise<void>, times = 1): void {
    this.#hooks.push({ pattern, work, left: times });
  }

  /** From the n-th written line on (counted from 1) nothing happens any more, until `revive`. */
  killAt(n: number): void {
    this.#linesToKill = n;
  }

  revive(): void {
    this.#isKilled = false;
    this.#linesToKill = Infinity;
  }

  #record(tool: string, args: readonly string[], input: string | undefined): void {
    const lines = (input ?? '').split('\n').filter((line) => line !== '');
    this.log.push({ command: [tool, ...args].join(' '), lines, writes: writes(tool, args) });
  }

  async #callHooks(command: string, input = ''): Promise<void> {
    const texts = [command, ...input.split('\n')];
    for (const hook of this.#hooks) {
      if (hook.left === 0 || !texts.some((text) => hook.pattern.test(text))) continue;
      hook.left--;
      await hook.work();
    }
  }

  #failWholeCommand(command: readonly string[]): void {
    const fault = this.#faultFor(command.join(' '));
    if (fault === undefined) return;
    fault.left--;
    throw new CommandError(command, { status: 1, stderr: fault.message ?? 'injected failure' });
  }

  #faultFor(text: string): Fault | undefined {
    return this.#faults.find(({ pattern, left }) => left > 0 && pattern.test(text));
  }

  async #write(tool: string, args: readonly string[], options: TextOptions): Promise<CommandResult> {
    this.#failWholeCommand([tool, ...args]);
    const lines = (options.input ?? '').split('\n');
    const weight = Math.max(1, lines.filter((line) => line !== '').length);
    if (weight >= this.#linesToKill) return await this.#die(tool, args, lines);
    this.#linesToKill -= weight;
    const failAt = this.#linesToFail;
    this.#linesToFail = failAt > weight ? failAt - weight : Infinity;
    if (failAt <= weight) {
      const line = lines[failAt - 1] ?? '';
      this.#faults.push({ pattern: exactly(line), left: this.#timesMore, message: undefined });
      return await this.#executeSpoiled(tool, args, lines, failAt - 1);
    }
    const [index, fault] = this.#findFault(lines);
    if (fault === undefined) return await this.#execute(tool, args, options);
    fault.left--;
    if (fault.message === undefined) return await this.#executeSpoiled(tool, args, lines, index);
    // The tool's own words, which a spoiled line would not bring about.
    await this.#executeUpTo(tool, args, lines, index);
    throw new CommandError([tool, ...args], {
      status: 1,
      stderr: `${tool}: Error in line ${index + 1}: ${fault.message}`,
    });
  }

  async #executeSpoiled(
    tool: string,
    args: readonly string[],
    lines: readonly string[],
    index: number,
  ): Promise<CommandResult> {
    if (lines.join('') === '')
      throw new CommandError([tool, ...args], { status: 1, stderr: 'injected failure' });
    return await this.#execute(tool, args, { input: lines.with(index, badLine(tool)).join('\n') });
  }

  /** ipset carries out each line as it reads it; iptables all of a table at its COMMIT. */
  async #executeUpTo(
    tool: string,
    args: readonly string[],
    lines: readonly string[],
    end: number,
  ): Promise<void> {
    const read = lines.slice(0, end);
    const done = tool === 'ipset' ? read : read.slice(0, read.lastIndexOf('COMMIT') + 1);
    if (done.join('') !== '') await this.#execute(tool, args, { input: `${done.join('\n')}\n` });
  }

  #findFault(lines: readonly string[]): [index: number, fault: Fault | undefined] {
    const index = lines.findIndex((line) => line !== '' && this.#faultFor(line) !== undefined);
    return [index, index < 0 ? undefined : this.#faultFor(lines[index] ?? '')];
  }

  async #die(tool: string, args: readonly string[], lines: readonly string[]): Promise<never> {
    await this.#executeUpTo(tool, args, lines, this.#linesToKill - 1);
    this.#isKilled = true;
    throw new Killed(`killed in ${tool} ${args.join(' ')}`);
  }
}
