import type { SettingName } from '../../config/settings.ts';
import { settingNames, settingOf } from '../../config/settings.ts';
import { renderStatement } from '../../config/toml.ts';

const templateHeader = `\
# What geofence keeps the firewall of this host to; "geofence refresh" applies it.
# This file is yours: what "geofence init" is told goes into files beside it.
`;

/**
 * The text of the configuration file that states a setting: its default, or an example where that shows nothing (`allow =
 * ["CA", "US"]`).
 */
export function exampleLine(name: SettingName): string {
  const row = settingOf(name);
  return renderStatement(name, row.example ?? row.default ?? '');
}

/** The configuration file before anybody edited it: every setting is there, and none of them set. */
export const settingsTemplate = [
  templateHeader,
  ...settingNames.map(
    (name) => `# ${settingOf(name).comment}\n${exampleLine(name).replaceAll(/^/gm, '# ')}\n`,
  ),
].join('\n');
