import type { CompletedCommand, CompletedOption } from './completion-tree.ts';
import { countryWords } from './completion-tree.ts';
import { markLine } from '../mark.ts';

/** For _arguments and _describe of zshcompsys(1). */
export const zshCompletion = (commands: readonly CompletedCommand[]): string => `#compdef geofence
${markLine('#')}
_geofence_countries() {
    _values -s , country ${countryWords}
}
_geofence() {
    local context state state_descr line
    typeset -A opt_args
    _arguments -C '1: :->command' '*:: :->rest' '(-)--help[say what it does]' '(-)--version[say which version it is]'
    case $state in
    command)
        local -a commands=(
${commands.map(({ name, description }) => `            ${quote(`${name}:${description}`)}`).join('\n')}
        )
        _describe command commands
        ;;
    rest)
        case $words[1] in
${commands.map(caseOf).join('\n')}
        esac
        ;;
    esac
}
_geofence "$@"
`;

function caseOf({ name, options, subcommands }: CompletedCommand): string {
  const first = subcommands.length === 0 ? [] : [quote(`1:what:(${subcommands.join(' ')})`)];
  const specs = [...first, ...options.map(specOf)];
  return `        ${name})\n            _arguments ${specs.join(' \\\n                ')}\n            ;;`;
}

/** "*--allow[only these get in]:countries:_geofence_countries": the star, for it may be given twice. */
function specOf({ name, description, placeholder, values }: CompletedOption): string {
  const option = `*${name}[${description.replaceAll(/[\\[\]:]/g, '\\$&')}]`;
  switch (values.kind) {
    case 'none':
      return quote(option);
    case 'text':
      return quote(`${option}:${placeholder}: `);
    case 'file':
      return quote(`${option}:${placeholder}:_files`);
    case 'folder':
      return quote(`${option}:${placeholder}:_files -/`);
    case 'words':
      return quote(`${option}:${placeholder}:(${values.words.join(' ')})`);
    case 'countries':
      return quote(`${option}:${placeholder}:_geofence_countries`);
  }
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
