import { parse as parseToml } from 'smol-toml';

/** Where a key is set in the text of a file. */
export interface Statement {
  /** From 1. */
  readonly line: number;
  /** As they stand there; a list may take several. */
  readonly lines: readonly string[];
}

/**
 * Finds the lines of a TOML text that set a key, or the head of a table of that name, the `nth` from 0; undefined when
 * there is none. The parser tells no positions, so a line of a text that runs over several may be taken for it.
 */
export function findStatement(text: string, key: string, nth = 0): Statement | undefined {
  const lines = text.split(/\r?\n/);
  const starts = [...lines.keys()].filter((i) => /^\s*\[*\s*["']?([\w-]+)/.exec(lines[i] ?? '')?.[1] === key);
  const start = starts[nth];
  if (start === undefined) return undefined;
  const end = lines.findIndex((_, i) => i >= start && isDocument(lines.slice(start, i + 1)));
  return { line: start + 1, lines: lines.slice(start, end === -1 ? start + 1 : end + 1) };
}

function isDocument(lines: readonly string[]): boolean {
  try {
    parseToml(lines.join('\n'));
    return true;
  } catch {
    return false;
  }
}
