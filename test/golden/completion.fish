# This file belongs to geofence: its commands install and uninstall write and remove it.
function __geofence_countries
    __fish_append , AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW @africa @antarctica @asia @europe @north-america @oceania @south-america @eu @five-eyes
end
complete -c geofence -f
complete -c geofence -n __fish_use_subcommand -l version -d 'say which version it is'
complete -c geofence -n __fish_use_subcommand -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a init -d 'set up, or change what is set up: asks, writes the configuration, tries it out'
complete -c geofence -n '__fish_seen_subcommand_from init' -l allow -d 'only these get in: CA,US or @eu or "@europe !RU"' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from init' -l deny -d 'these do not get in' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from init' -l allow-subnet -d 'an address or network that always gets through' -x
complete -c geofence -n '__fish_seen_subcommand_from init' -l ipv4-only -d 'leave IPv6 open'
complete -c geofence -n '__fish_seen_subcommand_from init' -l no-local -d 'fence local (private, link-local, ...) addresses too'
complete -c geofence -n '__fish_seen_subcommand_from init' -l log-drops -d 'let the kernel log what is dropped, six lines a minute at most'
complete -c geofence -n '__fish_seen_subcommand_from init' -l ipv6 -d 'fence IPv6 too (the default)'
complete -c geofence -n '__fish_seen_subcommand_from init' -l schedule -d 'what runs the weekly refresh, and the restore at boot (auto: systemd where it runs, else cron)' -x -a 'auto systemd cron none'
complete -c geofence -n '__fish_seen_subcommand_from init' -l yes -d 'ask nothing; of init: what no option says stays as it is, and a trial only with --confirm'
complete -c geofence -n '__fish_seen_subcommand_from init' -l mirror -d 'a base URL with ipdeny\'s layout, in place of ipdeny\'s' -x
complete -c geofence -n '__fish_seen_subcommand_from init' -l max-zone-age -d 'zones this old are asked for again (6)' -x
complete -c geofence -n '__fish_seen_subcommand_from init' -l concurrency -d 'requests at once to one host (2)' -x
complete -c geofence -n '__fish_seen_subcommand_from init' -l offline -d 'use the cache, whatever its age'
complete -c geofence -n '__fish_seen_subcommand_from init' -l dry-run -d 'only say what would be done'
complete -c geofence -n '__fish_seen_subcommand_from init' -l force -d 'go on although this guard refuses (empty-set, too-wide, zone-shrank, zone-grew, ssh-peer, escape, ipv6-open, unconfirmed)' -x -a 'empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed'
complete -c geofence -n '__fish_seen_subcommand_from init' -l wait -d 'wait for another run instead of giving up' -x
complete -c geofence -n '__fish_seen_subcommand_from init' -l confirm -d 'take the change back after so long, unless "geofence confirm" comes first' -x
complete -c geofence -n '__fish_seen_subcommand_from init' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from init' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from init' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from init' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from init' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from init' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from init' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from init' -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a refresh -d 'fetch what is old, then make the kernel hold the policy'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l allow -d 'only these get in: CA,US or @eu or "@europe !RU"' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l deny -d 'these do not get in' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l allow-subnet -d 'an address or network that always gets through' -x
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l ipv4-only -d 'leave IPv6 open'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l no-local -d 'fence local (private, link-local, ...) addresses too'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l log-drops -d 'let the kernel log what is dropped, six lines a minute at most'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l mirror -d 'a base URL with ipdeny\'s layout, in place of ipdeny\'s' -x
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l max-zone-age -d 'zones this old are asked for again (6)' -x
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l concurrency -d 'requests at once to one host (2)' -x
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l offline -d 'use the cache, whatever its age'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l dry-run -d 'only say what would be done'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l force -d 'go on although this guard refuses (empty-set, too-wide, zone-shrank, zone-grew, ssh-peer, escape, ipv6-open, unconfirmed)' -x -a 'empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l wait -d 'wait for another run instead of giving up' -x
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l confirm -d 'take the change back after so long, unless "geofence confirm" comes first' -x
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from refresh' -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a fetch -d 'only bring the cached zones up to date; needs no privilege'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l allow -d 'only these get in: CA,US or @eu or "@europe !RU"' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l deny -d 'these do not get in' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l allow-subnet -d 'an address or network that always gets through' -x
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l ipv4-only -d 'leave IPv6 open'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l no-local -d 'fence local (private, link-local, ...) addresses too'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l log-drops -d 'let the kernel log what is dropped, six lines a minute at most'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l mirror -d 'a base URL with ipdeny\'s layout, in place of ipdeny\'s' -x
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l max-zone-age -d 'zones this old are asked for again (6)' -x
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l concurrency -d 'requests at once to one host (2)' -x
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l force -d 'go on although this guard refuses (empty-set, too-wide, zone-shrank, zone-grew, ssh-peer, escape, ipv6-open, unconfirmed)' -x -a 'empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l wait -d 'wait for another run instead of giving up' -x
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from fetch' -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a plan -d 'say what refresh would change, and for whom; fetches zones, changes nothing else'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l allow -d 'only these get in: CA,US or @eu or "@europe !RU"' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l deny -d 'these do not get in' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l allow-subnet -d 'an address or network that always gets through' -x
complete -c geofence -n '__fish_seen_subcommand_from plan' -l ipv4-only -d 'leave IPv6 open'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l no-local -d 'fence local (private, link-local, ...) addresses too'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l log-drops -d 'let the kernel log what is dropped, six lines a minute at most'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l mirror -d 'a base URL with ipdeny\'s layout, in place of ipdeny\'s' -x
complete -c geofence -n '__fish_seen_subcommand_from plan' -l max-zone-age -d 'zones this old are asked for again (6)' -x
complete -c geofence -n '__fish_seen_subcommand_from plan' -l concurrency -d 'requests at once to one host (2)' -x
complete -c geofence -n '__fish_seen_subcommand_from plan' -l offline -d 'use the cache, whatever its age'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l force -d 'go on although this guard refuses (empty-set, too-wide, zone-shrank, zone-grew, ssh-peer, escape, ipv6-open, unconfirmed)' -x -a 'empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l wait -d 'wait for another run instead of giving up' -x
complete -c geofence -n '__fish_seen_subcommand_from plan' -l script -d 'print the exact text the kernel tools would get'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from plan' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from plan' -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a restore -d 'put the fence back from the cache, without the network (boot)'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l allow -d 'only these get in: CA,US or @eu or "@europe !RU"' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l deny -d 'these do not get in' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l allow-subnet -d 'an address or network that always gets through' -x
complete -c geofence -n '__fish_seen_subcommand_from restore' -l ipv4-only -d 'leave IPv6 open'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l no-local -d 'fence local (private, link-local, ...) addresses too'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l log-drops -d 'let the kernel log what is dropped, six lines a minute at most'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l sets-only -d 'only the sets, for saved rules that name them'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l dry-run -d 'only say what would be done'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l force -d 'go on although this guard refuses (empty-set, too-wide, zone-shrank, zone-grew, ssh-peer, escape, ipv6-open, unconfirmed)' -x -a 'empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l wait -d 'wait for another run instead of giving up' -x
complete -c geofence -n '__fish_seen_subcommand_from restore' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from restore' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from restore' -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a status -d 'say what is fenced and whether it is as it should be (exit code 3 if not)'
complete -c geofence -n '__fish_seen_subcommand_from status' -l allow -d 'only these get in: CA,US or @eu or "@europe !RU"' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from status' -l deny -d 'these do not get in' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from status' -l allow-subnet -d 'an address or network that always gets through' -x
complete -c geofence -n '__fish_seen_subcommand_from status' -l ipv4-only -d 'leave IPv6 open'
complete -c geofence -n '__fish_seen_subcommand_from status' -l no-local -d 'fence local (private, link-local, ...) addresses too'
complete -c geofence -n '__fish_seen_subcommand_from status' -l log-drops -d 'let the kernel log what is dropped, six lines a minute at most'
complete -c geofence -n '__fish_seen_subcommand_from status' -l max-zone-age -d 'zones this old are asked for again (6)' -x
complete -c geofence -n '__fish_seen_subcommand_from status' -l check -d 'one line for a monitor: OK, WARNING or CRITICAL'
complete -c geofence -n '__fish_seen_subcommand_from status' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from status' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from status' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from status' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from status' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from status' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from status' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from status' -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a check -d 'say whether addresses get in, and why'
complete -c geofence -n '__fish_seen_subcommand_from check' -l allow -d 'only these get in: CA,US or @eu or "@europe !RU"' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from check' -l deny -d 'these do not get in' -x -a '(__geofence_countries)'
complete -c geofence -n '__fish_seen_subcommand_from check' -l allow-subnet -d 'an address or network that always gets through' -x
complete -c geofence -n '__fish_seen_subcommand_from check' -l ipv4-only -d 'leave IPv6 open'
complete -c geofence -n '__fish_seen_subcommand_from check' -l no-local -d 'fence local (private, link-local, ...) addresses too'
complete -c geofence -n '__fish_seen_subcommand_from check' -l log-drops -d 'let the kernel log what is dropped, six lines a minute at most'
complete -c geofence -n '__fish_seen_subcommand_from check' -l summary -d 'of addresses on standard input only the summary by country'
complete -c geofence -n '__fish_seen_subcommand_from check' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from check' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from check' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from check' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from check' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from check' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from check' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from check' -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a confirm -d 'keep the change that "refresh --confirm" is about to take back'
complete -c geofence -n '__fish_seen_subcommand_from confirm' -l wait -d 'wait for another run instead of giving up' -x
complete -c geofence -n '__fish_seen_subcommand_from confirm' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from confirm' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from confirm' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from confirm' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from confirm' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from confirm' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from confirm' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from confirm' -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a rollback -d 'take the last change back'
complete -c geofence -n '__fish_seen_subcommand_from rollback' -l force -d 'go on although this guard refuses (empty-set, too-wide, zone-shrank, zone-grew, ssh-peer, escape, ipv6-open, unconfirmed)' -x -a 'empty-set too-wide zone-shrank zone-grew ssh-peer escape ipv6-open unconfirmed'
complete -c geofence -n '__fish_seen_subcommand_from rollback' -l wait -d 'wait for another run instead of giving up' -x
complete -c geofence -n '__fish_seen_subcommand_from rollback' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from rollback' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from rollback' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from rollback' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from rollback' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from rollback' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from rollback' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from rollback' -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a remove -d 'take away everything that is ours, and nothing else'
complete -c geofence -n '__fish_seen_subcommand_from remove' -l dry-run -d 'only say what would be done'
complete -c geofence -n '__fish_seen_subcommand_from remove' -l wait -d 'wait for another run instead of giving up' -x
complete -c geofence -n '__fish_seen_subcommand_from remove' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from remove' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from remove' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from remove' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from remove' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from remove' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from remove' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from remove' -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a zones -d 'list the cached zones; say how they changed (diff); export them (export)'
complete -c geofence -n '__fish_seen_subcommand_from zones' -a diff
complete -c geofence -n '__fish_seen_subcommand_from zones' -a export
complete -c geofence -n '__fish_seen_subcommand_from zones' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from zones' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from zones' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from zones' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from zones' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from zones' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from zones' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from zones' -l format -d 'what reads it (cidr)' -x -a 'cidr ipset nft iptables nginx haproxy pf mikrotik'
complete -c geofence -n '__fish_seen_subcommand_from zones' -l name -d 'of the sets, table, chain or list (countries)' -x
complete -c geofence -n '__fish_seen_subcommand_from zones' -l ipv4 -d 'only IPv4'
complete -c geofence -n '__fish_seen_subcommand_from zones' -l ipv6 -d 'only IPv6'
complete -c geofence -n '__fish_seen_subcommand_from zones' -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a install -d 'put the program, its manual, its configuration and a schedule in their places'
complete -c geofence -n '__fish_seen_subcommand_from install' -l prefix -d 'where the program and its manual go (/usr/local)' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from install' -l root -d 'a folder that stands for /, for packages (DESTDIR)' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from install' -l schedule -d 'what runs the weekly refresh, and the restore at boot (auto: systemd where it runs, else cron)' -x -a 'auto systemd cron none'
complete -c geofence -n '__fish_seen_subcommand_from install' -l dry-run -d 'only say what would be done'
complete -c geofence -n '__fish_seen_subcommand_from install' -l yes -d 'ask nothing; of init: what no option says stays as it is, and a trial only with --confirm'
complete -c geofence -n '__fish_seen_subcommand_from install' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from install' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from install' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from install' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from install' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from install' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from install' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from install' -l help -d 'say what it does'
complete -c geofence -n __fish_use_subcommand -a uninstall -d 'take the fence away, and all that install put there but the configuration'
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l prefix -d 'where the program and its manual go (/usr/local)' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l root -d 'a folder that stands for /, for packages (DESTDIR)' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l purge -d 'the configuration, zones and policy too, and services that somebody edited (kept as NAME.saved otherwise)'
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l dry-run -d 'only say what would be done'
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l wait -d 'wait for another run instead of giving up' -x
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l yes -d 'ask nothing; of init: what no option says stays as it is, and a trial only with --confirm'
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l config -d 'configuration file (/etc/geofence/geofence.toml)' -r -F
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l cache-dir -d 'where zones are kept' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l state-dir -d 'where the policy and the former fence are remembered' -x -a '(__fish_complete_directories)'
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l iptables -d 'which iptables to use' -x -a 'auto nft legacy'
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l json -d 'print the answer as JSON'
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l quiet -d 'tell nothing but the answer, warnings and errors'
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l verbose -d 'tell each step and each command run'
complete -c geofence -n '__fish_seen_subcommand_from uninstall' -l help -d 'say what it does'
