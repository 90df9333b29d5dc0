# This file belongs to geofence: its commands install and uninstall write and remove it.
_geofence() {
    local line=${COMP_LINE:0:COMP_POINT} words reply cur value head
    read -ra words <<<"$line"
    cur=${line##*[[:space:]]} value=${line##*[[:space:]=]}
    [[ -n $cur ]] || words+=('')
    mapfile -t reply < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
    case ${reply[0]} in
    :files | :folders)
        compopt -o filenames 2>/dev/null
        [[ ${reply[0]} == :files ]] && head=-f || head=-d
        mapfile -t COMPREPLY < <(compgen "$head" -- "$value")
        return
        ;;
    esac
    # What stands before the last of these is taken for another word.
    head=
    [[ $COMP_WORDBREAKS == *=* && $cur == *=* ]] && head=${cur%"$value"}
    [[ $COMP_WORDBREAKS == *@* && $cur == *@* ]] && head=${cur%@*}
    reply=("${reply[@]%%$'\t'*}")
    COMPREPLY=("${reply[@]#"$head"}")
}
complete -F _geofence geofence
