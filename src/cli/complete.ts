import { countries, groups } from '../zones/countries.ts';
import type { CompletedCommand, CompletedOption, Values } from './completion-tree.ts';
import { completionTree } from './completion-tree.ts';
import { describedProgram } from './program.ts';

/** A word that could stand there, and what it means. */
interface Candidate {
  readonly word: string;
  readonly meaning?: string;
}

/** Words, or what the shell finds better itself. */
type Completion = readonly Candidate[] | ':files' | ':folders';

/**
 * Answers the completions of the shells (src/install/templates/completions.ts): `args` are the words typed after
 * "geofence", the last of them unfinished. Returns a line for each word that could stand there, with a tab before what
 * it means, or ":files" or ":folders"; empty for what makes no sense: whoever presses Tab wants no error.
 */
export async function answerShell(args: readonly string[], version: string): Promise<string> {
  const words = args[0] === '--' ? args.slice(1) : args;
  const completion = complete(words, completionTree(await describedProgram(version)));
  if (typeof completion === 'string') return `${completion}\n`;
  return completion
    .map(({ word, meaning }) => (meaning === undefined ? `${word}\n` : `${word}\t${meaning}\n`))
    .join('');
}

/**
 * Returns what may stand in place of the last of `words`, which may be empty; the others are those between "geofence"
 * and it. [] when nothing fits.
 */
export function complete(words: readonly string[], program: CompletedCommand): Completion {
  const current = words.at(-1) ?? '';
  const { command, isBare, pending } = follow(words.slice(0, -1), program);
  if (pending !== undefined) return candidates(pending, current);
  const [, assigned, value = ''] = /^(--[\w-]+)=(.*)$/s.exec(current) ?? [];
  const option = command.options.find(({ name }) => name === assigned);
  if (option !== undefined) return prefixed(`${assigned}=`, candidates(option.values, value));
  if (current.startsWith('-')) return starting(current, command.options.map(candidateOf));
  const subcommands = isBare ? starting(current, command.subcommands.map(candidateOf)) : [];
  // Of "zones" the subcommands: 250 countries beside them would hide them.
  if (subcommands.length > 0) return subcommands;
  const found = candidates(command.argument, current);
  return current === '' && found.length === 0 ? command.options.map(candidateOf) : found;
}

interface CursorPlace {
  readonly command: CompletedCommand;
  /** Whether a subcommand may still follow. */
  readonly isBare: boolean;
  /** Of the option that waits for its value. */
  readonly pending?: Values;
}

/** Where these words lead to. */
function follow(words: readonly string[], program: CompletedCommand): CursorPlace {
  let place: CursorPlace = { command: program, isBare: true };
  for (const word of words) {
    const { command, isBare, pending } = place;
    const option = command.options.find(({ name }) => name === word);
    const next = isBare ? command.subcommands.find(({ name }) => name === word) : undefined;
    if (pending !== undefined) place = { command, isBare };
    else if (option !== undefined) place = afterOption(place, option);
    else if (next !== undefined) place = { command: next, isBare: true };
    else if (!word.startsWith('-')) place = { command, isBare: false };
  }
  return place;
}

const afterOption = ({ command, isBare }: CursorPlace, { values }: CompletedOption): CursorPlace =>
  values.kind === 'none' ? { command, isBare } : { command, isBare, pending: values };

function candidates(values: Values, current: string): Completion {
  switch (values.kind) {
    case 'none':
    case 'text':
      return [];
    case 'file':
      return ':files';
    case 'folder':
      return ':folders';
    case 'words':
      return starting(
        current,
        values.words.map((word) => ({ word })),
      );
    case 'countries':
      return countriesAfter(current);
  }
}

/** "RU,B" becomes "RU,BA" and so on; "@eu !H", "@eu !HR" and "@eu !HU". */
function countriesAfter(current: string): Completion {
  const parts = /^([\w@!, -]*[!, ])?([\w@-]*)$/.exec(current);
  if (parts === null) return [];
  const [, head = '', started = ''] = parts;
  const isLower = /^[a-z]/.test(started);
  const all = [
    ...[...countries].map(([code, { name }]) => ({
      word: isLower ? code.toLowerCase() : code,
      meaning: name,
    })),
    ...[...groups].map(([word, codes]) => ({ word, meaning: `${codes.length} countries` })),
  ];
  return prefixed(head, starting(started, all));
}

const candidateOf = ({ name, description }: { name: string; description: string }): Candidate => ({
  word: name,
  meaning: description,
});

const starting = (start: string, all: readonly Candidate[]): readonly Candidate[] =>
  all.filter(({ word }) => word.startsWith(start));

const prefixed = (head: string, found: Completion): Completion =>
  typeof found === 'string' ? found : found.map(({ word, ...rest }) => ({ word: `${head}${word}`, ...rest }));
