import { UsageError } from '../errors.ts';

/** What is wrong in a file, and where: a line from 1, when it is that of something. */
export interface ConfigProblem {
  readonly file: string;
  readonly line: number | undefined;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Files of the configuration cannot be used. */
export class ConfigError extends UsageError {
  readonly problems: readonly ConfigProblem[];

  constructor(message: string, problems: readonly ConfigProblem[], hint?: string) {
    super(message, hint);
    this.problems = problems;
  }
}
