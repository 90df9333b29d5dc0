import { Option } from 'commander';
import { attributeOf, longOf } from '../config/flags.ts';
import type { Flag } from '../config/setting.ts';
import type { SettingName } from '../config/settings.ts';
import { settingOf, settingRows } from '../config/settings.ts';
import { parseNumber } from '../config/values.ts';
import { UsageError } from '../errors.ts';
import { familyOf, parseAddress } from '../ip/cidr.ts';
import { scheduleChoices } from '../install/scheduler.ts';
import { guardNames } from '../refusal.ts';
import { exportFormats, exportNameProblem } from '../report/export-formats.ts';
import type { CommandName } from './command-name.ts';

/** An option and the commands that take it; made for those that are run, for all of them together take a millisecond. */
interface StatedOption {
  readonly make: () => Option;
  readonly of: 'all' | readonly CommandName[];
}

const append = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

const collectGuard = (text: string, before: string[] | undefined): string[] => {
  if ((guardNames as readonly string[]).includes(text)) return append(text, before);
  const [, address] = /^ssh-peer=(.*)$/.exec(text) ?? [];
  if (address !== undefined) return append(`ssh-peer=${parseForcedAddress(address)}`, before);
  throw new UsageError(`Cannot use --force "${text}": no such guard`, `guards are ${guardNames.join(', ')}`);
};

/** In canonical form, as the guard has it. */
function parseForcedAddress(text: string): string {
  const family = familyOf(text);
  const words = parseAddress(family, text);
  if (words !== undefined) return family.format(words, 0);
  throw new UsageError(
    `Cannot use --force "ssh-peer=${text}": expected an address`,
    'as the guard says it, for example: --force ssh-peer=192.0.2.7',
  );
}

/** An unset variable of a script would be the current folder. */
const pathFor =
  (name: string) =>
  (text: string): string => {
    if (text !== '') return text;
    throw new UsageError(`Cannot use ${name} "": expected a path`);
  };

/** The option for a flag of a setting. */
function optionOf(name: SettingName, flag: Flag): Option {
  const { value, flags = [] } = settingOf(name);
  const option = new Option(flag.syntax, flag.description).helpGroup(`${flag.group}:`);
  // Of several flags for one setting only one makes sense.
  for (const other of flags.slice(0, flags.indexOf(flag))) option.conflicts(attributeOf(other));
  if (flag.sets !== undefined) return option;
  if (value.is === 'choice') return option.choices([...value.of]);
  if (value.is === 'words') return option.argParser(append);
  if (value.is === 'path') return option.argParser(pathFor(longOf(flag)));
  return value.is === 'number'
    ? option.argParser((text: string) => parseNumber(text, longOf(flag), value))
    : option;
}

/** All options of settings in a group, and those that only one command has. */
const settingOptions = (
  group: Flag['group'],
  of: StatedOption['of'],
  also: Partial<Record<SettingName, readonly CommandName[]>> = {},
): StatedOption[] =>
  settingRows.flatMap(([name, { flags = [] }]) =>
    flags
      .filter((flag) => flag.group === group)
      .map((flag) => ({
        make: () => optionOf(name, flag),
        of: flag.of === undefined ? (of === 'all' ? of : [...of, ...(also[name] ?? [])]) : [flag.of],
      })),
  );

const inGroup =
  (title: string) =>
  (
    flags: string,
    description: string,
    of: StatedOption['of'],
    refine: (option: Option) => Option = (option) => option,
  ): StatedOption => ({
    make: () => refine(new Option(flags, description)).helpGroup(`${title}:`),
    of,
  });

const [policy, zoneUse, run, installation, exporting, general] = [
  inGroup('Policy'),
  inGroup('Zones'),
  inGroup('This run'),
  inGroup('Installation'),
  inGroup('Export'),
  inGroup('General'),
];

const numbered =
  (name: string, what: string, min: number, max?: number) =>
  (option: Option): Option =>
    option.argParser((text: string) => parseNumber(text, name, { what, min, ...(max && { max }) }));

const parsePrefix = (text: string): string => {
  // It stands in shell scripts and units.
  if (/^\/[\w./+-]*$/.test(text)) return text.replace(/\/+$/, '');
  throw new UsageError(`Cannot use --prefix "${text}": expected an absolute path without spaces`);
};

const parseExportName = (text: string): string => {
  const problem = exportNameProblem(text);
  if (problem === undefined) return text;
  throw new UsageError(`Cannot use --name "${text}": ${problem}`);
};

