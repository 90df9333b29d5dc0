import type { BootFacts } from '../host/boot-facts.ts';
import { readBootFacts } from '../host/boot-facts.ts';
import { listFolder, readText } from '../system/files.ts';
import { Tree } from '../system/tree.ts';
import type { Scheduler } from './scheduler.ts';
import { isSystemdRunning } from '../system/this-program.ts';

/**
 * Looks at what the host of `tree` loads at boot, and what of ours makes our sets before: once `schedule` is installed
 * there, or as things are when it is undefined. What cannot be read counts as nothing.
 */
export async function readBoot(schedule: Scheduler | undefined, tree = new Tree('/')): Promise<BootFacts> {
  const host = {
    readText: async (path: string) => await readText(tree.at(path)),
    listFolder: (path: string) => Promise.resolve(listFolder(tree.at(path))),
  };
  const isSystemd = tree.root === '/' ? isSystemdRunning() : schedule === 'systemd';
  const facts = await readBootFacts(host, isSystemd);
  if (schedule === undefined) return facts;
  return {
    ...facts,
    hasUnit: isSystemd && schedule === 'systemd',
    hooked: schedule === 'cron' ? facts.loaders.hooks : [],
  };
}
