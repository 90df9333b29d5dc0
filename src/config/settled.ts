import type { SettingName, Settings, SettingsTable } from './settings.ts';
import { settingRows } from './settings.ts';
import { isSameValue } from './values.ts';

type DefaultName = {
  [Name in SettingName]: SettingsTable[Name] extends { readonly default: unknown } ? Name : never;
}[SettingName];

/** Settings that always have a value. */
export type SettledSettings = Settings & Required<Pick<Settings, DefaultName>>;

/** Returns the object without the properties that are undefined. */
export function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** What holds where no layer says anything. */
export const defaults = defined(
  Object.fromEntries(settingRows.map(([name, row]) => [name, row.default])),
) as SettledSettings;

/**
 * Whether two layers state the same, in whatever order the settings stand, and the words of a list: only of `choices`,
 * best first, the order counts.
 */
export const equalSettings = (a: Settings, b: Settings): boolean => differingSettings(a, b).length === 0;

/** The names of the settings in which two layers differ, by the rules of equalSettings(). */
export const differingSettings = (a: Settings, b: Settings): SettingName[] =>
  settingRows
    .filter(([name, { value }]) =>
      value.is === 'choices'
        ? JSON.stringify(a[name]) !== JSON.stringify(b[name])
        : !isSameValue(a[name], b[name]),
    )
    .map(([name]) => name);
