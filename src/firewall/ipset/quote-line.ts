import { CommandError } from '../../system/run.ts';
import type { ChunkedText } from '../../words/chunked-text.ts';

/**
 * Returns a CommandError of a restore tool with the line of `input` that it complains about added, any other error as
 * it is. The tools say "Error in line 3" (ipset), "line 3 failed" and "Error occurred at line: 3" (iptables), "line 3:
 * RULE_APPEND failed" (iptables-nft).
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
