import type { Command, Option } from 'commander';
import { guardNames } from '../../plan/guard-names.ts';
import { countries, groups } from '../../zones/countries.ts';
import { shownOptions } from './manual.ts';

/** What may stand after an option; `countries`: several of them with commas between; `text`: what nobody can guess. */
export type Values =
  | { readonly kind: 'none' | 'text' | 'file' | 'folder' | 'countries' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

/** Codes and groups. */
export const countryWords = [...countries.keys(), ...groups.keys()].join(' ');

export interface CompletedOption {
  /** "--allow" */
  readonly name: string;
  readonly description: string;
  /** What its value is called; empty where it takes none. */
  readonly placeholder: string;
  readonly values: Values;
}

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  /** With those of its subcommands, which stand after it. */
  readonly options: readonly CompletedOption[];
  /** "diff", "export" */
  readonly subcommands: readonly string[];
}

/** What shells need to know of the commands. */
export const completionTree = (program: Command): CompletedCommand[] =>
  program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: [
      ...[command, ...command.commands]
        .flatMap(shownOptions)
        .filter((option, i, all) => all.findIndex(({ flags }) => flags === option.flags) === i)
        .map(completedOption),
      { name: '--help', description: 'say what it does', placeholder: '', values: { kind: 'none' } },
    ],
    subcommands: command.commands.map((subcommand) => subcommand.name()),
  }));

const completedOption = (option: Option): CompletedOption => ({
  name: option.long ?? option.flags,
  description: option.description,
  placeholder: placeholderOf(option),
  values: valuesOf(option),
});

const placeholderOf = ({ flags }: Option): string => /<(.+)>/.exec(flags)?.[1] ?? '';

function valuesOf(option: Option): Values {
  if (option.argChoices !== undefined) return { kind: 'words', words: option.argChoices };
  switch (placeholderOf(option)) {
    case '':
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
