import type { ChunkedText } from '../words/chunked-text.ts';

/** What a command comes to: a report, and how people and monitors are told of it. */
export interface Outcome<Report extends object = object> {
  /** One of ours, or that of a command which was run. */
  readonly exitCode: number;
  /** The facts, as --json prints them. */
  readonly report: Report;
  /** The same for people, on stdout; lines ended. Called only when somebody is to read it. */
  render(report: Report): string | ChunkedText;
  /** Whether the JSON stands on one line, as the last of many. */
  readonly isJsonLine?: boolean;
}
