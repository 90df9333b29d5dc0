import type { LoadedConfig } from './load.ts';
import type { Settings } from './settings.ts';

const options: Readonly<Partial<Record<keyof Settings, string>>> = {
  allow: '--allow',
  deny: '--deny',
  allow_subnets: '--allow-subnet',
  ipv6: '--ipv4-only',
  local: '--no-local',
  log_drops: '--log-drops',
};

/** The options that say otherwise than the configuration file, which the next run without them goes by. */
export const overriddenOptions = ({ filePolicy, stated, originOf }: LoadedConfig): string[] =>
  filePolicy === undefined
    ? []
    : Object.entries(options)
        .filter(([key]) => originOf(key as keyof Settings) === 'the command line')
        .filter(([key]) => textOf(filePolicy, key) !== textOf(stated, key))
        .map(([, option]) => option);

const textOf = (settings: Settings, key: string): string =>
  JSON.stringify(settings[key as keyof Settings] ?? null).toUpperCase();
