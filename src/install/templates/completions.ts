import { markLine } from '../mark.ts';

// What shells read: they ask "geofence complete", whose answer is a line for each word, with a tab before what it means,
// or ":files" or ":folders".

/** Bash also breaks words at "@" and "=", so the word that is completed is cut out of the line here. */
const bash = `${markLine('#')}
_geofence() {
    local line=\${COMP_LINE:0:COMP_POINT} words reply cur value head
    read -ra words <<<"$line"
    cur=\${line##*[[:space:]]} value=\${line##*[[:space:]=]}
    [[ -n $cur ]] || words+=('')
    mapfile -t reply < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
    case \${reply[0]} in
    :files | :folders)
        compopt -o filenames 2>/dev/null
        [[ \${reply[0]} == :files ]] && head=-f || head=-d
        mapfile -t COMPREPLY < <(compgen "$head" -- "$value")
        return
        ;;
    esac
    # What stands before the last of these is taken for another word.
    head=
    [[ $COMP_WORDBREAKS == *=* && $cur == *=* ]] && head=\${cur%"$value"}
    [[ $COMP_WORDBREAKS == *@* && $cur == *@* ]] && head=\${cur%@*}
    reply=("\${reply[@]%%$'\\t'*}")
    COMPREPLY=("\${reply[@]#"$head"}")
}
complete -F _geofence geofence
`;

const zsh = `#compdef geofence
${markLine('#')}
_geofence() {
    local line
    local -a lines offered
    lines=("\${(@f)$("\${(Q)words[1]}" complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
    case $lines[1] in
    ('') return 1 ;;
    (:files) compset -P '--*=' ; _files ;;
    (:folders) compset -P '--*=' ; _files -/ ;;
    (*)
        for line in $lines; do offered+=("\${\${line//:/\\\\:}/$'\\t'/:}"); done
        _describe geofence offered
        ;;
    esac
}
_geofence "$@"
`;

const fish = `${markLine('#')}
function __geofence_complete
    set -l words (commandline -opc)
    type -q $words[1]; or return
    set -l current (commandline -ct)
    set -l lines ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case ''
        case :files :folders
            set -l option (string match -r '^--[^=]*=' -- "$current")
            set -l value (string replace -r '^--[^=]*=' '' -- "$current")
            set -l command __fish_complete_path
            test "$lines[1]" = :folders; and set command __fish_complete_directories
            for path in ($command $value)
                echo "$option$path"
            end
        case '*'
            printf '%s\\n' $lines
    end
end
complete -c geofence -f -a '(__geofence_complete)'
`;

/** The scripts that complete command lines of geofence, by the names of their files in dist/share/completions. */
export const completions: ReadonlyMap<string, string> = new Map([
  ['geofence.bash', bash],
  ['_geofence', zsh],
  ['geofence.fish', fish],
]);
