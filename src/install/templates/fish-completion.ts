import type { CompletedCommand, CompletedOption, Values } from './completion-tree.ts';
import { countryWords } from './completion-tree.ts';
import { markLine } from '../mark.ts';

export const fishCompletion = (commands: readonly CompletedCommand[]): string => `${markLine('#')}
function __geofence_countries
    __fish_append , ${countryWords}
end
complete -c geofence -f
complete -c geofence -n __fish_use_subcommand -l version -d 'say which version it is'
complete -c geofence -n __fish_use_subcommand -l help -d 'say what it does'
${commands.map(linesOf).join('')}`;

const linesOf = ({ name, description, options, subcommands }: CompletedCommand): string =>
  [
    `complete -c geofence -n __fish_use_subcommand -a ${name} -d ${quote(description)}`,
    ...subcommands.map(
      (subcommand) => `complete -c geofence -n '__fish_seen_subcommand_from ${name}' -a ${subcommand}`,
    ),
    ...options.map(
      (option) => `complete -c geofence -n '__fish_seen_subcommand_from ${name}' ${wordsOf(option)}`,
    ),
  ]
    .map((line) => `${line}\n`)
    .join('');

const wordsOf = ({ name, description, values }: CompletedOption): string =>
  `-l ${name.slice(2)} -d ${quote(description)}${valueWords(values)}`;

/** -x: a value and no files, -r: a value, -F: files. */
function valueWords(values: Values): string {
  switch (values.kind) {
    case 'none':
      return '';
    case 'text':
      return ' -x';
    case 'file':
      return ' -r -F';
    case 'folder':
      return " -x -a '(__fish_complete_directories)'";
    case 'words':
      return ` -x -a '${values.words.join(' ')}'`;
    case 'countries':
      return " -x -a '(__geofence_countries)'";
  }
}

const quote = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
