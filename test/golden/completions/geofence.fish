# This file belongs to geofence: its commands install and uninstall write and remove it.
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
            printf '%s\n' $lines
    end
end
complete -c geofence -f -a '(__geofence_complete)'
