import type { SettingOptions } from '../config/flags.ts';
import { settingsOf } from '../config/flags.ts';
import type { StatedConfig } from '../config/stated-config.ts';
import { LAST_REFRESH } from '../config/stated-config.ts';
import type { SettingName, Settings } from '../config/settings.ts';
import { settingNames } from '../config/settings.ts';
import { defined } from '../config/settled.ts';

/**
 * The settings that the files have to state: the answers, what was typed, and what counted until now for want of a file:
 * what was remembered, and ALLOWSUBNET (one of the answers) and MAXZONEAGE, which people bring along from their scripts.
 */
export function settingsToWrite(config: StatedConfig, options: SettingOptions, answers: Settings): Settings {
  const { stated, originOf, files } = config;
  const isCarried = (name: SettingName): boolean =>
    originOf(name) === LAST_REFRESH ||
    (name === 'max_zone_age_days' && files.every(({ settings }) => settings[name] === undefined));
  const carried = Object.fromEntries(
    settingNames.filter(isCarried).map((name) => [name, stated[name]]),
  ) as Settings;
  const { allow: _allow, deny: _deny, ...typed } = settingsOf(options);
  const { allow: _allowed, deny: _denied, ...others } = carried;
  return defined({ ...others, ...typed, ...answers });
}
