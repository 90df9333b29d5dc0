import { closest, distance } from 'fastest-levenshtein';
import { TomlError, parse as parseToml } from 'smol-toml';
import * as v from 'valibot';
import { UsageError } from '../errors.ts';
import { settingNames, settingsSchema } from './schema.ts';
import type { Settings } from './settings.ts';

/** Reads a configuration file's text; every problem is told at once, with its line. */
export function parseConfig(path: string, text: string): Settings {
  let table;
  try {
    table = parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw new UsageError(
      `Cannot read configuration "${path}": line ${error.line}, column ${error.column}: ${reason}`,
    );
  }
  return checkSettings(table, (problems) => {
    const lines = problems
      .map((problem) => ({ ...problem, line: lineOf(text, problem.key) }))
      .sort((a, b) => a.line - b.line)
      .map(({ line, key, reason }) => `\n  ${line > 0 ? `line ${line}: ` : ''}${key}: ${reason}`);
    return new UsageError(`Cannot use configuration "${path}":${lines.join('')}`);
  });
}

interface Problem {
  readonly key: string;
  readonly reason: string;
}

/** Checks unknown data against the schema; `fail` words what is wrong with it. */
function checkSettings(data: unknown, fail: (problems: Problem[]) => Error): Settings {
  const result = v.safeParse(settingsSchema, data);
  const problems = result.success ? [] : result.issues.map(describeIssue);
  const { allow, deny } = result.typed ? result.output : {};
  if (allow !== undefined && deny !== undefined) {
    problems.push({ key: 'deny', reason: 'allow stands in the same file; a policy has one of the two' });
  }
  if (problems.length > 0) throw fail(problems);
  return result.output as Settings;
}

function describeIssue(issue: v.BaseIssue<unknown>): Problem {
  const [item] = issue.path ?? [];
  const key = typeof item?.key === 'string' ? item.key : '';
  if (!settingNames.includes(key)) return { key, reason: `unknown setting${suggest(key)}` };
  return { key, reason: `${issue.message}, got ${JSON.stringify(issue.input)}` };
}

function suggest(key: string): string {
  const near = closest(key, settingNames);
  return distance(key, near) <= Math.max(2, key.length / 2) ? ` (did you mean ${near}?)` : '';
}

/** The line a key is set in, from 1, or 0: the parser tells no positions of what it could read. */
const lineOf = (text: string, key: string): number =>
  1 + text.split('\n').findIndex((line) => /^\s*\[?\s*["']?([\w-]+)/.exec(line)?.[1] === key);
