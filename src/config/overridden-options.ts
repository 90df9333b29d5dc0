import { longOf } from './flags.ts';
import type { StatedConfig } from './stated-config.ts';
import type { SettingName, Settings } from './settings.ts';
import { settingRows } from './settings.ts';

/**
 * Returns the command-line options that say something else about the fence than the files do, which the next run
 * without them goes by.
 */
export const overriddenOptions = ({ filePolicy, stated, originOf }: StatedConfig): string[] =>
  filePolicy === undefined
    ? []
    : settingRows
        .filter(([name, { changesFence }]) => changesFence && originOf(name) === 'the command line')
        .filter(([name]) => comparable(filePolicy, name) !== comparable(stated, name))
        .flatMap(([, { flags = [] }]) => flags.slice(0, 1).map(longOf));

const comparable = (settings: Settings, name: SettingName): string =>
  JSON.stringify(settings[name] ?? null).toUpperCase();
