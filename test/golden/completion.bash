# This file belongs to geofence: its commands install and uninstall write and remove it.
_geofence() {
    local line=${COMP_LINE:0:COMP_POINT} words cur prev head options
    read -ra words <<<"$line"
    cur=${line##*[[:space:]]}
    prev=${words[${#words[@]}-1]}
    [[ -n $cur ]] && prev=${words[${#words[@]}-2]}
    case $prev in
    --allow | --deny)
        head=${cur%"${cur##*,}"}
        mapfile -t COMPREPLY < <(compgen -P "$head" -W 'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW @africa @antarctica @asia @europe @north-america @oceania @south-america @eu @five-eyes' -- "${cur##*,}")
        ;;
    --allow-subnet | --mirror | --max-zone-age | --concurrency | --wait | --confirm | --name)
        COMPREPLY=()
        ;;
    --schedule)
        mapfile -t COMPREPLY < <(compgen -W 'auto systemd cron none' -- "$cur")
        ;;
    --force)
        mapfile -t COMPREPLY < <(compgen -W 'empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed' -- "$cur")
        ;;
    --config)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        ;;
    --cache-dir | --state-dir | --prefix | --root)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$cur")
        ;;
    --iptables)
        mapfile -t COMPREPLY < <(compgen -W 'auto nft legacy' -- "$cur")
        ;;
    --format)
        mapfile -t COMPREPLY < <(compgen -W 'cidr ipset nft iptables nginx haproxy pf mikrotik' -- "$cur")
        ;;
    *)
        case ${words[1]} in
        init) options='--allow --deny --allow-subnet --ipv4-only --no-local --log-drops --ipv6 --schedule --yes --mirror --max-zone-age --concurrency --offline --dry-run --force --wait --confirm --config --cache-dir --state-dir --iptables --json --quiet --verbose --help' ;;
        refresh) options='--allow --deny --allow-subnet --ipv4-only --no-local --log-drops --mirror --max-zone-age --concurrency --offline --dry-run --force --wait --confirm --config --cache-dir --state-dir --iptables --json --quiet --verbose --help' ;;
        fetch) options='--allow --deny --allow-subnet --ipv4-only --no-local --log-drops --mirror --max-zone-age --concurrency --force --wait --config --cache-dir --state-dir --iptables --json --quiet --verbose --help' ;;
        plan) options='--allow --deny --allow-subnet --ipv4-only --no-local --log-drops --mirror --max-zone-age --concurrency --offline --force --wait --script --config --cache-dir --state-dir --iptables --json --quiet --verbose --help' ;;
        restore) options='--allow --deny --allow-subnet --ipv4-only --no-local --log-drops --sets-only --dry-run --force --wait --config --cache-dir --state-dir --iptables --json --quiet --verbose --help' ;;
        status) options='--allow --deny --allow-subnet --ipv4-only --no-local --log-drops --max-zone-age --check --config --cache-dir --state-dir --iptables --json --quiet --verbose --help' ;;
        check) options='--allow --deny --allow-subnet --ipv4-only --no-local --log-drops --summary --config --cache-dir --state-dir --iptables --json --quiet --verbose --help' ;;
        confirm) options='--wait --config --cache-dir --state-dir --iptables --json --quiet --verbose --help' ;;
        rollback) options='--force --wait --config --cache-dir --state-dir --iptables --json --quiet --verbose --help' ;;
        remove) options='--dry-run --wait --config --cache-dir --state-dir --iptables --json --quiet --verbose --help' ;;
        zones) options='diff export --config --cache-dir --state-dir --iptables --json --quiet --verbose --format --name --ipv4 --ipv6 --help' ;;
        install) options='--prefix --root --schedule --dry-run --yes --config --cache-dir --state-dir --iptables --json --quiet --verbose --help' ;;
        uninstall) options='--prefix --root --purge --dry-run --wait --yes --config --cache-dir --state-dir --iptables --json --quiet --verbose --help' ;;
        *) options='init refresh fetch plan restore status check confirm rollback remove zones install uninstall --help --version' ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
        ;;
    esac
    # What stands before the last "@" is taken for another word.
    if [[ $COMP_WORDBREAKS == *@* && $cur == *@* ]]; then
        head=${cur%@*}
        COMPREPLY=("${COMPREPLY[@]#"$head"}")
    fi
}
complete -F _geofence geofence
