import { programPath, scheduleFiles } from '../install/installation.ts';
import type { ScheduleChoice } from '../install/schedules.ts';
import { realPath, thisProgram } from '../system/this-program.ts';
import { Tree } from '../system/tree.ts';
import type { Context } from './context.ts';
import { readInstalled } from './installed.ts';
import { carryOut, isTodo, planInstall } from './operation.ts';
import { programText } from './program-text.ts';
import { chooseSchedule, requireFolders } from './schedule.ts';

/** Where npm puts commands too. */
const prefixes = ['/usr/local', '/usr'];

/**
 * Lets systemd or cron run geofence every week and at boot; returns the paths it wrote. The program that they start is
 * installed with them, where it is not already.
 */
export async function installSchedule(context: Context, schedule?: ScheduleChoice): Promise<string[]> {
  const tree = new Tree('/');
  const { path } = thisProgram();
  const prefix =
    (await readInstalled(tree)).prefix ??
    prefixes.find((candidate) => realPath(programPath(candidate)) === path) ??
    '/usr/local';
  const chosen = await chooseSchedule(tree, programPath(prefix), schedule);
  requireFolders(context, chosen, true);
  const operation = await planInstall(context, tree, {
    prefix,
    files: scheduleFiles(prefix, await programText(tree, prefix)),
    folders: [],
    schedule: chosen,
  });
  await carryOut(context, tree, operation);
  return operation.changes.filter(isTodo).map(({ file }) => file.path);
}
