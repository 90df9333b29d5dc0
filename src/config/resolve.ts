import { dirname } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Bounds } from '../ip/bounds.ts';
import { unionAll } from '../ip/bounds.ts';
import { usualExtraEntries } from '../firewall/set-shape.ts';
import type { Family } from '../ip/family.ts';
import { families, ipv4 } from '../ip/family.ts';
import type { Policy } from '../policy/policy.ts';
import { sparedBounds } from '../zones/local.ts';
import type { FenceStatement } from './fences.ts';
import { MAIN_FENCE, buildFences } from './fences.ts';
import type { TypedNetwork } from './network.ts';
import type { SettingName, Settings } from './settings.ts';
import type { SettledSettings } from './settled.ts';
import { defaults, defined } from './settled.ts';
import { wordsIn } from './values.ts';
import { formatList } from '../words/format.ts';

/** Settings, and where they were stated. */
export interface Layer {
  /** The path of a file, or one of the origins of stated-config.ts; as messages say it. */
  readonly origin: string;
  readonly settings: Settings;
  readonly isFile?: true;
  /** Of a file, the line of each of its fences, from 1, in their order. */
  readonly fenceLines?: readonly (number | undefined)[];
}

/** All layers as one. */
export interface Config {
  /** Settled, with what holds where no layer spoke. */
  readonly settings: SettledSettings;
  /** What the layers say together, defaults and folders apart. */
  readonly stated: Settings;
  /** The same without the configuration file: what has to be remembered. */
  readonly byHand: Settings;
  /** Undefined when no layer names a mode. */
  readonly policy: Policy | undefined;
  /** Which layer states the fence at the top level; without one, those that state fences. */
  readonly origin: string | undefined;
  /** Which layer a setting is from, of several the one that is stated first; undefined for a default. */
  readonly originOf: (...keys: SettingName[]) => string | undefined;
  /** The same when it is a file; undefined for what is from elsewhere. */
  readonly fileOf: (...keys: SettingName[]) => string | undefined;
  /** ALLOWSUBNET as it was understood. */
  readonly subnets: readonly TypedNetwork[];
  readonly warnings: readonly string[];
}

/**
 * Settles the layers, the strongest first: each setting is taken from the first layer that has it; allow_subnets of
 * files add up. Throws UsageError for countries or networks that are none, and for a layer with both allow and deny.
 */
export async function resolveConfig(layers: readonly Layer[]): Promise<Config> {
  const merged = mergeLayers(layers);
  const settings: SettledSettings = { ...defaults, ...merged };
  const layerOf = (...keys: SettingName[]): Layer | undefined =>
    layers.find((layer) => keys.some((key) => layer.settings[key] !== undefined));
  const subnets = await readSubnets(layersStating('allow_subnets', layers));
  const texts = [...new Set(subnets.map(({ text }) => text))];
  const origin = layerOf('allow', 'deny')?.origin ?? originOfFences(layers);
  return {
    settings: { ...settings, allow_subnets: texts },
    stated: inCanonicalForm(merged, texts),
    byHand: inCanonicalForm(mergeLayers(layers.filter(({ isFile }) => isFile !== true)), texts),
    policy: await buildPolicy(
      settings,
      fenceStatements(layers, settings),
      escapesOf(subnets, settings.local),
    ),
    origin,
    originOf: (...keys) => layerOf(...keys)?.origin,
    fileOf: (...keys) => {
      const layer = layerOf(...keys);
      return layer?.isFile === true ? layer.origin : undefined;
    },
    subnets,
    warnings: subnets.flatMap(escapeWarnings),
  };
}

/** A file, or how many in which folder; undefined where no fence is stated. */
function originOfFences(layers: readonly Layer[]): string | undefined {
  const origins = layersStating('fence', layers)
    .filter(({ settings }) => settings.fence?.length !== 0)
    .map((layer) => layer.origin);
  const folders = [...new Set(origins.map(dirname))];
  const places = folders.map((folder) => {
    const [first = '', ...more] = origins.filter((origin) => dirname(origin) === folder);
    return more.length === 0 ? first : `${more.length + 1} files in ${folder}`;
  });
  return places.length === 0 ? undefined : formatList(places);
}

/** Without the folders, and with escapes as they were understood, so that a warning about them is given once. */
function inCanonicalForm(settings: Settings, escapes: string[]): Settings {
  const { cache_dir: _cache, state_dir: _state, ...stated } = settings;
  return stated.allow_subnets === undefined ? stated : { ...stated, allow_subnets: escapes };
}

