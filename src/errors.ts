/** The exit codes of every command; the manual explains them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  drift: 3,
  refused: 4,
  /** EX_TEMPFAIL of sysexits.h: another run holds the lock, try again later. */
  locked: 75,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An expected failure: shown as one readable line, without a stack. */
export class GeofenceError extends Error {
  override readonly name: string = 'GeofenceError';
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(message: string, options: { exitCode?: ExitCode; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? exitCodes.failed;
    this.hint = options.hint;
  }
}

/** What the user typed, wrote in a file or set in the environment cannot be used. */
export class UsageError extends GeofenceError {
  constructor(message: string, hint?: string) {
    super(message, { exitCode: exitCodes.usage, ...(hint === undefined ? {} : { hint }) });
  }
}

/** A change that holds, but for something that was to be done after it. */
export class UnfinishedError extends GeofenceError {}

/**
 * Returns what a reading gives, or undefined when it fails with a GeofenceError; any other error is a defect of ours,
 * and thrown on.
 */
export async function tryRead<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof GeofenceError) return undefined;
    throw error;
  }
}

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The `code` of a system error (ENOENT, EACCES, ...), if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
