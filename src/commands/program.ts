import type { Option } from 'commander';
import { Command } from 'commander';
import {
  commonOptions,
  confirmOption,
  dryRunOption,
  exportOptions,
  forceOption,
  initOptions,
  maxAgeOption,
  offlineOption,
  pendingOption,
  policyOptions,
  prefixOption,
  purgeOption,
  rootOption,
  scheduleOption,
  scriptOption,
  setsOnlyOption,
  waitOption,
  yesOption,
  zoneOptions,
} from './flags.ts';
import type { ParsedOptions } from './options.ts';

/** Runs one command; `arguments_` are those that are no options. */
export type Dispatch = (command: CommandName, options: ParsedOptions, arguments_: string[]) => Promise<void>;

export type CommandName =
  | 'init'
  | 'refresh'
  | 'fetch'
  | 'plan'
  | 'restore'
  | 'status'
  | 'check'
  | 'confirm'
  | 'rollback'
  | 'remove'
  | 'install'
  | 'uninstall'
  | 'zones'
  | 'zones diff'
  | 'zones export';

interface Definition {
  /** "zones diff" is a subcommand of "zones", which stands before it. */
  readonly name: CommandName;
  readonly description: string;
  readonly options: readonly Option[];
  /** What it takes besides options, and what that is. */
  readonly argument?: readonly [syntax: string, description: string];
}

const definitions: readonly Definition[] = [
  {
    name: 'init',
    description: 'set up, or change what is set up: asks, writes the configuration, tries it out',
    options: [
      ...policyOptions,
      ...initOptions,
      ...zoneOptions,
      offlineOption,
      dryRunOption,
      forceOption,
      waitOption,
      confirmOption,
    ],
  },
  {
    name: 'refresh',
    description: 'fetch what is old, then make the kernel hold the policy',
    options: [
      ...policyOptions,
      ...zoneOptions,
      offlineOption,
      dryRunOption,
      forceOption,
      waitOption,
      confirmOption,
    ],
  },
  {
    name: 'fetch',
    description: 'only bring the cached zones up to date; needs no privilege',
    options: [...policyOptions, ...zoneOptions, forceOption, waitOption],
  },
  {
    name: 'plan',
    description: 'say what refresh would change in the kernel; change nothing there',
    options: [...policyOptions, ...zoneOptions, offlineOption, forceOption, waitOption, scriptOption],
  },
  {
    name: 'restore',
    description: 'put the fence back from the cache, without the network (boot)',
    options: [...policyOptions, setsOnlyOption, dryRunOption, forceOption, waitOption],
  },
  {
    name: 'status',
    description: 'say what is fenced and whether it is as it should be (exit code 3 if not)',
    options: [...policyOptions, maxAgeOption],
  },
  {
    name: 'check',
    description: 'say whether addresses get in, and why',
    options: policyOptions,
    argument: ['<address...>', 'IPv4 or IPv6 addresses'],
  },
  {
    name: 'confirm',
    description: 'keep the change that "refresh --confirm" is about to take back',
    options: [waitOption],
  },
  {
    name: 'rollback',
    description: 'take the last change back',
    options: [forceOption, waitOption, pendingOption],
  },
  {
    name: 'remove',
    description: 'take away everything that is ours, and nothing else',
    options: [dryRunOption, waitOption],
  },
  {
    name: 'install',
    description: 'put the program, its manual, its configuration and a schedule in their places',
    options: [prefixOption, rootOption, scheduleOption, dryRunOption, yesOption],
  },
  {
    name: 'uninstall',
    description: 'take the fence away, and all that install put there but the configuration',
    options: [prefixOption, rootOption, purgeOption, dryRunOption, waitOption, yesOption],
  },
  {
    name: 'zones',
    description: 'list the cached zones; say how they changed (diff); export them (export)',
    options: [],
    argument: ['[countries...]', 'as for --allow'],
  },
  {
    name: 'zones diff',
    description: 'say what zones gained and lost since the copies before them',
    options: [],
    argument: ['<countries...>', 'as for --allow'],
  },
  {
    name: 'zones export',
    description: 'print the merged networks of countries, for other gates',
    options: exportOptions,
    argument: ['<countries...>', 'as for --allow'],
  },
];

/** Of the help and of the manual. */
export const examples: readonly string[] = [
  'geofence refresh --allow CA',
  'geofence refresh --deny RU,CN --allow-subnet 192.0.2.0/24',
  'geofence check 8.8.8.8',
];

/** The command tree. Every action does one thing: dispatch. */
export function buildProgram(version: string, dispatch: Dispatch): Command {
  const program = new Command('geofence')
    .description('Keeps the firewall of this host equal to a sentence like "allow only CA" or "deny RU, CN".')
    .version(version, '-V, --version')
    .helpCommand(false)
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}\n`).join('')}`);
  for (const { name, description, options, argument } of definitions) {
    const command = addCommand(program, name.split(' ')).description(description).allowExcessArguments(false);
    for (const option of [...options, ...commonOptions]) command.addOption(option);
    if (argument !== undefined) command.argument(...argument);
    // With those of "zones": it takes the options that it knows, wherever they stand, before "zones diff" sees them.
    command.action(async () => await dispatch(name, command.optsWithGlobals<ParsedOptions>(), command.args));
  }
  return program;
}

function addCommand(parent: Command, [word = '', ...more]: readonly string[]): Command {
  const existing = parent.commands.find((command) => command.name() === word);
  return existing === undefined ? parent.command(word) : addCommand(existing, more);
}
