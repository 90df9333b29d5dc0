import { UsageError } from '../errors.ts';
import type { Bounds } from '../ip/bounds.ts';
import { unionAll } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { families, ipv4 } from '../ip/family.ts';
import type { Policy } from '../plan/policy.ts';
import { localBounds } from '../zones/local.ts';
import { selectCountries } from '../zones/select.ts';
import { parseNetwork } from './address.ts';
import type { Settings, SettledSettings } from './settings.ts';
import { defaults, defined } from './settings.ts';

/** Settings, and where they were stated, as a person would say it: "flags", "/etc/geofence/geofence.toml". */
export interface Layer {
  readonly origin: string;
  readonly settings: Settings;
  readonly isFile?: true;
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
  /** Which layer the mode is from. */
  readonly origin: string | undefined;
  /** Which layer a setting is from; undefined for a default. */
  readonly originOf: (key: keyof Settings) => string | undefined;
  readonly warnings: readonly string[];
}

/** Settles the layers, the strongest first: each setting is taken from the first layer that has it. */
export function resolveConfig(layers: readonly Layer[]): Config {
  const merged = mergeLayers(layers);
  const settings: SettledSettings = { ...defaults, ...merged };
  const originOf = (...keys: (keyof Settings)[]): string | undefined =>
    layers.find((layer) => keys.some((key) => layer.settings[key] !== undefined))?.origin;
  const { escapes, texts, warnings } = readEscapes(settings, originOf('allow_subnets') ?? '');
  const origin = originOf('allow', 'deny');
  return {
    settings: { ...settings, allow_subnets: texts },
    stated: inCanonicalForm(merged, texts),
    byHand: inCanonicalForm(mergeLayers(layers.filter(({ isFile }) => isFile !== true)), texts),
    policy: buildPolicy(settings, escapes, origin ?? ''),
    origin,
    originOf,
    warnings,
  };
}

/** Without the folders, and with escapes as they were understood, so that a warning about them is given once. */
function inCanonicalForm(settings: Settings, escapes: string[]): Settings {
  const { cache_dir: _cache, state_dir: _state, ...stated } = settings;
  return stated.allow_subnets === undefined ? stated : { ...stated, allow_subnets: escapes };
}

/** allow and deny are one setting: a stronger layer's allow silences a weaker layer's deny. */
function mergeLayers(layers: readonly Layer[]): Settings {
  const merged: Settings = {};
  for (const { settings } of layers) {
    const { allow, deny, ...rest } = settings;
    const mode = merged.allow === undefined && merged.deny === undefined ? defined({ allow, deny }) : {};
    Object.assign(merged, { ...rest, ...mode, ...merged });
  }
  return merged;
}

function buildPolicy(
  settings: SettledSettings,
  escapes: ReadonlyMap<Family, Bounds>,
  origin: string,
): Policy | undefined {
  const { allow, deny } = settings;
  if (allow !== undefined && deny !== undefined) {
    throw new UsageError('Cannot use --allow and --deny together: a policy has one of the two');
  }
  const selectors = allow ?? deny;
  if (selectors === undefined) return undefined;
  const countries = selectCountries(selectors, origin);
  const mode = allow === undefined ? 'deny' : 'allow';
  if (countries.length === 0) {
    throw new UsageError(`Cannot use ${mode} "${selectors.join(' ')}" from ${origin}: it names no country`);
  }
  return {
    fences: [{ name: 'main', mode, countries }],
    families: settings.ipv6 ? families : [ipv4],
    escapes,
    logDrops: settings.log_drops,
    dropsEarly: settings.early_drop,
    extraEntries: settings.max_extra_entries_percent / 100,
  };
}

/** What always gets through, by family, and what to say about how it was written. */
function readEscapes(
  { allow_subnets: subnets, local }: SettledSettings,
  origin: string,
): { escapes: ReadonlyMap<Family, Bounds>; texts: string[]; warnings: string[] } {
  const networks = subnets
    .flatMap((text) => text.split(/[\s,]+/))
    .filter((text) => text !== '')
    .map((text) => parseNetwork(text, `ALLOWSUBNET from ${origin}`));
  const ofFamily = (family: Family): Bounds[] => [
    ...networks.filter((network) => network.family === family).map(({ bounds }) => bounds),
    ...(local ? [localBounds(family)] : []),
  ];
  const warnings = networks.flatMap(({ family, length, warning }) => [
    ...(warning === undefined ? [] : [warning]),
    ...(length === 0 ? [`ALLOWSUBNET holds all of ${family.label}: nothing of it is fenced`] : []),
  ]);
  return {
    texts: networks.map(({ text }) => text),
    escapes: new Map(families.map((family) => [family, unionAll(family, ofFamily(family))])),
    warnings,
  };
}
