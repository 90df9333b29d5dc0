import { Command, Option } from 'commander';
import { parseDays, parseNumber } from '../config/environment.ts';
import { UsageError } from '../errors.ts';
import { variants } from '../firewall/iptables/variant.ts';
import { guardNames } from '../plan/guard-names.ts';
import type { ParsedOptions } from './options.ts';

/** Runs one command; `arguments_` are those that are no options. */
export type Dispatch = (command: CommandName, options: ParsedOptions, arguments_: string[]) => Promise<void>;

export type CommandName =
  | 'refresh'
  | 'fetch'
  | 'plan'
  | 'restore'
  | 'status'
  | 'check'
  | 'confirm'
  | 'rollback'
  | 'remove';

const collect = (text: string, before: string[] | undefined): string[] => [...(before ?? []), text];

const collectGuard = (text: string, before: string[] | undefined): string[] => {
  if ((guardNames as readonly string[]).includes(text)) return collect(text, before);
  throw new UsageError(`Cannot use --force "${text}": no such guard`, `guards are ${guardNames.join(', ')}`);
};

const seconds = (flag: string) => (text: string) =>
  parseNumber(text, flag, (n) => n >= 0, 'a number of seconds, at least 0');

const wholeNumber = (text: string): number =>
  parseNumber(
    text,
    '--concurrency',
    (n) => Number.isInteger(n) && n >= 1 && n <= 64,
    'a whole number, 1 to 64',
  );

const policyOptions = (): Option[] =>
  [
    new Option('--allow <countries>', 'only these get in: CA,US or @eu or "@europe !RU"').argParser(collect),
    new Option('--deny <countries>', 'these do not get in').argParser(collect),
    new Option('--allow-subnet <cidr>', 'an address or network that always gets through').argParser(collect),
    new Option('--ipv4-only', 'leave IPv6 open'),
    new Option('--no-local', 'fence local (private, link-local, ...) addresses too'),
    new Option('--log-drops', 'let the kernel log what is dropped, six lines a minute at most'),
  ].map((option) => option.helpGroup('Policy:'));

const maxAgeOption = (): Option =>
  new Option('--max-zone-age <days>', 'zones this old are asked for again (6)')
    .argParser((text: string) => parseDays(text, '--max-zone-age'))
    .helpGroup('Zones:');

const zoneOptions = (): Option[] =>
  [
    new Option('--mirror <url>', "a base URL with ipdeny's layout, in place of ipdeny's"),
    maxAgeOption(),
    new Option('--concurrency <n>', 'requests at once to one host (2)').argParser(wholeNumber),
  ].map((option) => option.helpGroup('Zones:'));

const offlineOption = (): Option =>
  new Option('--offline', 'use the cache, whatever its age').helpGroup('Zones:');

const dryRunOption = (): Option =>
  new Option('--dry-run', 'only say what would be done').helpGroup('This run:');

const waitOption = (): Option[] => [
  new Option('--wait <seconds>', 'wait for another run instead of giving up')
    .argParser(seconds('--wait'))
    .helpGroup('This run:'),
];

const forceOption = (): Option =>
  new Option('--force <guard>', `go on although this guard refuses (${guardNames.join(', ')})`)
    .argParser(collectGuard)
    .helpGroup('This run:');

const confirmOption = (): Option =>
  new Option(
    '--confirm <seconds>',
    'take the change back after so long, unless "geofence confirm" comes first',
  )
    .argParser((text: string) =>
      parseNumber(text, '--confirm', (n) => n >= 1 && n <= 86_400, 'a number of seconds, 1 to 86400'),
    )
    .helpGroup('This run:');

const commonOptions = (): Option[] =>
  [
    new Option('--config <file>', 'configuration file (/etc/geofence/geofence.toml)'),
    new Option('--cache-dir <dir>', 'where zones are kept'),
    new Option('--state-dir <dir>', 'where the policy and the former fence are remembered'),
    new Option('--iptables <variant>', 'which iptables to use').choices([...variants]),
    new Option('--json', 'print the answer as JSON'),
    new Option('--quiet', 'tell nothing but the answer, warnings and errors'),
    new Option('--verbose', 'tell each step and each command run'),
  ].map((option) => option.helpGroup('General:'));

/** The command tree. Every action does one thing: dispatch. */
export function buildProgram(version: string, dispatch: Dispatch): Command {
  const program = new Command('geofence')
    .description('Keeps the firewall of this host equal to a sentence like "allow only CA" or "deny RU, CN".')
    .version(version, '-V, --version')
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nExamples:\n  geofence refresh --allow CA\n  geofence refresh --deny RU,CN --allow-subnet 192.0.2.0/24\n  geofence check 8.8.8.8\n',
    );
  const add: Add = (name, description, options) => {
    const command = program.command(name).description(description).allowExcessArguments(false);
    for (const option of options) command.addOption(option);
    command.action(async () => await dispatch(name, command.opts<ParsedOptions>(), command.args));
    return command;
  };
  addCommands(add);
  return program;
}

type Add = (name: CommandName, description: string, options: readonly Option[]) => Command;

function addCommands(add: Add): void {
  const change = (): Option[] => [dryRunOption(), forceOption(), ...waitOption()];
  const look = (): Option[] => [...policyOptions(), ...commonOptions()];

  add('refresh', 'fetch what is old, then make the kernel hold the policy', [
    ...policyOptions(),
    ...zoneOptions(),
    offlineOption(),
    ...change(),
    confirmOption(),
    ...commonOptions(),
  ]);
  add('fetch', 'only bring the cached zones up to date; needs no privilege', [
    ...policyOptions(),
    ...zoneOptions(),
    forceOption(),
    ...waitOption(),
    ...commonOptions(),
  ]);
  add('plan', 'say what refresh would change in the kernel; change nothing there', [
    ...policyOptions(),
    ...zoneOptions(),
    offlineOption(),
    forceOption(),
    ...waitOption(),
    new Option('--script', 'print the exact text the kernel tools would get').helpGroup('This run:'),
    ...commonOptions(),
  ]);
  add('restore', 'put the fence back from the cache, without the network (boot)', [
    ...policyOptions(),
    new Option('--sets-only', 'only the sets, for saved rules that name them').helpGroup('This run:'),
    ...change(),
    ...commonOptions(),
  ]);
  add('status', 'say what is fenced and whether it is as it should be (exit code 3 if not)', [
    ...look(),
    maxAgeOption(),
  ]);
  add('check', 'say whether addresses get in, and why', look()).argument(
    '<address...>',
    'IPv4 or IPv6 addresses',
  );
  add('confirm', 'keep the change that "refresh --confirm" is about to take back', [
    ...waitOption(),
    ...commonOptions(),
  ]);
  add('rollback', 'take the last change back', [
    forceOption(),
    ...waitOption(),
    new Option('--pending <id>').hideHelp(),
    ...commonOptions(),
  ]);
  add('remove', 'take away everything that is ours, and nothing else', [
    dryRunOption(),
    ...waitOption(),
    ...commonOptions(),
  ]);
}
