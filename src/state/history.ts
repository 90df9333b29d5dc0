import { appendFileSync, closeSync, constants, existsSync, fstatSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { fileError, makeFolder } from '../system/files.ts';
import { readTrusted } from '../system/trusted-file.ts';
import { requireTrustedFolder } from './state-file.ts';

/** A run that changed the kernel. */
interface HistoryEntry {
  /** When it began to: ISO 8601, in UTC. */
  readonly at: string;
  /** The command line, without the name of the program. */
  readonly command: string;
  /** A user, or a unit of systemd's. */
  readonly by: string;
  /** What it set out to change, as sentences. */
  readonly changes: readonly string[];
  /** Undefined of a run that was killed, or goes on. */
  readonly exitCode?: number;
}

/** A line of the file: what a run is about to do, or with which exit code it ended. */
export type HistoryLine = { readonly id: string } & (
  | Pick<HistoryEntry, 'at' | 'command' | 'by' | 'changes'>
  | { readonly exitCode: number }
);

const DAY = 86_400_000;
/** How long a run is remembered. */
const KEPT_DAYS = 366;
/** Some 3,000 runs. Two files of this size are kept at most. */
const MAX_BYTES = 2 ** 20;

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;

/** What was read of the history, oldest run first. */
export interface ReadHistory {
  readonly entries: readonly HistoryEntry[];
  /** Why there may be more that cannot be read. */
  readonly problems: readonly string[];
}

/**
 * The runs that changed the kernel, as JSON lines in the state folder. A full file becomes the former one, and takes
 * the place of the former one before it, so that nothing is ever rewritten: a run may add a line at any moment, with no
 * lock.
 */
export class History {
  readonly #dir: string;
  readonly #path: string;
  readonly #formerPath: string;

  constructor(dir: string) {
    this.#dir = dir;
    this.#path = join(dir, 'history.jsonl');
    this.#formerPath = join(dir, 'history.1.jsonl');
  }

  /**
   * Adds a line, but for the end of a run that took the state folder away; throws GeofenceError when it cannot, or when
   * others can write in the folder.
   */
  async append(added: HistoryLine): Promise<void> {
    if ('exitCode' in added && !existsSync(this.#dir)) return;
    await makeFolder(this.#dir);
    requireTrustedFolder(this.#dir);
    try {
      this.#turnOver();
      this.#appendText(`${JSON.stringify(added)}\n`);
    } catch (error) {
      throw fileError('write', this.#path, error);
    }
  }

  #appendText(text: string): void {
    // One write at the end of a file is never mixed with that of another run (open(2), O_APPEND).
    const file = openSync(this.#path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o640);
    try {
      appendFileSync(file, text);
    } finally {
      closeSync(file);
    }
  }

  #turnOver(): void {
    if (sizeOf(this.#path) >= MAX_BYTES) renameSync(this.#path, this.#formerPath);
  }

  /** What is known of the runs of the last year. Never throws for what is in the files. */
  async read(now: number): Promise<ReadHistory> {
    // Only this needs what checks a line.
    const { parseHistoryLine } = await import('./history-line.ts');
    const problems: string[] = [];
    const lines = [this.#formerPath, this.#path].flatMap((path) =>
      readLines(path, parseHistoryLine, problems),
    );
    const since = new Date(now - KEPT_DAYS * DAY).toISOString();
    return { entries: entriesOf(lines).filter(({ at }) => at >= since), problems };
  }
}

function sizeOf(path: string): number {
  try {
    const file = openSync(path, constants.O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      return fstatSync(file).size;
    } finally {
      closeSync(file);
    }
  } catch {
    return 0;
  }
}

function readLines(
  path: string,
  parse: (text: string) => HistoryLine | undefined,
  problems: string[],
): HistoryLine[] {
  let text;
  try {
    text = readTrusted(path, 2 * MAX_BYTES)?.toString('utf8') ?? '';
  } catch (error) {
    problems.push(`"${path}" cannot be used: ${messageOf(error)}`);
    return [];
  }
  const texts = text.split('\n').filter((one) => one !== '');
  const lines = texts.map(parse).filter((one) => one !== undefined);
  // A full disk or a loss of power cuts the line that is being written.
  if (lines.length < texts.length)
    problems.push(`"${path}" has ${texts.length - lines.length} damaged lines`);
  return lines;
}

/** A run that changed the kernel several times has several lines, and one for its end. */
function entriesOf(lines: readonly HistoryLine[]): HistoryEntry[] {
  const entries = new Map<string, HistoryEntry>();
  for (const { id, ...rest } of lines) {
    const known = entries.get(id);
    if ('exitCode' in rest) {
      if (known !== undefined) entries.set(id, { ...known, ...rest });
    } else if (known === undefined) entries.set(id, rest);
    else entries.set(id, { ...known, changes: [...known.changes, ...rest.changes] });
  }
  return [...entries.values()];
}
