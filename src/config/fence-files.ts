import { dirname, join } from 'node:path';
import { UsageError } from '../errors.ts';
import { listLines } from './conflicts.ts';
import type { ConfigFile } from './files.ts';
import { MAIN_FENCE, requireName } from './fences.ts';
import type { OwnFileChange } from './own-files.ts';
import { ownHeader } from './own-files.ts';
import { ownPaths } from './files.ts';
import { defined } from './settled.ts';
import type { StatedFence } from './stated-fence.ts';
import { COMMAND_LINE } from './stated-config.ts';
import { findStatement } from './statement.ts';
import { renderStatement } from './toml.ts';
import { wordsIn } from './values.ts';

/** The files of the configuration as they were read. */
interface CurrentFiles {
  /** Where the configuration file is, or would be. */
  readonly path: string;
  readonly files: readonly ConfigFile[];
}

/** A further fence, the file that states it, and its place among the tables of that file, from 0. */
export interface FoundFence {
  readonly fence: StatedFence;
  readonly file: ConfigFile;
  readonly nth: number;
}

/** Returns the further fences of all files. */
export const furtherFences = ({ files }: Pick<CurrentFiles, 'files'>): FoundFence[] =>
  files.flatMap((file) => (file.settings.fence ?? []).map((fence, nth) => ({ fence, file, nth })));

/** Where the file of a further fence is, or would be. */
const pathOf = ({ path }: CurrentFiles, name: string): string =>
  join(dirname(ownPaths(path).fence), `${name}.toml`);

/**
 * Returns what the file of a new fence has to hold. Throws UsageError for a name that no fence may have, which might
 * lead out of the folder, and when there is a fence of that name.
 */
export function addFence(current: CurrentFiles, fence: StatedFence): OwnFileChange {
  const { name } = fence;
  refuseMain('add', name);
  requireName(name, COMMAND_LINE);
  const found = furtherFences(current).find((one) => one.fence.name === name);
  if (found !== undefined)
    throw new UsageError(
      `Cannot add fence "${name}": "${found.file.path}" has it`,
      `change it with: geofence fence set ${name}`,
    );
  return { path: pathOf(current, name), before: undefined, after: fenceText(fence) };
}

/**
 * Returns what the file of a fence has to hold for it to be changed as `given`; what is not given stays. Throws
 * UsageError when there is no such fence, or it stands in a file that a person writes.
 */
export function setFence(current: CurrentFiles, name: string, given: Partial<StatedFence>): OwnFileChange {
  const { fence, file } = ownFence(current, 'set', name);
  const isOtherMode = given.allow !== undefined || given.deny !== undefined;
  const { allow, deny, ...rest } = fence;
  const mode = isOtherMode ? {} : { allow, deny };
  return {
    path: file.path,
    before: file.text,
    after: fenceText({ ...rest, ...mode, ...defined(given), name }),
  };
}

/** Returns the removal of the file of a fence. Throws UsageError likewise. */
export function removeFenceFile(current: CurrentFiles, name: string): OwnFileChange {
  const { file } = ownFence(current, 'remove', name);
  return { path: file.path, before: file.text, after: undefined };
}

function ownFence(current: CurrentFiles, verb: string, name: string): FoundFence {
  refuseMain(verb, name);
  const all = furtherFences(current);
  const found = all.find(({ fence }) => fence.name === name);
  if (found === undefined) {
    const names = all.map(({ fence }) => fence.name);
    throw new UsageError(
      `Cannot ${verb} fence "${name}": there is none of that name`,
      names.length === 0 ? 'add it with: geofence fence add' : `there are: ${names.join(', ')}`,
    );
  }
  if (found.file.role === 'further-fence') return found;
  const { path, text } = found.file;
  const statement = findStatement(text, 'fence', found.nth);
  throw new UsageError(
    `Cannot ${verb} fence "${name}": it stands in "${path}", and geofence does not edit that`,
    listLines('change, or take out, the table that begins at', [
      `${path}:${statement?.line ?? 1}: [[fence]]`,
    ]),
  );
}

function refuseMain(verb: string, name: string): void {
  if (name !== MAIN_FENCE) return;
  throw new UsageError(
    `Cannot ${verb} fence "${name}": that is the one at the top level`,
    'state it with: geofence init, or geofence refresh --allow CA',
  );
}

/** What a file of a fence states, in this order. */
const statements = [
  'allow',
  'deny',
  'ports',
  'interfaces',
  'allow_subnets',
  'preview',
  'log',
  'description',
] as const satisfies readonly (keyof StatedFence)[];

/** Nothing is stated that is so anyway. */
function fenceText({ name, ...fence }: StatedFence): string {
  const lines = statements.flatMap((key) => {
    const value = key === 'preview' && fence.preview === false ? undefined : fence[key];
    if (value === undefined) return [];
    return [renderStatement(key, typeof value === 'object' ? value.flatMap(wordsIn) : value)];
  });
  return `${ownHeader(`The fence "${name}".`, 'geofence fence')}\n${lines.join('\n')}\n`;
}
