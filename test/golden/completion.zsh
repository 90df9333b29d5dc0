#compdef geofence
# This file belongs to geofence: its commands install and uninstall write and remove it.
_geofence_countries() {
    _values -s , country AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW @africa @antarctica @asia @europe @north-america @oceania @south-america @eu @five-eyes
}
_geofence() {
    local context state state_descr line
    typeset -A opt_args
    _arguments -C '1: :->command' '*:: :->rest' '(-)--help[say what it does]' '(-)--version[say which version it is]'
    case $state in
    command)
        local -a commands=(
            'init:set up, or change what is set up: asks, writes the configuration, tries it out'
            'refresh:fetch what is old, then make the kernel hold the policy'
            'fetch:only bring the cached zones up to date; needs no privilege'
            'plan:say what refresh would change, and for whom; fetches zones, changes nothing else'
            'restore:put the fence back from the cache, without the network (boot)'
            'status:say what is fenced and whether it is as it should be (exit code 3 if not)'
            'check:say whether addresses get in, and why'
            'confirm:keep the change that "refresh --confirm" is about to take back'
            'rollback:take the last change back'
            'remove:take away everything that is ours, and nothing else'
            'zones:list the cached zones; say how they changed (diff); export them (export)'
            'install:put the program, its manual, its configuration and a schedule in their places'
            'uninstall:take the fence away, and all that install put there but the configuration'
        )
        _describe command commands
        ;;
    rest)
        case $words[1] in
        init)
            _arguments '*--allow[only these get in\: CA,US or @eu or "@europe !RU"]:countries:_geofence_countries' \
                '*--deny[these do not get in]:countries:_geofence_countries' \
                '*--allow-subnet[an address or network that always gets through]:cidr: ' \
                '*--ipv4-only[leave IPv6 open]' \
                '*--no-local[fence local (private, link-local, ...) addresses too]' \
                '*--log-drops[let the kernel log what is dropped, six lines a minute at most]' \
                '*--ipv6[fence IPv6 too (the default)]' \
                '*--schedule[what runs the weekly refresh, and the restore at boot (auto\: systemd where it runs, else cron)]:how:(auto systemd cron none)' \
                '*--yes[ask nothing; of init\: what no option says stays as it is, and a trial only with --confirm]' \
                '*--mirror[a base URL with ipdeny'\''s layout, in place of ipdeny'\''s]:url: ' \
                '*--max-zone-age[zones this old are asked for again (6)]:days: ' \
                '*--concurrency[requests at once to one host (2)]:n: ' \
                '*--offline[use the cache, whatever its age]' \
                '*--dry-run[only say what would be done]' \
                '*--force[go on although this guard refuses (empty-set, too-wide, zone-shrank, zone-grew, ssh-peer, escape, ipv6-open, unconfirmed)]:guard:(empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed)' \
                '*--wait[wait for another run instead of giving up]:seconds: ' \
                '*--confirm[take the change back after so long, unless "geofence confirm" comes first]:seconds: ' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--help[say what it does]'
            ;;
        refresh)
            _arguments '*--allow[only these get in\: CA,US or @eu or "@europe !RU"]:countries:_geofence_countries' \
                '*--deny[these do not get in]:countries:_geofence_countries' \
                '*--allow-subnet[an address or network that always gets through]:cidr: ' \
                '*--ipv4-only[leave IPv6 open]' \
                '*--no-local[fence local (private, link-local, ...) addresses too]' \
                '*--log-drops[let the kernel log what is dropped, six lines a minute at most]' \
                '*--mirror[a base URL with ipdeny'\''s layout, in place of ipdeny'\''s]:url: ' \
                '*--max-zone-age[zones this old are asked for again (6)]:days: ' \
                '*--concurrency[requests at once to one host (2)]:n: ' \
                '*--offline[use the cache, whatever its age]' \
                '*--dry-run[only say what would be done]' \
                '*--force[go on although this guard refuses (empty-set, too-wide, zone-shrank, zone-grew, ssh-peer, escape, ipv6-open, unconfirmed)]:guard:(empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed)' \
                '*--wait[wait for another run instead of giving up]:seconds: ' \
                '*--confirm[take the change back after so long, unless "geofence confirm" comes first]:seconds: ' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--help[say what it does]'
            ;;
        fetch)
            _arguments '*--allow[only these get in\: CA,US or @eu or "@europe !RU"]:countries:_geofence_countries' \
                '*--deny[these do not get in]:countries:_geofence_countries' \
                '*--allow-subnet[an address or network that always gets through]:cidr: ' \
                '*--ipv4-only[leave IPv6 open]' \
                '*--no-local[fence local (private, link-local, ...) addresses too]' \
                '*--log-drops[let the kernel log what is dropped, six lines a minute at most]' \
                '*--mirror[a base URL with ipdeny'\''s layout, in place of ipdeny'\''s]:url: ' \
                '*--max-zone-age[zones this old are asked for again (6)]:days: ' \
                '*--concurrency[requests at once to one host (2)]:n: ' \
                '*--force[go on although this guard refuses (empty-set, too-wide, zone-shrank, zone-grew, ssh-peer, escape, ipv6-open, unconfirmed)]:guard:(empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed)' \
                '*--wait[wait for another run instead of giving up]:seconds: ' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--help[say what it does]'
            ;;
        plan)
            _arguments '*--allow[only these get in\: CA,US or @eu or "@europe !RU"]:countries:_geofence_countries' \
                '*--deny[these do not get in]:countries:_geofence_countries' \
                '*--allow-subnet[an address or network that always gets through]:cidr: ' \
                '*--ipv4-only[leave IPv6 open]' \
                '*--no-local[fence local (private, link-local, ...) addresses too]' \
                '*--log-drops[let the kernel log what is dropped, six lines a minute at most]' \
                '*--mirror[a base URL with ipdeny'\''s layout, in place of ipdeny'\''s]:url: ' \
                '*--max-zone-age[zones this old are asked for again (6)]:days: ' \
                '*--concurrency[requests at once to one host (2)]:n: ' \
                '*--offline[use the cache, whatever its age]' \
                '*--force[go on although this guard refuses (empty-set, too-wide, zone-shrank, zone-grew, ssh-peer, escape, ipv6-open, unconfirmed)]:guard:(empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed)' \
                '*--wait[wait for another run instead of giving up]:seconds: ' \
                '*--script[print the exact text the kernel tools would get]' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--help[say what it does]'
            ;;
        restore)
            _arguments '*--allow[only these get in\: CA,US or @eu or "@europe !RU"]:countries:_geofence_countries' \
                '*--deny[these do not get in]:countries:_geofence_countries' \
                '*--allow-subnet[an address or network that always gets through]:cidr: ' \
                '*--ipv4-only[leave IPv6 open]' \
                '*--no-local[fence local (private, link-local, ...) addresses too]' \
                '*--log-drops[let the kernel log what is dropped, six lines a minute at most]' \
                '*--sets-only[only the sets, for saved rules that name them]' \
                '*--dry-run[only say what would be done]' \
                '*--force[go on although this guard refuses (empty-set, too-wide, zone-shrank, zone-grew, ssh-peer, escape, ipv6-open, unconfirmed)]:guard:(empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed)' \
                '*--wait[wait for another run instead of giving up]:seconds: ' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--help[say what it does]'
            ;;
        status)
            _arguments '*--allow[only these get in\: CA,US or @eu or "@europe !RU"]:countries:_geofence_countries' \
                '*--deny[these do not get in]:countries:_geofence_countries' \
                '*--allow-subnet[an address or network that always gets through]:cidr: ' \
                '*--ipv4-only[leave IPv6 open]' \
                '*--no-local[fence local (private, link-local, ...) addresses too]' \
                '*--log-drops[let the kernel log what is dropped, six lines a minute at most]' \
                '*--max-zone-age[zones this old are asked for again (6)]:days: ' \
                '*--check[one line for a monitor\: OK, WARNING or CRITICAL]' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--help[say what it does]'
            ;;
        check)
            _arguments '*--allow[only these get in\: CA,US or @eu or "@europe !RU"]:countries:_geofence_countries' \
                '*--deny[these do not get in]:countries:_geofence_countries' \
                '*--allow-subnet[an address or network that always gets through]:cidr: ' \
                '*--ipv4-only[leave IPv6 open]' \
                '*--no-local[fence local (private, link-local, ...) addresses too]' \
                '*--log-drops[let the kernel log what is dropped, six lines a minute at most]' \
                '*--summary[of addresses on standard input only the summary by country]' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--help[say what it does]'
            ;;
        confirm)
            _arguments '*--wait[wait for another run instead of giving up]:seconds: ' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--help[say what it does]'
            ;;
        rollback)
            _arguments '*--force[go on although this guard refuses (empty-set, too-wide, zone-shrank, zone-grew, ssh-peer, escape, ipv6-open, unconfirmed)]:guard:(empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed)' \
                '*--wait[wait for another run instead of giving up]:seconds: ' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--help[say what it does]'
            ;;
        remove)
            _arguments '*--dry-run[only say what would be done]' \
                '*--wait[wait for another run instead of giving up]:seconds: ' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--help[say what it does]'
            ;;
        zones)
            _arguments '1:what:(diff export)' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--format[what reads it (cidr)]:format:(cidr ipset nft iptables nginx haproxy pf mikrotik)' \
                '*--name[of the sets, table, chain or list (countries)]:name: ' \
                '*--ipv4[only IPv4]' \
                '*--ipv6[only IPv6]' \
                '*--help[say what it does]'
            ;;
        install)
            _arguments '*--prefix[where the program and its manual go (/usr/local)]:dir:_files -/' \
                '*--root[a folder that stands for /, for packages (DESTDIR)]:dir:_files -/' \
                '*--schedule[what runs the weekly refresh, and the restore at boot (auto\: systemd where it runs, else cron)]:how:(auto systemd cron none)' \
                '*--dry-run[only say what would be done]' \
                '*--yes[ask nothing; of init\: what no option says stays as it is, and a trial only with --confirm]' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--help[say what it does]'
            ;;
        uninstall)
            _arguments '*--prefix[where the program and its manual go (/usr/local)]:dir:_files -/' \
                '*--root[a folder that stands for /, for packages (DESTDIR)]:dir:_files -/' \
                '*--purge[the configuration, zones and policy too, and services that somebody edited (kept as NAME.saved otherwise)]' \
                '*--dry-run[only say what would be done]' \
                '*--wait[wait for another run instead of giving up]:seconds: ' \
                '*--yes[ask nothing; of init\: what no option says stays as it is, and a trial only with --confirm]' \
                '*--config[configuration file (/etc/geofence/geofence.toml)]:file:_files' \
                '*--cache-dir[where zones are kept]:dir:_files -/' \
                '*--state-dir[where the policy and the former fence are remembered]:dir:_files -/' \
                '*--iptables[which iptables to use]:variant:(auto nft legacy)' \
                '*--json[print the answer as JSON]' \
                '*--quiet[tell nothing but the answer, warnings and errors]' \
                '*--verbose[tell each step and each command run]' \
                '*--help[say what it does]'
            ;;
        esac
        ;;
    esac
}
_geofence "$@"
