import type { Argument, Command, Option } from 'commander';
import { guardNames } from '../refusal.ts';

/** What may stand in a place of the command line; `countries`: several of them with commas between; `text`: what nobody can guess. */
export type Values =
  | { readonly kind: 'none' | 'text' | 'file' | 'folder' | 'countries' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

export interface CompletedOption {
  /** "--allow" */
  readonly name: string;
  readonly description: string;
  /** Of the word after it; `none` where it takes none. */
  readonly values: Values;
}

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** Of words that are no options. */
  readonly argument: Values;
  readonly subcommands: readonly CompletedCommand[];
}

/** Returns what shells need to know of a command and its subcommands, without hidden options. */
export const completionTree = (command: Command): CompletedCommand => ({
  name: command.name(),
  description: command.description(),
  options: [
    ...command.options.filter(({ hidden }) => !hidden).map(completedOption),
    { name: '--help', description: 'say what it does', values: { kind: 'none' } },
  ],
  argument: command.registeredArguments.map(valuesOfArgument)[0] ?? { kind: 'none' },
  subcommands: command.commands.map(completionTree),
});

const completedOption = (option: Option): CompletedOption => ({
  name: option.long ?? option.flags,
  description: option.description,
  values: valuesOf(option),
});

const valuesOfArgument = (argument: Argument): Values => valuesNamed(argument.name());

function valuesOf({ argChoices, flags }: Option): Values {
  if (argChoices !== undefined) return { kind: 'words', words: argChoices };
  return valuesNamed(/<(.+)>/.exec(flags)?.[1]);
}

/** By what a value is called in the help. */
function valuesNamed(placeholder: string | undefined): Values {
  switch (placeholder) {
    case undefined:
      return { kind: 'none' };
    case 'countries':
      return { kind: 'countries' };
    case 'guard':
      return { kind: 'words', words: guardNames };
    case 'file':
      return { kind: 'file' };
    case 'dir':
      return { kind: 'folder' };
    default:
      return { kind: 'text' };
  }
}
