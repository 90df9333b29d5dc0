import { UsageError } from '../errors.ts';
import { longOf } from './flags.ts';
import type { StatedConfig } from './stated-config.ts';
import { COMMAND_LINE } from './stated-config.ts';
import type { SettingName, Settings } from './settings.ts';
import { settingRows } from './settings.ts';
import { isSameValue } from './values.ts';

/**
 * Returns the command-line options that say something else about the fence than the files do, which the next run
 * without them goes by. To say the same in other words is nothing else.
 */
export async function overriddenOptions({ filePolicy, stated, originOf }: StatedConfig): Promise<string[]> {
  if (filePolicy === undefined) return [];
  const options: string[] = [];
  for (const [name, { changesFence, flags = [] }] of settingRows) {
    if (!changesFence || originOf(name) !== COMMAND_LINE) continue;
    if (!(await saysTheSame(name, filePolicy, stated))) options.push(...flags.slice(0, 1).map(longOf));
  }
  return options;
}

const saysTheSame = async (name: SettingName, a: Settings, b: Settings): Promise<boolean> =>
  isSameValue(a[name], b[name]) ||
  (name === 'allow_subnets' && (await areSameNetworks(a.allow_subnets, b.allow_subnets)));

async function areSameNetworks(a: readonly string[] = [], b: readonly string[] = []): Promise<boolean> {
  // Takes 5 ms to load.
  const { networksIn } = await import('./network.ts');
  try {
    return isSameValue([...new Set(networksIn(a))], [...new Set(networksIn(b))]);
  } catch (error) {
    // Nobody has read those of the files until now: the command line states others.
    if (error instanceof UsageError) return false;
    throw error;
  }
}
