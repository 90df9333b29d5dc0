import { GeofenceError } from '../errors.ts';
import { readInstallation } from '../install/installation.ts';
import { ownFolders, programPath } from '../install/manifest.ts';
import { installationJson, installationRows } from '../report/installation.ts';
import { withConsent } from '../install/confirmed-task.ts';
import type { Context } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { bootWarnings } from '../health/boot-warnings.ts';
import { readBoot } from '../install/read-boot.ts';
import { openTree } from '../install/open-tree.ts';
import { readInstalled } from '../install/installed.ts';
import { runInstall, hasWork, planInstall } from '../install/run-install.ts';
import type { ParsedOptions } from '../context/parsed-options.ts';
import { chooseSchedule, requireFolders } from '../install/choose-schedule.ts';

/**
 * Puts program, manual, completions, configuration and schedule in their places, once somebody agreed. Throws
 * GeofenceError where the host cannot run the schedule, and UsageError where nobody can be asked.
 */
export async function install(context: Context, options: ParsedOptions): Promise<Outcome> {
  const { config, flags, system, info, signal } = context;
  const tree = openTree(options.root, { isDryRun: flags.dryRun, isRoot: system.isRoot });
  const { prefix: former } = await readInstalled(tree);
  const prefix = options.prefix ?? former ?? '/usr/local';
  if (former !== undefined && former !== prefix) {
    throw new GeofenceError(`Cannot install to "${prefix}": geofence is installed in "${former}"`, {
      hint: 'run "geofence uninstall" first',
    });
  }
  const schedule = await chooseSchedule(tree, programPath(prefix), options.schedule);
  if (tree.root === '/') requireFolders(config, schedule, false);
  const { program, artifacts, stale } = await readInstallation(tree, prefix);
  const boot = await readBoot(schedule, tree);
  const plan = await planInstall(tree, {
    prefix,
    files: [...program, ...artifacts],
    stale,
    folders: ownFolders,
    schedule,
    hooks: boot.loaders.hooks,
  });
  const report = {
    changes: plan.changes,
    made: plan.folders,
    removed: [],
    systemctl: [...plan.before, ...plan.after],
    warnings: bootWarnings(boot),
  };
  const isSetUp = tree.root !== '/' || config.policy !== undefined;
  return await withConsent(
    {
      rows: installationRows(report),
      json: installationJson(report),
      isNeeded: hasWork(plan),
      isAgreed: options.yes === true,
      isDryRun: flags.dryRun,
      question: 'Install this?',
      work: async () => await runInstall(plan, { tree, run: system.run, info, signal }),
      done: `geofence is installed${isSetUp ? '' : '; to set it up: geofence init'}`,
      nothing: 'nothing, everything is as it should be',
    },
    { system, info, signal },
  );
}
