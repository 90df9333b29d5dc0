/** Where a setting stands in the text of a configuration file; offsets, half-open. */
export interface Statement {
  readonly key: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  /** Without what follows on the line: white space, a comment. */
  readonly valueEnd: number;
}

/** White space and comments between statements. */
const GAP = /(?:\s+|#[^\n]*)*/y;
const KEY = /("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[\w-]+)[ \t]*=[ \t]*/y;
/** Strings of TOML's four kinds, comments, brackets, white space, and whatever else a value is made of. */
const TOKEN =
  /"""(?:[^\\]|\\[^])*?"{3,5}|'''[^]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[[\]{}]|\s+|[^\s"'#[\]{}]+/y;

/**
 * The statements of a TOML document (https://toml.io/en/v1.0.0) before its first table; the parser tells no positions.
 * It ends early at what it cannot make out: what is found stands for itself, not for the whole.
 */
export function findStatements(text: string): Statement[] {
  const statements: Statement[] = [];
  for (let at = matchAt(GAP, text, 0)!.length; at < text.length; at += matchAt(GAP, text, at)!.length) {
    const [head, name] = execAt(KEY, text, at) ?? [];
    if (head === undefined || name === undefined) break;
    const valueStart = at + head.length;
    const valueEnd = endOfValue(text, valueStart);
    const key = name.replace(/^(["'])(.*)\1$/, '$2');
    statements.push({ key, keyStart: at, keyEnd: at + name.length, valueStart, valueEnd });
    at = valueEnd;
  }
  return statements;
}

function endOfValue(text: string, start: number): number {
  let [depth, end] = [0, start];
  for (let at = start; at < text.length;) {
    const token = matchAt(TOKEN, text, at);
    if (token === undefined || (depth === 0 && /^#|^\s*\n/.test(token))) break;
    at += token.length;
    if (/^[[{]$/.test(token)) depth++;
    else if (/^[\]}]$/.test(token)) depth--;
    if (!/^[#\s]/.test(token)) end = at;
  }
  return end;
}

function execAt(sticky: RegExp, text: string, at: number): RegExpExecArray | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text) ?? undefined;
}

const matchAt = (sticky: RegExp, text: string, at: number): string | undefined =>
  execAt(sticky, text, at)?.[0];
