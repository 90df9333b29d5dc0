import { ConfigError } from './config-error.ts';
import type { ConfigFile, FileRole } from './files.ts';
import type { SettingName } from './settings.ts';
import { settingNames } from './settings.ts';
import { findStatement } from './statement.ts';

/** allow and deny are one thing to say. */
export const isMode = (name: SettingName): boolean => name === 'allow' || name === 'deny';

/** What is in the way in the configuration file: `path:line: text`, a line each. */
export function statementLines({ path, text }: ConfigFile, name: SettingName): string[] {
  const found = findStatement(text, name);
  return found === undefined
    ? [`${path}: ${name}`]
    : found.lines.map((line, i) => `${path}:${found.line + i}: ${line}`);
}

/**
 * What stands both in the configuration file and in a file of our own, an error for each of those: one statement would
 * not count, and which one nobody could tell. What always gets in adds up.
 */
export function findConflicts(files: readonly ConfigFile[]): ConfigError[] {
  const config = files.find(({ role }) => role === 'config');
  return config === undefined ? [] : files.flatMap((own) => conflictsWith(config, own));
}

function conflictsWith(config: ConfigFile, own: ConfigFile): ConfigError[] {
  const names = settingNames.filter(
    (name) => ownRoleOf(name) === own.role && config.settings[name] !== undefined && states(own, name),
  );
  if (names.length === 0) return [];
  const what = names.some(isMode) ? 'the policy' : names.join(', ');
  const problems = names.map((name) => ({
    file: config.path,
    line: findStatement(config.text, name)?.line,
    message: `${name}: "${own.path}" states ${isMode(name) ? 'the policy' : 'it'}, too`,
    hint: removalHint(statementLines(config, name)),
  }));
  return [
    new ConfigError(
      `Cannot use "${config.path}" together with "${own.path}": both state ${what}`,
      problems,
      removalHint(names.flatMap((name) => statementLines(config, name))),
    ),
  ];
}

const states = ({ settings }: ConfigFile, name: SettingName): boolean =>
  isMode(name) ? (settings.allow ?? settings.deny) !== undefined : settings[name] !== undefined;

/** The file of our own that a setting stands in, if it can stand in one alone. */
const ownRoleOf = (name: SettingName): FileRole | undefined =>
  isMode(name) ? 'fence' : name === 'allow_subnets' ? undefined : 'settings';

/** What to take out of a file that we do not touch. */
export const removalHint = (lines: readonly string[]): string => listLines('remove', lines);

/** "remove this line:", and the line. */
export const listLines = (verb: string, lines: readonly string[]): string =>
  `${verb} ${lines.length === 1 ? 'this line' : 'these lines'}:${lines.map((line) => `\n    ${line}`).join('')}`;
