import { dirname } from 'node:path';
import { GeofenceError, exitCodes, messageOf } from '../errors.ts';
import type { FileChange, FoundFile } from './change.ts';
import { changeToInstall, changeToRemove } from './change.ts';
import type { InstalledFile } from './installation.ts';
import type { Schedule } from './schedules.ts';
import { disableSteps, enableSteps, parseUnits, showUnits } from './systemctl.ts';
import { isSystemdRunning } from '../system/this-program.ts';
import type { Tree } from '../system/tree.ts';
import type { Context } from '../context/context.ts';
import { makeFolders, notePrefix } from './installed.ts';

type Systemctl = readonly string[];

/** All that installing or uninstalling does outside the kernel, as a value: looked at, then carried out. */
export interface InstallPlan {
  /** Where an installation goes; undefined for uninstalling. */
  readonly prefix?: string;
  /** Folders to be there. */
  readonly folders: readonly string[];
  readonly changes: readonly FileChange[];
  /** Calls of systemctl before the files change, and after. */
  readonly before: readonly Systemctl[];
  readonly after: readonly Systemctl[];
}

interface InstallRequest {
  readonly prefix: string;
  readonly files: readonly InstalledFile[];
  /** Removed after the others are written. */
  readonly stale: readonly InstalledFile[];
  readonly folders: readonly string[];
  readonly schedule: Schedule;
}

/** Files of a schedule that is not wanted are taken away: two would do everything twice. */
export async function planInstall(
  context: Context,
  tree: Tree,
  { prefix, files, stale, folders, schedule }: InstallRequest,
): Promise<InstallPlan> {
  const changes = [];
  for (const file of files) {
    const found = await lookAt(tree, file);
    const isWanted = file.schedule === undefined || file.schedule === schedule;
    changes.push(isWanted ? changeToInstall(file, found) : changeToRemove(file, found, { purge: false }));
  }
  for (const file of stale) changes.push(changeToRemove(file, await lookAt(tree, file), { purge: false }));
  const steps = await systemctlSteps(context, tree, changes, schedule === 'systemd');
  const missing = [];
  for (const folder of folders) if (!(await tree.has(folder))) missing.push(folder);
  return { prefix, folders: missing, changes, ...steps };
}

const lookAt = async (tree: Tree, { path, kind }: InstalledFile): Promise<FoundFile | undefined> =>
  (kind === 'link' ? await tree.readLink(path) : undefined) ?? (await tree.read(path));

export async function planUninstall(
  context: Context,
  tree: Tree,
  files: readonly InstalledFile[],
  purge: boolean,
): Promise<InstallPlan> {
  const changes = [];
  for (const file of files) changes.push(changeToRemove(file, await lookAt(tree, file), { purge }));
  const steps = await systemctlSteps(context, tree, changes, false);
  return { folders: [], changes, ...steps };
}

/** In a staged folder, and where systemd does not run, there is nobody to tell. */
async function systemctlSteps(
  { system }: Context,
  tree: Tree,
  changes: readonly FileChange[],
  isWanted: boolean,
): Promise<Pick<InstallPlan, 'before' | 'after'>> {
  const units = changes.filter(({ file }) => file.schedule === 'systemd').filter(isTodo);
  if (tree.root !== '/' || !isSystemdRunning()) return { before: [], after: [] };
  if (!isWanted && units.length === 0) return { before: [], after: [] };
  const { stdout } = await system.run('systemctl', showUnits);
  const found = parseUnits(stdout.toString());
  return isWanted
    ? { before: [], after: enableSteps(found, units.length > 0) }
    : disableSteps(found, units.length > 0);
}

export const isTodo = ({ action }: FileChange): boolean => action !== 'nothing' && action !== 'keep';

export const hasWork = ({ folders, changes, before, after }: InstallPlan): boolean =>
  changes.some(isTodo) || [folders, before, after].some(({ length }) => length > 0);

/** What is told of a file: of those of the program only their folder. */
export const shownPath = ({ path, folder }: InstalledFile): string =>
  folder === undefined ? path : `${folder}/`;

/** Files of services that somebody edited go here. */
const savedPath = (path: string): string => `${path}.saved`;

/** Carries it out; when that fails part-way, the error tells what was done. */
export async function runInstall(context: Context, tree: Tree, operation: InstallPlan): Promise<void> {
  const done = new Set<string>();
  try {
    await callSystemctl(context, operation.before);
    if (operation.prefix !== undefined) await notePrefix(tree, operation.prefix);
    await makeFolders(tree, operation.folders);
    for (const change of operation.changes.filter(isTodo)) {
      context.signal.throwIfAborted();
      await applyFileChange(tree, change);
      done.add(shownPath(change.file));
    }
    await callSystemctl(context, operation.after);
  } catch (error) {
    throw new GeofenceError(messageOf(error), {
      exitCode: error instanceof GeofenceError ? error.exitCode : exitCodes.failed,
      hint: `${done.size === 0 ? 'no file was changed' : `done before: ${[...done].join(', ')}`}; the same command goes on`,
      cause: error,
    });
  }
}

async function applyFileChange(tree: Tree, { file, action, before, after }: FileChange): Promise<void> {
  if (action === 'save') return await tree.rename(file.path, savedPath(file.path));
  if (after === undefined) return await tree.remove(file.path);
  await makeFolders(tree, [dirname(file.path)]);
  if (file.kind === 'link') return await tree.link(file.path, after);
  const isTheirs = file.kind === 'block' && before !== undefined;
  await tree.write(file.path, after, isTheirs ? undefined : file.mode);
}

export async function callSystemctl({ system, info }: Context, steps: readonly Systemctl[]): Promise<void> {
  for (const step of steps) {
    info(`[#] systemctl ${step.join(' ')}`);
    await system.run('systemctl', step);
  }
}
