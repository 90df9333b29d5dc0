import type { BootFacts } from '../host/boot-facts.ts';
import { readBoot } from './read-boot.ts';
import { isTodo } from './change.ts';
import { readInstallation } from './installation.ts';
import { programPath } from './manifest.ts';
import type { ScheduleChoice } from './scheduler.ts';
import { realPath, thisProgram } from '../system/this-program.ts';
import { Tree } from '../system/tree.ts';
import { readInstalled } from './installed.ts';
import type { InstallPlan } from './run-install.ts';
import { planInstall, shownPath } from './run-install.ts';
import type { Folders } from './choose-schedule.ts';
import { chooseSchedule, requireFolders } from './choose-schedule.ts';

/** Where npm puts commands too. */
const usualPrefixes = ['/usr/local', '/usr'];

/** What is to do for a schedule. */
export interface PlannedSchedule {
  readonly tree: Tree;
  readonly plan: InstallPlan;
  /** What it writes, renames or removes, as people are told: of the program only its folder. */
  readonly paths: readonly string[];
  /** What the host loads at boot, once this is done. */
  readonly boot: BootFacts;
}

/**
 * What lets systemd or cron run geofence every week and at boot, as things are on this host, which is only read. The
 * program that they start is installed with them, where it is not already. Throws GeofenceError when they could not run
 * it, or would not find the zones and policy of this configuration.
 */
export async function planSchedule(config: Folders, schedule: ScheduleChoice): Promise<PlannedSchedule> {
  const tree = new Tree('/');
  const { path } = thisProgram();
  const prefix =
    (await readInstalled(tree)).prefix ??
    usualPrefixes.find((candidate) => realPath(programPath(candidate)) === path) ??
    '/usr/local';
  const chosen = await chooseSchedule(tree, programPath(prefix), schedule);
  requireFolders(config, chosen, true);
  const { program, artifacts, stale } = await readInstallation(tree, prefix);
  const boot = await readBoot(chosen, tree);
  const plan = await planInstall(tree, {
    prefix,
    files: [...program, ...artifacts.filter((file) => file.schedule !== undefined)],
    stale,
    folders: [],
    schedule: chosen,
    hooks: boot.loaders.hooks,
  });
  const paths = new Set(plan.changes.filter(isTodo).map(({ file }) => shownPath(file)));
  return { tree, plan, paths: [...paths], boot };
}