const wholeRuns = ['init', 'refresh'] as const;
const withZones = [...wholeRuns, 'fetch', 'plan'] as const;
const changing = [...wholeRuns, 'restore', 'remove'] as const;
const installing = ['install', 'uninstall'] as const;
const stating = ['fence add', 'fence set'] as const;
const fencing = [...stating, 'fence remove'] as const;

/** Every option, in the order of the help. */
export const statedOptions: readonly StatedOption[] = [
  ...settingOptions('Policy', [...withZones, 'restore', 'status', 'check', 'config check'], {
    allow: stating,
    deny: stating,
    ports: stating,
    interfaces: stating,
    allow_subnets: stating,
    log_drops: stating,
  }),
  policy('--preview', 'only count what the fence would drop', stating),
  policy('--enforce', 'a preview no more', ['fence set']),
  policy('--description <text>', 'what the fence is for', stating),
  ...settingOptions('Zones', [...withZones, 'config check'], { max_zone_age_days: ['status'] }),
  zoneUse('--offline', 'use the cache, whatever its age', [...wholeRuns, ...fencing, 'plan']),
  installation('--prefix <dir>', 'where the program and its manual go (/usr/local)', installing, (option) =>
    option.argParser(parsePrefix),
  ),
  installation('--root <dir>', 'a folder that stands for /, for packages (DESTDIR)', installing, (option) =>
    option.argParser(pathFor('--root')),
  ),
  installation(
    '--schedule <how>',
    'what runs the weekly refresh, and the restore at boot (auto: systemd where it runs, else cron)',
    ['init', 'install'],
    (option) => option.choices([...scheduleChoices]),
  ),
  installation(
    '--purge',
    'the configuration, zones and policy too, and services that somebody edited (kept as NAME.saved otherwise)',
    ['uninstall'],
  ),
  run('--sets-only', 'only the sets, for saved rules that name them', ['restore']),
  run('--check', 'one line for a monitor: OK, WARNING or CRITICAL', ['status']),
  run('--summary', 'of addresses on standard input only the summary by country', ['check']),
  run('--port <port>', 'what addresses ask for: tcp/22, udp/53 (each way in)', ['check']),
  run('--for <time>', 'close it after 90s, 10m, 1h, 2d; needless with a command (1h)', ['open']),
  run('--from <address>', 'one visitor, to whom everything is open', ['open', 'close']),
  run('--all', 'close everything that was opened', ['close']),
  run('--dry-run', 'only say what would be done', [...changing, ...fencing, ...installing]),
  run(
    '--force <guard>',
    `go on although this guard refuses (${guardNames.join(', ')}); ssh-peer=ADDRESS: about that address alone`,
    [...withZones, ...fencing, 'restore', 'rollback'],
    (option) => option.argParser(collectGuard),
  ),
  run(
    '--wait <seconds>',
    'wait for another run instead of giving up',
    [...withZones, ...fencing, 'restore', 'remove', 'confirm', 'rollback', 'open', 'close', 'uninstall'],
    numbered('--wait', 'a number of seconds, at least 0', 0),
  ),
  run(
    '--confirm <seconds>',
    'take the change back after so long, unless "geofence confirm" comes first',
    [...wholeRuns, ...fencing],
    numbered('--confirm', 'a number of seconds, 1 to 86400', 1, 86_400),
  ),
  run('--script', 'print the exact text the kernel tools would get', ['plan']),
  run('--yes', 'ask nothing; of init: what no option says stays as it is, and a trial only with --confirm', [
    'init',
    ...fencing,
    ...installing,
  ]),
  // As the timer calls it.
  { make: () => new Option('--pending <id>').hideHelp(), of: ['rollback'] },
  exporting('--format <format>', 'what reads it (cidr)', ['zones export'], (option) =>
    option.choices(exportFormats),
  ),
  exporting('--name <name>', 'of the sets, table, chain or list (countries)', ['zones export'], (option) =>
    option.argParser(parseExportName),
  ),
  exporting('--ipv4', 'only IPv4', ['zones export'], (option) => option.conflicts('ipv6')),
  exporting('--ipv6', 'only IPv6', ['zones export']),
  general('--config <file>', 'configuration file (/etc/geofence/geofence.toml)', 'all'),
  ...settingOptions('General', 'all'),
  general('--json', 'print the answer as JSON', 'all'),
  general('--quiet', 'tell nothing but the answer, warnings and errors', 'all'),
  general('--verbose', 'tell each step and each command run', 'all'),
];
