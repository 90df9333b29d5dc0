import { COLUMNS, wrap } from '../words/format.ts';
import { printableMessage, shortenLine } from '../words/printable.ts';

/** Where a setting is from; `line` from 1. */
export type Origin =
  | { readonly kind: 'flag' | 'variable'; readonly name: string }
  | { readonly kind: 'file'; readonly file: string; readonly line: number | undefined }
  | { readonly kind: 'remembered' | 'default' };

export interface EffectiveSetting {
  readonly name: string;
  /** null where there is none. */
  readonly value: string | number | boolean | readonly (string | number)[] | null;
  /** What holds in words, where there is none. */
  readonly otherwise: string;
  /** Several where they add up. */
  readonly origins: readonly Origin[];
  readonly changesFence: boolean;
}

/** What cannot be used, and why. */
export interface ConfigTrouble {
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly message: string;
  readonly hint: string | undefined;
}

/** The answer of `config check`. */
export interface ConfigReport {
  readonly ok: boolean;
  readonly files: readonly string[];
  readonly settings: readonly EffectiveSetting[];
  readonly problems: readonly ConfigTrouble[];
  readonly warnings: readonly string[];
}

const formatPlace = (file: string, line: number | undefined): string =>
  line === undefined ? file : `${file}:${line}`;

function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'flag':
    case 'variable':
      return origin.name;
    case 'file':
      return formatPlace(origin.file, origin.line);
    case 'remembered':
      return 'the last refresh';
    case 'default':
      return 'default';
  }
}

/** Room for some hundred networks. */
const LONGEST_VALUE = 10_000;

const valueText = ({ value, otherwise }: EffectiveSetting): string =>
  value === null
    ? otherwise
    : shortenLine(Array.isArray(value) ? value.join(', ') || 'none' : String(value), LONGEST_VALUE);

/** Renders the answer of `config check`: problems, warnings, then each setting with its value and origin. */
export function renderConfig({ settings, problems, warnings }: ConfigReport): string {
  return [
    ...problems.map(renderTrouble),
    ...warnings.map((warning) => `warning: ${printableMessage(warning)}\n`),
    problems.length + warnings.length > 0 && settings.length > 0 ? '\n' : '',
    ...renderSettings(settings),
  ].join('');
}

const renderTrouble = ({ file, line, message, hint }: ConfigTrouble): string =>
  [
    `${file === undefined ? '' : `${formatPlace(file, line)}: `}${printableMessage(message)}\n`,
    ...(hint === undefined ? [] : [`  hint: ${printableMessage(hint)}\n`]),
  ].join('');

/** Names, values and places as columns; what is too long for one goes on below. */
function renderSettings(settings: readonly EffectiveSetting[]): string[] {
  const width = Math.max(0, ...settings.map(({ name }) => name.length));
  return settings.flatMap((setting) => {
    const lines = wrap(valueText(setting), COLUMNS - width - 2);
    const places = setting.origins.map(describeOrigin);
    const isShort = lines.length === 1 && lines[0]!.length <= VALUE_COLUMNS;
    const [first = '', ...rest] = isShort
      ? [`${lines[0]!.padEnd(VALUE_COLUMNS)}  ${places[0] ?? ''}`, ...places.slice(1).map(inPlaceColumn)]
      : [...lines, ...places.map(inPlaceColumn)];
    return [
      `${setting.name.padEnd(width)}  ${first}\n`,
      ...rest.map((text) => `${''.padEnd(width)}  ${text}\n`),
    ];
  });
}

/** What most values fit into. */
const VALUE_COLUMNS = 20;

const inPlaceColumn = (place: string): string => `${''.padEnd(VALUE_COLUMNS)}  ${place}`;