/** Of what always gets in, and of fences, the strongest layer counts; files add up. */
function layersStating(name: 'allow_subnets' | 'fence', layers: readonly Layer[]): Layer[] {
  const stating = layers.filter(({ settings }) => settings[name] !== undefined);
  const [first] = stating;
  return first?.isFile === true ? stating.filter(({ isFile }) => isFile === true) : stating.slice(0, 1);
}

/**
 * Returns what layers say together, the strongest first. allow and deny are one setting, which ports and interfaces are
 * part of: a stronger layer's allow silences a weaker layer's deny, and its ports. allow_subnets of files add up, and
 * their fences.
 */
export function mergeLayers(layers: readonly Layer[]): Settings {
  const merged: Settings = {};
  for (const { settings } of layers) {
    const { allow, deny, ports, interfaces, ...rest } = settings;
    const isSettled = merged.allow !== undefined || merged.deny !== undefined;
    const main = isSettled ? {} : defined({ allow, deny, ports, interfaces });
    Object.assign(merged, { ...rest, ...main, ...merged });
  }
  const escapes = layersStating('allow_subnets', layers).flatMap(
    ({ settings }) => settings.allow_subnets ?? [],
  );
  const fences = layersStating('fence', layers).flatMap(({ settings }) => settings.fence ?? []);
  return {
    ...merged,
    ...(merged.allow_subnets === undefined ? {} : { allow_subnets: escapes }),
    ...(merged.fence === undefined ? {} : { fence: fences }),
  };
}

/** The fence at the top level first. */
function fenceStatements(
  layers: readonly Layer[],
  { allow, deny, ports, interfaces }: Settings,
): FenceStatement[] {
  const origin = layers.find(({ settings }) => (settings.allow ?? settings.deny) !== undefined)?.origin;
  const main = { name: MAIN_FENCE, allow, deny, ports, interfaces };
  const others = layersStating('fence', layers).flatMap((layer) =>
    (layer.settings.fence ?? []).map((fence, i) => ({ fence, where: placeOf(layer, i) })),
  );
  return origin === undefined ? others : [{ fence: main, where: origin }, ...others];
}

const placeOf = ({ origin, fenceLines }: Layer, i: number): string =>
  fenceLines?.[i] === undefined ? origin : `${origin}:${fenceLines[i]}`;

/** Undefined where nobody states a fence. */
async function buildPolicy(
  settings: SettledSettings,
  statements: readonly FenceStatement[],
  escapes: ReadonlyMap<Family, Bounds>,
): Promise<Policy | undefined> {
  const { allow, deny } = settings;
  if (allow !== undefined && deny !== undefined) {
    throw new UsageError('Cannot use --allow and --deny together: a policy has one of the two');
  }
  if (statements.length === 0) return undefined;
  return {
    fences: await buildFences(statements, settings.log_drops),
    families: settings.ipv6 ? families : [ipv4],
    escapes,
    dropsEarly: settings.early_drop,
    extraEntries: extraEntriesOf(settings.max_extra_entries_percent),
  };
}

const extraEntriesOf = (percent: number): Policy['extraEntries'] => ({
  share: percent / 100,
  count: percent === 0 ? 0 : usualExtraEntries.count,
});

/** Only who states such networks waits for ip-cidr to be loaded. */
async function readSubnets(stated: readonly Layer[]): Promise<TypedNetwork[]> {
  const texts = stated.flatMap(({ origin, settings }) =>
    (settings.allow_subnets ?? []).flatMap(wordsIn).map((text) => ({ origin, text })),
  );
  if (texts.length === 0) return [];
  const { parseNetwork } = await import('./network.ts');
  return texts.map(({ origin, text }) => parseNetwork(text, `ALLOWSUBNET from ${origin}`));
}

/** What always gets through. */
const escapesOf = (subnets: readonly TypedNetwork[], local: boolean): Policy['escapes'] =>
  new Map(
    families.map((family) => [
      family,
      unionAll(family, [
        ...subnets.filter((network) => network.family === family).map(({ bounds }) => bounds),
        ...(local ? [sparedBounds(family)] : []),
      ]),
    ]),
  );

/** What to say about how an escape was written. */
const escapeWarnings = ({ family, length, warning }: TypedNetwork): string[] => [
  ...(warning === undefined ? [] : [warning]),
  ...(length === 0 ? [`ALLOWSUBNET holds all of ${family.label}: nothing of it is fenced`] : []),
];
