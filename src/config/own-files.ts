import { UsageError } from '../errors.ts';
import { listLines, removalHint, statementLines } from './conflicts.ts';
import type { ConfigFile, FileRole } from './files.ts';
import type { OwnRole } from './own-role.ts';
import { isMode, ownRoleOf } from './own-role.ts';
import { isInForce, ownPaths } from './files.ts';
import { networksIn, parseNetwork } from './network.ts';
import type { Escape } from './parse.ts';
import { settingNames, settingOf } from './settings.ts';
import type { SettingName, Settings } from './settings.ts';
import { renderStatement } from './toml.ts';
import { isSameValue } from './values.ts';

/** A file of our own before and after a change; undefined: it is not there. */
export interface OwnFileChange {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The files of the configuration as they were read. */
interface CurrentFiles {
  /** Where the configuration file is, or would be. */
  readonly path: string;
  readonly files: readonly ConfigFile[];
  /** Milliseconds since the epoch, for escapes that end. */
  readonly now: number;
}

/** How every file of our own begins. */
export const ownHeader = (what: string, writer = 'geofence init'): string => `\
# ${what}
# "${writer}" writes the whole of this file: put no comments into it.
`;

/**
 * Returns what files of our own have to hold so that `wanted` counts; those that say so already stay as they are.
 * Throws a UsageError, with what to remove, where the configuration file says otherwise: geofence does not edit that
 * one.
 */
export function changeOwnFiles(current: CurrentFiles, wanted: Settings): OwnFileChange[] {
  requireNoContradiction(current, wanted);
  const paths = ownPaths(current.path);
  const change = (
    role: OwnRole,
    after: (before: ConfigFile | undefined) => string | undefined,
  ): OwnFileChange => {
    const before = fileInRole(current, role);
    return { path: paths[role], before: before?.text, after: after(before) };
  };
  // The fence comes last: with it there is a policy.
  return [
    change('settings', (before) => settingsText(current, before, wanted)),
    change('escapes', (before) => escapesText(current, before, wanted.allow_subnets ?? [])),
    change('fence', (before) => fenceText(current, before, wanted)),
  ];
}

const fileInRole = ({ files }: CurrentFiles, role: FileRole): ConfigFile | undefined =>
  files.find((file) => file.role === role);

const statedByHand = (current: CurrentFiles): Settings => fileInRole(current, 'config')?.settings ?? {};

function requireNoContradiction(current: CurrentFiles, wanted: Settings): void {
  const config = fileInRole(current, 'config');
  if (config === undefined) return;
  const names = settingNames.filter((name) => contradicts(config.settings, wanted, name));
  if (names.length === 0) return;
  const own = ownPaths(current.path);
  const roles = new Set(names.map(ownRoleOf));
  const file = roles.has('fence') ? own.fence : roles.has('settings') ? own.settings : own.escapes;
  throw new UsageError(
    `Cannot write "${file}": "${config.path}" says otherwise, and geofence does not edit that`,
    names.map((name) => contradictionHint(config, wanted, name)).join('\n  '),
  );
}

function contradictionHint(config: ConfigFile, wanted: Settings, name: SettingName): string {
  const lines = statementLines(config, name);
  const gone = name === 'allow_subnets' ? missingEscapes(config.settings, wanted) : [];
  return gone.length === 0 ? removalHint(lines) : listLines(`take ${gone.join(', ')} out of`, lines);
}

function contradicts(stated: Settings, wanted: Settings, name: SettingName): boolean {
  if (stated[name] === undefined) return false;
  if (name === 'allow_subnets') return missingEscapes(stated, wanted).length > 0;
  if (isMode(name))
    return (wanted.allow ?? wanted.deny) !== undefined && !isSameValue(stated[name], wanted[name]);
  return wanted[name] !== undefined && !isSameValue(stated[name], wanted[name]);
}

/** What always gets in by the configuration file, and is not wanted any more. */
const missingEscapes = (
  { allow_subnets: stated = [] }: Settings,
  { allow_subnets: wanted }: Settings,
): string[] =>
  wanted === undefined ? [] : networksIn(stated).filter((text) => !networksIn(wanted).includes(text));

function fenceText(
  current: CurrentFiles,
  before: ConfigFile | undefined,
  wanted: Settings,
): string | undefined {
  const names = [wanted.allow === undefined ? 'deny' : 'allow', 'ports', 'interfaces'] as const;
  const says = (settings: Settings = {}): boolean =>
    names.every((name) => isSameValue(settings[name], wanted[name]));
  if (wanted[names[0]] === undefined || says(statedByHand(current)) || says(before?.settings))
    return before?.text;
  const statements = names.flatMap((name) => {
    const value = wanted[name];
    return value === undefined ? [] : [renderStatement(name, value)];
  });
  return `${ownHeader('The fence "main": whom it lets in or keeps out.')}\n${statements.join('\n')}\n`;
}

const networkText = ({ cidr }: Escape): string => parseNetwork(cidr, 'escape').text;

function escapesText(
  current: CurrentFiles,
  before: ConfigFile | undefined,
  wanted: readonly string[],
): string | undefined {
  const byHand = networksIn(statedByHand(current).allow_subnets ?? []);
  const own = [...new Set(networksIn(wanted))].filter((text) => !byHand.includes(text));
  const there = (before?.escapes ?? []).filter((escape) => isInForce(escape, current.now));
  const kept = there.filter((escape) => own.includes(networkText(escape)));
  const added = own.filter((text) => !kept.some((escape) => networkText(escape) === text));
  if (kept.length === there.length && added.length === 0) return before?.text;
  const escapes = [...kept, ...added.map((cidr): Escape => ({ cidr }))];
  if (escapes.length === 0) return undefined;
  return ownHeader('Addresses and networks that always get in.') + escapes.map(renderEscape).join('');
}

const renderEscape = (escape: Escape): string =>
  `\n[[escape]]\n${(['cidr', 'note', 'until'] as const)
    .flatMap((key) => (escape[key] === undefined ? [] : [`${renderStatement(key, escape[key])}\n`]))
    .join('')}`;

/** Only what is not so anyway is stated. */
function settingsText(
  current: CurrentFiles,
  before: ConfigFile | undefined,
  wanted: Settings,
): string | undefined {
  const byHand = statedByHand(current);
  const names = settingNames.filter((name) => ownRoleOf(name) === 'settings');
  const lines = names.flatMap((name) => {
    const value = wanted[name] ?? before?.settings[name];
    const isDefault = before?.settings[name] === undefined && isSameValue(settingOf(name).default, value);
    const isAnyway = byHand[name] !== undefined || isDefault;
    return value === undefined || isAnyway ? [] : [{ name, value }];
  });
  const isStated = lines.every(({ name, value }) => isSameValue(before?.settings[name], value));
  if (isStated && lines.length === Object.keys(before?.settings ?? {}).length) return before?.text;
  if (lines.length === 0) return undefined;
  return (
    ownHeader('Settings that "geofence init" was told.') +
    lines
      .map(({ name, value }) => `\n# ${settingOf(name).comment}\n${renderStatement(name, value)}\n`)
      .join('')
  );
}
