import { dirname } from 'node:path';
import { GeofenceError, exitCodes, messageOf } from '../errors.ts';
import type { FileChange } from './change.ts';
import { changeToInstall, changeToRemove, isTodo } from './change.ts';
import type { InstalledFile } from './installation.ts';
import type { BootHook } from '../host/rule-loaders.ts';
import type { Scheduler } from './scheduler.ts';
import type { Systemctl, SystemctlCalls } from './systemctl.ts';
import { disableCalls, enableCalls, enablementLinks, noCalls } from './systemctl.ts';
import type { Run } from '../system/run.ts';
import { isSystemdRunning } from '../system/this-program.ts';
import type { Tree, TreeFile } from '../system/tree.ts';
import { makeFolders, notePrefix } from './installed.ts';

/** All that installing or uninstalling does outside the kernel, as a value: looked at, then carried out. */
export interface InstallPlan extends SystemctlCalls {
  /** Where an installation goes; undefined for uninstalling. */
  readonly prefix?: string;
  /** Folders to be there. */
  readonly folders: readonly string[];
  readonly changes: readonly FileChange[];
}

interface InstallRequest {
  readonly prefix: string;
  readonly files: readonly InstalledFile[];
  /** Removed after the others are written. */
  readonly stale: readonly InstalledFile[];
  readonly folders: readonly string[];
  readonly schedule: Scheduler;
  /** The places in the boot of a host without systemd that it has. */
  readonly hooks: readonly BootHook[];
}

/**
 * What installing would do in a tree, which is only read. Files of a schedule that is not wanted are taken away: two
 * would do everything twice. Throws GeofenceError where somebody else's file is in the place of ours.
 */
export async function planInstall(
  tree: Tree,
  { prefix, files, stale, folders, schedule, hooks }: InstallRequest,
): Promise<InstallPlan> {
  const changes = [];
  for (const file of files) {
    const found = await lookAt(tree, file);
    const isWanted =
      (file.schedule === undefined || file.schedule === schedule) &&
      (file.hook === undefined || hooks.includes(file.hook));
    changes.push(isWanted ? changeToInstall(file, found) : changeToRemove(file, found, { purge: false }));
  }
  for (const file of stale) changes.push(changeToRemove(file, await lookAt(tree, file), { purge: false }));
  const calls = await systemctlCalls(tree, changes, schedule === 'systemd');
  const missing = [];
  for (const folder of folders) if (!(await tree.has(folder))) missing.push(folder);
  return { prefix, folders: missing, changes, ...calls };
}

const lookAt = async (tree: Tree, { path, kind }: InstalledFile): Promise<TreeFile | undefined> =>
  (kind === 'link' ? await tree.readLink(path) : undefined) ?? (await tree.read(path));

/**
 * What taking these files away would do in a tree, which is only read. Settings, and services that somebody edited,
 * stay unless `purge`.
 */
export async function planUninstall(
  tree: Tree,
  files: readonly InstalledFile[],
  purge: boolean,
): Promise<InstallPlan> {
  const changes = [];
  for (const file of files) changes.push(changeToRemove(file, await lookAt(tree, file), { purge }));
  return { folders: [], changes, ...(await systemctlCalls(tree, changes, false)) };
}

/** In a staged folder, and where systemd does not run, there is nobody to tell. */
async function systemctlCalls(
  tree: Tree,
  changes: readonly FileChange[],
  isWanted: boolean,
): Promise<SystemctlCalls> {
  if (tree.root !== '/' || !isSystemdRunning()) return noCalls;
  const units = changes.filter(({ file }) => file.schedule === 'systemd');
  return isWanted ? enableCalls(units, await areLinked(tree, units)) : disableCalls(units);
}

async function areLinked(tree: Tree, units: readonly FileChange[]): Promise<boolean> {
  for (const { file } of units)
    for (const link of enablementLinks(file)) if (!(await tree.has(link))) return false;
  return true;
}

/** Whether carrying out the plan would change anything. */
export const hasWork = ({ folders, changes, before, after }: InstallPlan): boolean =>
  changes.some(isTodo) || [folders, before, after].some(({ length }) => length > 0);

/** The path that people are told of a file: of those of the program only their folder. */
export const shownPath = ({ path, folder }: InstalledFile): string =>
  folder === undefined ? path : `${folder}/`;

/** Files of services that somebody edited go here. */
const savedPath = (path: string): string => `${path}.saved`;

/** What it takes to carry out a plan. */
export interface InstallTools {
  readonly tree: Tree;
  readonly run: Run;
  /** Is told each call of systemctl. */
  readonly info: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Carries out the plan. When that fails part-way it throws a GeofenceError whose hint tells what was done; the same
 * plan, made anew, goes on from there.
 */
export async function runInstall(plan: InstallPlan, tools: InstallTools): Promise<void> {
  const { tree, signal } = tools;
  const done = new Set<string>();
  try {
    await callSystemctl(plan.before, tools);
    if (plan.prefix !== undefined) await notePrefix(tree, plan.prefix);
    await makeFolders(tree, plan.folders);
    for (const change of plan.changes.filter(isTodo)) {
      signal.throwIfAborted();
      await applyFileChange(tree, change);
      done.add(shownPath(change.file));
    }
    await callSystemctl(plan.after, tools);
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

/** Calls systemctl(1) once for each list of arguments, in order; throws CommandError at the first that fails. */
export async function callSystemctl(
  calls: readonly Systemctl[],
  { run, info }: Pick<InstallTools, 'run' | 'info'>,
): Promise<void> {
  for (const call of calls) {
    info(`[#] systemctl ${call.join(' ')}`);
    await run('systemctl', call);
  }
}
