import { readInstallation } from './installation.ts';
import { programPath } from './manifest.ts';
import type { ScheduleChoice } from './schedules.ts';
import { realPath, thisProgram } from '../system/this-program.ts';
import { Tree } from '../system/tree.ts';
import type { Context } from '../context/context.ts';
import { readInstalled } from './installed.ts';
import type { InstallPlan } from './run-install.ts';
import { isTodo, planInstall, shownPath } from './run-install.ts';
import { chooseSchedule, requireFolders } from './schedule.ts';

/** Where npm puts commands too. */
const prefixes = ['/usr/local', '/usr'];

/** What is to do for a schedule. */
export interface PlannedSchedule {
  readonly tree: Tree;
  readonly operation: InstallPlan;
  /** The paths it writes. */
  readonly paths: readonly string[];
}

/**
 * What lets systemd or cron run geofence every week and at boot; throws when they could not. The program that they start
 * is installed with them, where it is not already.
 */
export async function planSchedule(context: Context, schedule: ScheduleChoice): Promise<PlannedSchedule> {
  const tree = new Tree('/');
  const { path } = thisProgram();
  const prefix =
    (await readInstalled(tree)).prefix ??
    prefixes.find((candidate) => realPath(programPath(candidate)) === path) ??
    '/usr/local';
  const chosen = await chooseSchedule(tree, programPath(prefix), schedule);
  requireFolders(context, chosen, true);
  const { program, artifacts, stale } = await readInstallation(tree, prefix);
  const operation = await planInstall(context, tree, {
    prefix,
    files: [...program, ...artifacts.filter((file) => file.schedule !== undefined)],
    stale,
    folders: [],
    schedule: chosen,
  });
  const paths = new Set(operation.changes.filter(isTodo).map(({ file }) => shownPath(file)));
  return { tree, operation, paths: [...paths] };
}
