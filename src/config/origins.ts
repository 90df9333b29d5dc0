import type { Origin } from '../report/config.ts';
import { longOf } from './flags.ts';
import type { ConfigFile } from './files.ts';
import type { StatedConfig } from './stated-config.ts';
import { COMMAND_LINE, ENVIRONMENT } from './stated-config.ts';
import type { SettingName } from './settings.ts';
import { settingOf } from './settings.ts';
import { findStatement } from './statement.ts';

/** Returns where an effective setting was stated: several files where they add up, `default` where nobody stated it. */
export function originsOf(config: StatedConfig, name: SettingName): Origin[] {
  const { settings, originOf, fileOf, files } = config;
  const { flags = [], variable } = settingOf(name);
  const origin = originOf(name);
  // A stronger allow silences a deny.
  if (origin === undefined || settings[name] === undefined) return [{ kind: 'default' }];
  if (fileOf(name) !== undefined)
    return files
      .filter((file) => file.settings[name] !== undefined)
      .map((file) => ({ kind: 'file', file: file.path, line: lineOf(file, name) }));
  switch (origin) {
    case COMMAND_LINE: {
      const flag = flags.find(({ sets }) => sets === settings[name]) ?? flags[0];
      return [{ kind: 'flag', name: flag === undefined ? name : longOf(flag) }];
    }
    case ENVIRONMENT:
      return [{ kind: 'variable', name: variable ?? name }];
    default:
      return [{ kind: 'remembered' }];
  }
}

/** Returns the line of a file, from 1, in which a setting is stated; undefined when it cannot be found. */
export const lineOf = ({ role, text }: ConfigFile, name: SettingName): number | undefined =>
  findStatement(text, role === 'escapes' ? 'escape' : name)?.line;
