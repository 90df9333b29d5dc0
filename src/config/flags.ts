import type { Flag } from './setting.ts';
import type { SettingName, Settings, SettingsTable } from './settings.ts';
import { settingRows } from './settings.ts';
import { defined } from './settled.ts';

type Camel<Text extends string> = Text extends `${infer Head}-${infer Rest}`
  ? `${Head}${Capitalize<Camel<Rest>>}`
  : Text;

/** What commander calls the value of an option: "--allow-subnet <cidr>" is allowSubnet, "--no-local" local. */
type AttributeOf<Syntax extends string> = Syntax extends `${infer Long} <${string}`
  ? AttributeOf<Long>
  : Syntax extends `--no-${infer Name}` | `--${infer Name}`
    ? Camel<Name>
    : never;

type FlagsOf<Row> = Row extends { readonly flags: readonly (infer One)[] } ? One : never;

type Pair<Name extends SettingName, One> = One extends { readonly syntax: infer Syntax extends string }
  ? [AttributeOf<Syntax>, One extends { readonly sets: boolean } ? boolean : NonNullable<Settings[Name]>]
  : never;

type Pairs = { [Name in SettingName]: Pair<Name, FlagsOf<SettingsTable[Name]>> }[SettingName];

/** What commander hands over of the options that state settings. */
export type SettingOptions = { [One in Pairs as One[0]]?: One[1] };

/** Returns the name of a flag on the command line: "--allow-subnet". */
export const longOf = ({ syntax }: Flag): string => syntax.split(' ')[0] ?? '';

/**
 * Returns the name under which commander hands over a flag: "allowSubnet" for "--allow-subnet <cidr>", "local" for
 * "--no-local".
 */
export const attributeOf = (flag: Flag): string =>
  longOf(flag)
    .replace(/^--(no-)?/, '')
    .replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** Returns the settings that options of the command line state: the strongest layer of the configuration. */
export function settingsOf(options: SettingOptions): Settings {
  const typed = options as Readonly<Record<string, unknown>>;
  const stated = settingRows.map(([name, { flags = [] }]): [string, unknown] => [
    name,
    flags.map((flag) => flagValue(flag, typed[attributeOf(flag)])).find((value) => value !== undefined),
  ]);
  return defined(Object.fromEntries(stated));
}

/** Of "--no-local" commander makes false, and true where nobody typed it. */
function flagValue(flag: Flag, value: unknown): unknown {
  if (flag.sets === undefined) return value;
  return value === !flag.syntax.startsWith('--no-') ? flag.sets : undefined;
}
