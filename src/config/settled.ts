import type { SettingName, Settings, SettingsTable } from './settings.ts';
import { settingRows } from './settings.ts';

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

/** Whether two layers state the same values, in whatever order the settings stand; the order within a list counts. */
export const equalSettings = (a: Settings, b: Settings): boolean => sortedText(a) === sortedText(b);

const sortedText = (settings: Settings): string =>
  JSON.stringify(Object.entries(settings).sort(([x], [y]) => (x < y ? -1 : 1)));
