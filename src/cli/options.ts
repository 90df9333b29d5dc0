import { Option } from 'commander';
import { parseDays, parseNumber } from '../config/environment.ts';
import { UsageError } from '../errors.ts';
import { variants } from '../firewall/choose.ts';
import { scheduleChoices } from '../install/schedules.ts';
import { guardNames } from '../plan/guard-names.ts';
import { exportFormats, exportNameProblem } from '../report/export-formats.ts';

// One object for each option, whichever commands have it: an Option keeps no value.

const collect = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

const collectGuard = (text: string, before: string[] | undefined): string[] => {
  if ((guardNames as readonly string[]).includes(text)) return collect(text, before);
  throw new UsageError(`Cannot use --force "${text}": no such guard`, `guards are ${guardNames.join(', ')}`);
};

const isCount = (n: number): boolean => Number.isInteger(n) && n >= 1 && n <= 64;

const grouped = (title: string, options: readonly Option[]): Option[] =>
  options.map((option) => option.helpGroup(title));

export const policyOptions = grouped('Policy:', [
  new Option('--allow <countries>', 'only these get in: CA,US or @eu or "@europe !RU"').argParser(collect),
  new Option('--deny <countries>', 'these do not get in').argParser(collect),
  new Option('--allow-subnet <cidr>', 'an address or network that always gets through').argParser(collect),
  new Option('--ipv4-only', 'leave IPv6 open'),
  new Option('--no-local', 'fence local (private, link-local, ...) addresses too'),
  new Option('--log-drops', 'let the kernel log what is dropped, six lines a minute at most'),
]);

export const maxAgeOption = new Option('--max-zone-age <days>', 'zones this old are asked for again (6)')
  .argParser((text: string) => parseDays(text, '--max-zone-age'))
  .helpGroup('Zones:');

export const zoneOptions = grouped('Zones:', [
  new Option('--mirror <url>', "a base URL with ipdeny's layout, in place of ipdeny's"),
  maxAgeOption,
  new Option('--concurrency <n>', 'requests at once to one host (2)').argParser((text: string) =>
    parseNumber(text, '--concurrency', isCount, 'a whole number, 1 to 64'),
  ),
]);

export const offlineOption = new Option('--offline', 'use the cache, whatever its age').helpGroup('Zones:');

const runOption = (flags: string, description: string): Option =>
  new Option(flags, description).helpGroup('This run:');

export const dryRunOption = runOption('--dry-run', 'only say what would be done');

export const waitOption = runOption(
  '--wait <seconds>',
  'wait for another run instead of giving up',
).argParser((text: string) => parseNumber(text, '--wait', (n) => n >= 0, 'a number of seconds, at least 0'));

export const forceOption = runOption(
  '--force <guard>',
  `go on although this guard refuses (${guardNames.join(', ')})`,
).argParser(collectGuard);

export const confirmOption = runOption(
  '--confirm <seconds>',
  'take the change back after so long, unless "geofence confirm" comes first',
).argParser((text: string) =>
  parseNumber(text, '--confirm', (n) => n >= 1 && n <= 86_400, 'a number of seconds, 1 to 86400'),
);

export const scriptOption = runOption('--script', 'print the exact text the kernel tools would get');

export const summaryOption = runOption(
  '--summary',
  'of addresses on standard input only the summary by country',
);

export const setsOnlyOption = runOption('--sets-only', 'only the sets, for saved rules that name them');

export const checkOption = runOption('--check', 'one line for a monitor: OK, WARNING or CRITICAL');

const installationOption = (flags: string, description: string): Option =>
  new Option(flags, description).helpGroup('Installation:');

export const prefixOption = installationOption(
  '--prefix <dir>',
  'where the program and its manual go (/usr/local)',
).argParser((text: string) => {
  // It stands in shell scripts and units.
  if (/^\/[\w./+-]*$/.test(text)) return text.replace(/\/+$/, '');
  throw new UsageError(`Cannot use --prefix "${text}": expected an absolute path without spaces`);
});

export const rootOption = installationOption(
  '--root <dir>',
  'a folder that stands for /, for packages (DESTDIR)',
);

export const scheduleOption = installationOption(
  '--schedule <how>',
  'what runs the weekly refresh, and the restore at boot (auto: systemd where it runs, else cron)',
).choices([...scheduleChoices]);

export const purgeOption = installationOption(
  '--purge',
  'the configuration, zones and policy too, and services that somebody edited (kept as NAME.saved otherwise)',
);

export const yesOption = runOption(
  '--yes',
  'ask nothing; of init: what no option says stays as it is, and a trial only with --confirm',
);

/** The answers to the questions of `init` that are not policy. */
export const initOptions = [
  ...grouped('Policy:', [new Option('--ipv6', 'fence IPv6 too (the default)').conflicts('ipv4Only')]),
  scheduleOption,
  yesOption,
];

/** Of `rollback`, as the timer calls it. */
export const pendingOption = new Option('--pending <id>').hideHelp();

const parseExportName = (text: string): string => {
  const problem = exportNameProblem(text);
  if (problem === undefined) return text;
  throw new UsageError(`Cannot use --name "${text}": ${problem}`);
};

export const exportOptions = grouped('Export:', [
  new Option('--format <format>', 'what reads it (cidr)').choices(exportFormats),
  new Option('--name <name>', 'of the sets, table, chain or list (countries)').argParser(parseExportName),
  new Option('--ipv4', 'only IPv4').conflicts('ipv6'),
  new Option('--ipv6', 'only IPv6'),
]);

export const commonOptions = grouped('General:', [
  new Option('--config <file>', 'configuration file (/etc/geofence/geofence.toml)'),
  new Option('--cache-dir <dir>', 'where zones are kept'),
  new Option('--state-dir <dir>', 'where the policy and the former fence are remembered'),
  new Option('--iptables <variant>', 'which iptables to use').choices([...variants]),
  new Option('--json', 'print the answer as JSON'),
  new Option('--quiet', 'tell nothing but the answer, warnings and errors'),
  new Option('--verbose', 'tell each step and each command run'),
]);
