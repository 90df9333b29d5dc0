import { hostFolders } from '../config/folders.ts';
import type { StatedConfig } from '../config/stated-config.ts';
import { GeofenceError } from '../errors.ts';
import type { Scheduler, ScheduleChoice } from './scheduler.ts';
import { isSystemdRunning, realPath, thisProgram } from '../system/this-program.ts';
import type { Tree } from '../system/tree.ts';

/** Folders that ProtectHome= and PrivateTmp= hide from the services, and their user could not enter. */
const HIDDEN = /^\/(home|root|run\/user|tmp|var\/tmp)\//;

/** Where a run keeps zones and state, and which file says so. */
export type Folders = Pick<StatedConfig, 'cacheDir' | 'fileOf'> & {
  readonly memory: { readonly dir: string };
};

/**
 * The schedule that was asked for, or that of the host. Throws GeofenceError for one that could not start `program`, the
 * path of geofence, on this host.
 */
export async function chooseSchedule(
  tree: Tree,
  program: string,
  asked: ScheduleChoice = 'auto',
): Promise<Scheduler> {
  const schedule = asked === 'auto' ? (isSystemdRunning() ? 'systemd' : 'cron') : asked;
  if (schedule === 'none' || tree.root !== '/') return schedule;
  const { node, isNodeUsual, path } = thisProgram();
  if (!isNodeUsual && (await tree.linkTarget(program)) === path) {
    throw new GeofenceError(
      `Cannot let ${schedule} run "${program}": it looks for Node.js in usual folders`,
      {
        hint: `npm put it there, to be started by whatever is called node: ln -s ${node} /usr/local/bin/node`,
      },
    );
  }
  const hidden = [node, realPath(program) ?? program].find((file) => HIDDEN.test(file));
  if (schedule === 'cron' || hidden === undefined) return schedule;
  throw new GeofenceError(`Cannot let systemd run "${hidden}": its services may not look into that folder`, {
    hint: 'install Node.js for all users ("apt-get install nodejs") and use it, or say --schedule cron',
  });
}

/**
 * Throws GeofenceError for a schedule whose runs, which are told nothing, would look for zones and policy elsewhere than
 * this run does, or where the units may not write. Folders of the command line and of a checkout do not matter while
 * nothing is `inForce`.
 */
export function requireFolders(
  { cacheDir, memory, fileOf }: Folders,
  schedule: Scheduler,
  inForce: boolean,
): void {
  const file = fileOf('cache_dir') ?? fileOf('state_dir');
  const isOfFile = file !== undefined;
  const isUsual = cacheDir === hostFolders.cache && memory.dir === hostFolders.state;
  if (schedule === 'none' || isUsual || (isOfFile ? schedule === 'cron' : !inForce)) return;
  const usual = `${hostFolders.cache} and ${hostFolders.state}`;
  const reason = isOfFile
    ? `its units only write to ${usual}, and "${file}" says otherwise`
    : `it would look in ${usual}, and zones and policy are in "${cacheDir}" and "${memory.dir}"`;
  throw new GeofenceError(`Cannot let ${schedule} run geofence: ${reason}`, {
    hint: isOfFile
      ? 'take cache_dir and state_dir out, or say --schedule cron'
      : 'use the installed geofence, without --cache-dir',
  });
}
