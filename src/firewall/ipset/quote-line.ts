import { CommandError } from '../../system/run.ts';
import type { ChunkedText } from '../../words/chunked-text.ts';

/**
 * Adds the line of our script that a restore tool complains about: "Error in line 3" (ipset), "line 3 failed" and
 * "Error occurred at line: 3" (iptables), "line 3: RULE_APPEND failed" (iptables-nft).
 */
export function quoteLine(error: unknown, input: ChunkedText): unknown {
  if (!(error instanceof CommandError)) return error;
  const number = /\bline:? (\d+)\b/.exec(error.stderr)?.[1];
  const line = number === undefined ? undefined : String(input).split('\n')[Number(number) - 1];
  if (line === undefined) return error;
  return new CommandError(error.command, {
    status: error.status,
    stderr: `${error.stderr.trim()} (line ${number}: ${line})`,
  });
}
