import { dirname, join } from 'node:path';
import { GeofenceError, UsageError } from '../errors.ts';
import { readText } from '../system/files.ts';
import { realPath, thisProgram } from '../system/this-program.ts';
import type { Tree } from '../system/tree.ts';
import { withInterpreter } from './interpreter.ts';
import type { Artifact, FileKind, Manifest } from './manifest.ts';
import { OPENRC_SERVICE, atPrefix, entryPath, programFolder, programPath } from './manifest.ts';
import type { BootHook } from '../host/rule-loaders.ts';
import { bootHookPaths } from '../host/rule-loaders.ts';
import type { Scheduler } from './scheduler.ts';

/** A file as it shall be. */
export interface InstalledFile {
  readonly path: string;
  readonly mode: number;
  /** Without a newline at the end for a block; of a link where it leads to. */
  readonly text: string;
  readonly kind: FileKind;
  /** The schedule it is of; undefined for what is there with any. */
  readonly schedule?: Exclude<Scheduler, 'none'>;
  /** The place in the boot it is for; installed only where the host has it. */
  readonly hook?: BootHook;
  /** Of the program: the folder that is told in place of its many files. */
  readonly folder?: string;
}

/** Everything that is installed, whatever the schedule: shown, written, compared and removed from these lists. */
export interface Installation {
  /** Empty where npm has put it already, who takes it away again. In the order of writing: the link at the end. */
  readonly program: readonly InstalledFile[];
  readonly artifacts: readonly InstalledFile[];
  /** Files of another version of the program, to be removed. */
  readonly stale: readonly InstalledFile[];
}

/**
 * What this program installs under a prefix, a folder such as /usr/local, and which files of another version in the
 * tree are to go. Reads the folder this program is in; throws UsageError where the build has not made it complete.
 */
export async function readInstallation(tree: Tree, prefix: string): Promise<Installation> {
  const source = dirname(thisProgram().path);
  const manifest = await readManifest(source);
  const program = (await isLinkOfNpm(tree, prefix)) ? [] : await programFiles(tree, prefix, source, manifest);
  const artifacts = [];
  for (const artifact of manifest.artifacts) artifacts.push(await installedFile(artifact, prefix, source));
  artifacts.push(openRcLink);
  return { program, artifacts, stale: await staleFiles(tree, prefix, program) };
}

/** What rc-update(8) would make. */
const openRcLink: InstalledFile = {
  path: bootHookPaths.openrc,
  mode: 0o777,
  text: OPENRC_SERVICE,
  kind: 'link',
  schedule: 'cron',
  hook: 'openrc',
};

const manifestPath = (folder: string): string => join(folder, 'share', 'manifest.json');

async function readManifest(folder: string): Promise<Manifest> {
  const text = await readText(manifestPath(folder));
  if (text !== undefined) return JSON.parse(text) as Manifest;
  throw new UsageError(
    `Cannot install geofence out of "${folder}": no "${manifestPath(folder)}" is there`,
    'install the whole folder dist that "npm run build" makes',
  );
}

/** A file of dist as it is; the build has made them all. */
async function distText(path: string): Promise<string> {
  const text = await readText(path);
  if (text !== undefined) return text;
  throw new GeofenceError(`Cannot install geofence: no "${path}" is there`);
}

async function installedFile(artifact: Artifact, prefix: string, source: string): Promise<InstalledFile> {
  const { mode, kind, schedule, hook, destination } = artifact;
  const text = atPrefix(await distText(join(source, 'share', artifact.source)), prefix);
  return {
    path: atPrefix(destination, prefix),
    mode,
    text: kind === 'block' ? text.trimEnd() : text,
    kind,
    ...(schedule === undefined ? {} : { schedule }),
    ...(hook === undefined ? {} : { hook }),
  };
}

/** Whether what is started is a link to this program that is not ours. */
async function isLinkOfNpm(tree: Tree, prefix: string): Promise<boolean> {
  const target = await tree.linkTarget(programPath(prefix));
  return target === thisProgram().path && target !== realPath(tree.at(entryPath(prefix)));
}

async function programFiles(
  tree: Tree,
  prefix: string,
  source: string,
  { program }: Manifest,
): Promise<InstalledFile[]> {
  const { node, isNodeUsual } = thisProgram();
  const files = [];
  for (const name of program.files)
    files.push(fileOfProgram(prefix, name, await distText(join(source, name))));
  const entry = files.pop()!;
  // What is staged may be for another host: there `env` has to find an unusual one.
  const text = tree.root === '/' || isNodeUsual ? withInterpreter(entry.text, node) : entry.text;
  const link = `../${programFolder('')}/${program.entry}`.replace('//', '/');
  return [
    ...files,
    // By the mark in it we know the folder.
    { ...entry, text, mode: 0o755, kind: 'whole' },
    { path: programPath(prefix), mode: 0o777, text: link, kind: 'link' },
  ];
}

const fileOfProgram = (prefix: string, name: string, text: string): InstalledFile => ({
  path: `${programFolder(prefix)}/${name}`,
  mode: 0o644,
  text,
  kind: 'program',
  folder: programFolder(prefix),
});

/** By the manifest of the version that is installed. */
async function staleFiles(
  tree: Tree,
  prefix: string,
  wanted: readonly InstalledFile[],
): Promise<InstalledFile[]> {
  const found = await tree.read(manifestPath(programFolder(prefix)));
  const paths = new Set(wanted.map(({ path }) => path));
  return filesOf(found?.text)
    .map((name) => fileOfProgram(prefix, name, ''))
    .filter(({ path }) => !paths.has(path));
}

/** The files that a manifest on the disk tells, as far as it can be read and they are in its folder. */
function filesOf(text = '{}'): string[] {
  try {
    const { program } = JSON.parse(text) as { program?: { files?: unknown } };
    const files: unknown[] = Array.isArray(program?.files) ? program.files : [];
    return files
      .filter((name) => typeof name === 'string')
      .filter((name) => /^(?!.*\.\.)\w[\w./-]*$/.test(name));
  } catch {
    return [];
  }
}
