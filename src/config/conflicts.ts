import { ConfigError } from './config-error.ts';
import type { ConfigFile } from './files.ts';
import { isMode, ownRoleOf } from './own-role.ts';
import type { SettingName } from './settings.ts';
import { settingNames } from './settings.ts';
import { findStatement } from './statement.ts';

/**
 * Returns the lines that state a setting in the configuration file, each as `path:line: text`; "path: name" when they
 * cannot be found.
 */
export function statementLines({ path, text }: ConfigFile, name: SettingName): string[] {
  const found = findStatement(text, name);
  return found === undefined
    ? [`${path}: ${name}`]
    : found.lines.map((line, i) => `${path}:${found.line + i}: ${line}`);
}

/**
 * Returns an error for each file of our own that states what the configuration file states too: one of both would not
 * count, and nobody could tell which. What always gets in (allow_subnets) adds up, and is no conflict.
 */
export function findConflicts(files: readonly ConfigFile[]): ConfigError[] {
  const config = files.find(({ role }) => role === 'config');
  if (config === undefined) return [];
  return files.flatMap((own) => (own.role === 'escapes' ? [] : conflictsWith(config, own)));
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

/** Returns "remove this line:" and the lines to take out of a file that geofence does not edit. */
export const removalHint = (lines: readonly string[]): string => listLines('remove', lines);

/** Returns a verb, "this line:" or "these lines:", and the lines. */
export const listLines = (verb: string, lines: readonly string[]): string =>
  `${verb} ${lines.length === 1 ? 'this line' : 'these lines'}:${lines.map((line) => `\n    ${line}`).join('')}`;
