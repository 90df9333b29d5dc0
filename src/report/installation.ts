import { diffLines } from '../words/line-diff.ts';
import { adviceRows } from './advice.ts';
import type { Advice } from './status.ts';

/** What there is to do with a file. `keep` is somebody's: their settings, or a file of theirs where ours would be. */
export type FileAction = 'create' | 'change' | 'remove' | 'save' | 'keep' | 'nothing';

/** What happens to one file of an installation. */
interface FileReport {
  /** `folder`: of the program, the folder that is told in place of its many files. */
  readonly file: {
    readonly path: string;
    readonly mode: number;
    readonly kind: string;
    readonly text: string;
    readonly folder?: string;
  };
  readonly action: FileAction;
  /** The text that is there, and the text that will be; undefined where there is no file. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What is shown of an installation. */
export interface InstallationReport {
  readonly changes: readonly FileReport[];
  /** Folders that are made, and that are removed with what is in them. */
  readonly made: readonly string[];
  readonly removed: readonly string[];
  readonly systemctl: readonly (readonly string[])[];
  /** What the next boot may not do as one thinks. */
  readonly warnings: readonly Advice[];
}

type Row = [label: string, text: string];

const labels: Record<FileAction, string> = {
  create: 'create',
  change: 'change',
  remove: 'remove',
  save: 'rename',
  keep: 'keep',
  nothing: 'as it is',
};

/** More says nothing that a look at the file would not say better. */
const [MAX_LINES, MAX_CHARACTERS] = [12, 64 * 1024];
/** Beside the labels, on a terminal of 80 columns. */
const MAX_COLUMNS = 70;

/** Returns what an installation changes as rows of a table, with the lines of changed files. */
export const installationRows = ({
  changes,
  made,
  removed,
  systemctl,
  warnings,
}: InstallationReport): Row[] => [
  ...programRows(changes),
  ...changes
    .filter(({ file }) => file.folder === undefined)
    .filter(isWorthTelling)
    .flatMap(describeFileChange),
  ...made.map((path): Row => ['create', `${path}/`]),
  ...removed.map((path): Row => ['remove', `${path}/ and all that is in it`]),
  ...systemctl.map((args): Row => ['run', `systemctl ${args.join(' ')}`]),
  ...adviceRows(warnings),
];

/** The many files of the program are one row. */
function programRows(changes: readonly FileReport[]): Row[] {
  const ofProgram = changes.filter(({ file }) => file.folder !== undefined).filter(isWorthTelling);
  const todo = ofProgram.filter(({ action }) => action !== 'nothing');
  const actions = new Set(todo.map(({ action }) => action));
  const [folder] = ofProgram.map(({ file }) => file.folder);
  if (folder === undefined) return [];
  if (todo.length === 0) return [[labels.nothing, `${folder}/`]];
  const [action = 'change'] = actions.size === 1 ? actions : [];
  return [[labels[action], `${folder}/, ${todo.length} of its ${ofProgram.length} files`]];
}

/** Not what is not there and need not be. */
const isWorthTelling = ({ action, before }: FileReport): boolean =>
  action !== 'nothing' || before !== undefined;

function describeFileChange(change: FileReport): Row[] {
  const { file, action } = change;
  const path: Row = [labels[action], `${file.path}${remarkOf(change)}`];
  const isShort =
    (change.before ?? '').length < MAX_CHARACTERS && (change.after ?? '').length < MAX_CHARACTERS;
  const isShown = action === 'change' || action === 'save' || (file.kind === 'block' && action === 'create');
  if (!isShown || !isShort) return [path];
  const lines = diffLines(change.before ?? '', change.after ?? file.text);
  const shown = lines.slice(0, MAX_LINES).map((line) => line.slice(0, MAX_COLUMNS));
  const more = lines.length > MAX_LINES ? [`(${lines.length - MAX_LINES} more lines)`] : [];
  return [path, ...[...shown, ...more].map((line): Row => ['', line])];
}

function remarkOf({ file, action, before, after }: FileReport): string {
  if (action === 'change' && before === after) return `, its mode to ${octal(file.mode)}`;
  if (action === 'save') return ` to ${file.path}.saved, for somebody edited it`;
  if (action === 'keep') return file.kind === 'settings' ? ', which is yours' : ', which is not ours';
  if (file.kind === 'block' && action === 'change')
    return after?.includes(file.text) === true
      ? ', a block of lines in it'
      : ', our block of lines in it goes';
  return '';
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

/** Returns what an installation changes as an object for --json. */
export const installationJson = ({
  changes,
  made,
  removed,
  systemctl,
  warnings,
}: InstallationReport): object => ({
  files: changes.filter(isWorthTelling).map(({ file, action }) => ({
    path: file.path,
    mode: octal(file.mode),
    kind: file.kind,
    action,
  })),
  foldersMade: made,
  foldersRemoved: removed,
  systemctl,
  warnings,
});
