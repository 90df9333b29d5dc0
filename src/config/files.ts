import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError, codeOf } from '../errors.ts';
import { fileReason } from '../system/files.ts';
import type { OwnRole } from './own-role.ts';
import type { Escape } from './parse.ts';
import type { Settings } from './settings.ts';

/** What a file of the configuration is: one that a person wrote, or one of our own beside it. */
export type FileRole = 'config' | OwnRole | 'further-fence';

/** A file of the configuration, and what it says. */
export interface ConfigFile {
  readonly role: FileRole;
  readonly path: string;
  readonly text: string;
  readonly settings: Settings;
  /** Of escapes.toml, those that have ended included. */
  readonly escapes: readonly Escape[];
}

export interface ConfigFileOptions {
  /** Where the configuration file is, or would be. */
  readonly path: string;
  /** Whether the configuration file has to be there, or one of our own beside it. */
  readonly isNeeded: boolean;
  /** What files of our own are about to hold; undefined: to be removed. */
  readonly drafts: ReadonlyMap<string, string | undefined>;
  /** For escapes that end. */
  readonly now: number;
}

export interface ReadFiles {
  readonly files: readonly ConfigFile[];
  /** What is wrong with the others, one for a file. */
  readonly errors: readonly UsageError[];
}

const FENCES = 'fences.d';
const MAIN = 'main.toml';

/** Returns where the files of our own are: beside the configuration file `configFile`, which need not exist. */
export const ownPaths = (configFile: string): Record<OwnRole, string> => {
  const folder = dirname(configFile);
  return {
    fence: join(folder, FENCES, MAIN),
    escapes: join(folder, 'escapes.toml'),
    settings: join(folder, 'settings.toml'),
  };
};

/**
 * Reads the configuration file and those of our own beside it, or the drafts in their place. Returns those that can be
 * used, and a UsageError for each that cannot; none that is missing is an error unless `isNeeded` and all are.
 */
export async function readConfigFiles(options: ConfigFileOptions): Promise<ReadFiles> {
  const { path } = options;
  const own = ownPaths(path);
  const taken = Object.values(own).find((candidate) => resolve(candidate) === resolve(path));
  if (taken !== undefined)
    return {
      files: [],
      errors: [new UsageError(`Cannot use configuration "${path}": that name is for what geofence writes`)],
    };
  const files: ConfigFile[] = [];
  const errors: UsageError[] = [];
  const attempt = async (work: () => Promise<ConfigFile | undefined>): Promise<void> => {
    try {
      const file = await work();
      if (file !== undefined) files.push(file);
    } catch (error) {
      // What is wrong with one file is no reason not to look at the others.
      if (!(error instanceof UsageError)) throw error;
      errors.push(error);
    }
  };
  for (const [role, place] of placesOf(path, own, options.drafts))
    await attempt(async () => await readOne(role, place, options));
  if (options.isNeeded && files.length === 0 && errors.length === 0) errors.push(noSuchFile(path));
  return { files, errors };
}

/** Every file that may state something, or is about to; of fences.d those that end in ".toml", in the order of their names. */
function placesOf(
  path: string,
  own: Readonly<Record<OwnRole, string>>,
  drafts: ConfigFileOptions['drafts'],
): [FileRole, string][] {
  const folder = dirname(own.fence);
  const found = readIfThere(folder, (place) => readdirSync(place)) ?? [];
  const drafted = [...drafts.keys()]
    .filter((place) => dirname(place) === folder)
    .map((place) => basename(place));
  const others = [...new Set([...found, ...drafted])]
    .filter((name) => name !== MAIN && /^[^.].*\.toml$/.test(name))
    .sort();
  return [
    ['config', path],
    ...(Object.entries(own) as [OwnRole, string][]),
    ...others.map((name): [FileRole, string] => ['further-fence', join(folder, name)]),
  ];
}

async function readOne(
  role: FileRole,
  path: string,
  { drafts, now }: ConfigFileOptions,
): Promise<ConfigFile | undefined> {
  const text = drafts.has(path) ? drafts.get(path) : readIfThere(path, (file) => readFileSync(file, 'utf8'));
  if (text === undefined) return undefined;
  const parser = await import('./parse.ts');
  switch (role) {
    case 'config':
      return { role, path, text, settings: parser.parseConfig(path, text), escapes: [] };
    case 'fence':
      return { role, path, text, settings: parser.parseFence(path, text), escapes: [] };
    case 'further-fence': {
      const settings = parser.parseFenceFile(path, text, basename(path, '.toml'));
      return { role, path, text, settings, escapes: [] };
    }
    case 'settings':
      return { role, path, text, settings: parser.parseOthers(path, text), escapes: [] };
    case 'escapes': {
      const escapes = parser.parseEscapes(path, text);
      return { role, path, text, settings: settingsOfEscapes(escapes, now), escapes };
    }
  }
}

const settingsOfEscapes = (escapes: readonly Escape[], now: number): Settings => {
  const left = escapes.filter((escape) => isInForce(escape, now));
  return left.length === 0 ? {} : { allow_subnets: left.map(({ cidr }) => cidr) };
};

/** Whether an escape has not ended at `now`, in milliseconds since the epoch. */
export const isInForce = ({ until }: Escape, now: number): boolean =>
  until === undefined || Date.parse(until) > now;

/** Synchronous: through the thread pool four files take longer than all else that is done with them. */
function readIfThere<T>(path: string, read: (path: string) => T): T | undefined {
  try {
    return read(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UsageError(`Cannot read configuration "${path}": ${fileReason(error)}`);
  }
}

const noSuchFile = (path: string): UsageError =>
  new UsageError(`Cannot read configuration "${path}": no such file`);
