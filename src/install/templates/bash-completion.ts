import type { CompletedCommand, CompletedOption, Values } from './completion-tree.ts';
import { countryWords } from './completion-tree.ts';
import { markLine } from '../mark.ts';

/** Bash also breaks words at "@", so the word that is completed is cut out of the line here. */
export const bashCompletion = (commands: readonly CompletedCommand[]): string => `${markLine('#')}
_geofence() {
    local line=\${COMP_LINE:0:COMP_POINT} words cur prev head options
    read -ra words <<<"$line"
    cur=\${line##*[[:space:]]}
    prev=\${words[\${#words[@]}-1]}
    [[ -n $cur ]] && prev=\${words[\${#words[@]}-2]}
    case $prev in
${valueCases(commands)}
    *)
        case \${words[1]} in
${commands.map(({ name, subcommands, options }) => `        ${name}) options='${[...subcommands, ...options.map((option) => option.name)].join(' ')}' ;;`).join('\n')}
        *) options='${commands.map(({ name }) => name).join(' ')} --help --version' ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
        ;;
    esac
    # What stands before the last "@" is taken for another word.
    if [[ $COMP_WORDBREAKS == *@* && $cur == *@* ]]; then
        head=\${cur%@*}
        COMPREPLY=("\${COMPREPLY[@]#"$head"}")
    fi
}
complete -F _geofence geofence
`;

/** One case for all options with the same values. */
function valueCases(commands: readonly CompletedCommand[]): string {
  const byReply = new Map<string, Set<string>>();
  for (const { name, values } of commands.flatMap(({ options }): readonly CompletedOption[] => options)) {
    const reply = replyOf(values);
    if (reply !== undefined) byReply.set(reply, (byReply.get(reply) ?? new Set()).add(name));
  }
  return [...byReply]
    .map(([reply, names]) => `    ${[...names].join(' | ')})\n${reply}\n        ;;`)
    .join('\n');
}

const compgen = (args: string): string => `        mapfile -t COMPREPLY < <(compgen ${args})`;

function replyOf(values: Values): string | undefined {
  switch (values.kind) {
    case 'none':
      return undefined;
    case 'text':
      return '        COMPREPLY=()';
    case 'file':
    case 'folder':
      return `        compopt -o filenames 2>/dev/null\n${compgen(`${values.kind === 'file' ? '-f' : '-d'} -- "$cur"`)}`;
    case 'words':
      return compgen(`-W '${values.words.join(' ')}' -- "$cur"`);
    case 'countries':
      return `        head=\${cur%"\${cur##*,}"}\n${compgen(`-P "$head" -W '${countryWords}' -- "\${cur##*,}"`)}`;
  }
}
