import { closest, distance } from 'fastest-levenshtein';
import { TomlError, parse as parseToml } from 'smol-toml';
import * as v from 'valibot';
import { ConfigError } from './config-error.ts';
import type { OwnRole } from './own-role.ts';
import { ownRoleOf } from './own-role.ts';
import { escapesSchema, fenceSchema, fenceSettings, settingsSchema } from './schema.ts';
import type { SettingName, Settings } from './settings.ts';
import { settingNames } from './settings.ts';
import { findStatement } from './statement.ts';

/** An address or network that always gets in, as escapes.toml keeps it. */
export interface Escape {
  readonly cidr: string;
  readonly note?: string | undefined;
  /** When it ends, ISO 8601. */
  readonly until?: string | undefined;
}

/**
 * Reads the text of a configuration file; throws a ConfigError that tells every problem at once, each with its line.
 */
export function parseConfig(path: string, text: string): Settings {
  const { problems, settings } = inspectSettings(parseTable(path, text));
  const { allow, deny } = settings;
  const found = allow !== undefined && deny !== undefined ? [...problems, bothModes] : problems;
  if (found.length > 0) throw configError(path, text, found);
  return settings;
}

/**
 * Reads the text of fences.d/main.toml: the fence and nothing else. Throws ConfigError for anything else in it, and
 * without exactly one of allow and deny: an empty file would be a policy that got lost.
 */
export function parseFence(path: string, text: string): Settings {
  const settings = parseSome(path, text, 'fence', 'only what a fence has may stand here');
  const { allow, deny } = settings;
  if ((allow === undefined) !== (deny === undefined)) return settings;
  throw configError(path, text, [
    allow === undefined ? { key: '', reason: 'neither allow nor deny stands here' } : bothModes,
  ]);
}

/**
 * Reads the text of fences.d/NAME.toml: one fence, which has the name of its file. Throws a ConfigError that tells every
 * problem.
 */
export function parseFenceFile(path: string, text: string, name: string): Settings {
  const result = v.safeParse(fenceSchema, parseTable(path, text));
  if (result.success) return { fence: [{ name, ...result.output }] };
  throw configError(path, text, result.issues.map(describeIssue));
}

/**
 * Reads the text of settings.toml: all settings but fence and escapes. Throws a ConfigError that tells every problem.
 */
export const parseOthers = (path: string, text: string): Settings =>
  parseSome(path, text, 'settings', 'it has a file of its own: fences.d/main.toml or escapes.toml');

/** Reads the text of escapes.toml, those that have ended included; throws a ConfigError that tells every problem. */
export function parseEscapes(path: string, text: string): Escape[] {
  const result = v.safeParse(escapesSchema, parseTable(path, text));
  if (result.success) return result.output.escape;
  throw configError(path, text, result.issues.map(describeIssue));
}

function parseSome(path: string, text: string, role: OwnRole, elsewhere: string): Settings {
  const table = parseTable(path, text);
  const misplaced = Object.keys(table).filter((key) => isSetting(key) && ownRoleOf(key) !== role);
  const { problems, settings } = inspectSettings(table);
  const found = [
    ...misplaced.map((key) => ({ key, reason: elsewhere })),
    ...problems.filter(({ key }) => !misplaced.includes(key)),
  ];
  if (found.length > 0) throw configError(path, text, found);
  return settings;
}

function parseTable(path: string, text: string): object {
  try {
    return parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    const message = `column ${error.column}: ${reason}`;
    throw new ConfigError(`Cannot read configuration "${path}": line ${error.line}, ${message}`, [
      { file: path, line: error.line, message },
    ]);
  }
}

interface SettingProblem {
  readonly key: string;
  /** Of tables of one name, from 0. */
  readonly nth?: number;
  readonly reason: string;
}

const bothModes: SettingProblem = {
  key: 'deny',
  reason: 'allow stands in the same file; a policy has one of the two',
};

function configError(path: string, text: string, found: readonly SettingProblem[]): ConfigError {
  const problems = found
    .map(({ key, nth, reason }) => ({
      file: path,
      line: findStatement(text, key, nth)?.line,
      message: key === '' ? reason : `${key}: ${reason}`,
    }))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const lines = problems.map(
    ({ line, message }) => `\n  ${line === undefined ? '' : `line ${line}: `}${message}`,
  );
  return new ConfigError(`Cannot use configuration "${path}":${lines.join('')}`, problems);
}

/** Checks a table against the schema. */
function inspectSettings(table: object): { problems: SettingProblem[]; settings: Settings } {
  const result = v.safeParse(settingsSchema, table);
  // Of unknown keys valibot tells only the first.
  const unknown = Object.keys(table).filter((key) => !isSetting(key));
  const issues = (result.issues ?? []).map(describeIssue).filter(({ key }) => !unknown.includes(key));
  const problems = unknown.map((key): SettingProblem => ({
    key,
    reason: `unknown setting${suggestSetting(key)}`,
  }));
  return { problems: [...problems, ...issues], settings: result.typed ? (result.output as Settings) : {} };
}

/** Of what stands in one of several tables, `nth` is that table. */
function describeIssue(issue: v.BaseIssue<unknown>): SettingProblem {
  const [key = '', index, field] = (issue.path ?? []).map((item) => String(item.key));
  const isKey = issue.type === 'strict_object';
  const name = field ?? key;
  const unexpected = issue.expected === 'never' ? `unknown setting${suggestSetting(name)}` : 'missing';
  const reason = isKey ? unexpected : issueReason(issue);
  return {
    key,
    nth: index === undefined ? 0 : Number(index),
    reason: field === undefined ? reason : `${field}: ${reason}`,
  };
}

const issueReason = ({ message, input }: v.BaseIssue<unknown>): string =>
  `${message}, got ${JSON.stringify(input)}`;

const isSetting = (key: string): key is SettingName => (settingNames as readonly string[]).includes(key);

function suggestSetting(key: string): string {
  const near = closest(key, [...settingNames, ...fenceSettings]);
  return distance(key, near) <= Math.max(2, key.length / 2) ? ` (did you mean ${near}?)` : '';
}
