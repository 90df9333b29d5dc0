import type { CommandName } from './command-name.ts';
import { Command } from 'commander';
import type { OutputConfiguration } from 'commander';
import type { ParsedOptions } from '../context/parsed-options.ts';

/** Runs one command; `arguments_` are those that are no options. */
export type Dispatch = (command: CommandName, options: ParsedOptions, arguments_: string[]) => Promise<void>;

interface Definition {
  /** "zones diff" is a subcommand of "zones", which stands before it; "config" and "fence" do nothing but hold theirs. */
  readonly name: CommandName | 'config' | 'fence';
  readonly description: string;
  /** What it takes besides options, and what that is. */
  readonly argument?: readonly [syntax: string, description: string];
}

const definitions: readonly Definition[] = [
  {
    name: 'init',
    description: 'set up, or change what is set up: asks, writes the configuration, tries it out',
  },
  {
    name: 'refresh',
    description: 'fetch what is old, then make the kernel hold the policy',
  },
  {
    name: 'fetch',
    description: 'only bring the cached zones up to date; needs no privilege',
  },
  {
    name: 'plan',
    description: 'say what refresh would change, and for whom; fetches zones, changes nothing else',
  },
  {
    name: 'restore',
    description: 'put the fence back from the cache, without the network (boot)',
  },
  {
    name: 'status',
    description: 'say what is fenced and whether it is as it should be (exit code 3 if not)',
  },
  {
    name: 'check',
    description: 'say whether addresses get in, and why',
    argument: [
      '[address...]',
      'addresses or host names; "-": the first address in each line of standard input',
    ],
  },
  {
    name: 'confirm',
    description: 'keep the change that "refresh --confirm" is about to take back',
  },
  {
    name: 'rollback',
    description: 'take the last change back',
  },
  {
    name: 'remove',
    description: 'take away everything that is ours, and nothing else',
  },
  {
    name: 'fence',
    description: 'list, add, change and remove fences for ports or interfaces',
  },
  {
    name: 'fence list',
    description: 'list the fences, where they are stated, and who gets in where',
  },
  {
    name: 'fence add',
    description: 'add a fence: write its file, show what changes, put it in force',
    argument: ['<name>', 'of the fence: 1 to 10 of a to z, 0 to 9 and "-"'],
  },
  {
    name: 'fence set',
    description: 'change what is given of a fence, and put it in force',
    argument: ['<name>', 'of the fence'],
  },
  {
    name: 'fence remove',
    description: 'remove a fence, and its file',
    argument: ['<name>', 'of the fence'],
  },
  {
    name: 'open',
    description: 'let everybody reach ports for a while, or one visitor everything (--from)',
    argument: [
      '[what...]',
      'tcp/80, udp/1000-2000, or all; behind "--": a command, at whose end it is closed',
    ],
  },
  {
    name: 'close',
    description: 'close what was opened, before its time',
    argument: ['[what...]', 'as for open'],
  },
  {
    name: 'history',
    description: 'say when the kernel was changed, by whom and how, for the last year',
  },
  {
    name: 'zones',
    description: 'list the cached zones; say how they changed (diff); export them (export)',
    argument: ['[countries...]', 'as for --allow'],
  },
  {
    name: 'zones diff',
    description: 'say what zones gained and lost since the copies before them',
    argument: ['<countries...>', 'as for --allow'],
  },
  {
    name: 'zones export',
    description: 'print the merged networks of countries, for other gates',
    argument: ['<countries...>', 'as for --allow'],
  },
  {
    name: 'config',
    description: 'look at the configuration (check)',
  },
  {
    name: 'config check',
    description: 'say what each setting is, where that is stated, and what is wrong; needs no privilege',
  },
  {
    name: 'install',
    description: 'put the program, its manual, its configuration and a schedule in their places',
  },
  {
    name: 'uninstall',
    description: 'take the fence away, and all that install put there but the configuration',
  },
];

/** Of the help and of the manual. */
export const examples: readonly string[] = [
  'geofence refresh --allow CA',
  'geofence refresh --deny RU,CN --allow-subnet 192.0.2.0/24',
  'geofence check 8.8.8.8',
  'geofence check --summary - <access.log',
  'geofence open tcp/80 --for 10m -- certbot renew',
];

/**
 * Returns the command tree; every action does one thing: dispatch. A command gets its options when it is its turn: all
 * of them together take longer to make than all else that "--help" has to do. Parsing it throws CommanderError instead
 * of ending the process.
 */
export function buildProgram(version: string, output: OutputConfiguration, dispatch: Dispatch): Command {
  const program = new Command('geofence')
    .description('Keeps the firewall of this host equal to a sentence like "allow only CA" or "deny RU, CN".')
    .version(version, '-V, --version')
    .helpCommand(false)
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}\n`).join('')}`)
    .configureHelp({ subcommandTerm })
    .configureOutput(output)
    .exitOverride();
  for (const { name, description, argument } of definitions) {
    const command = addCommand(program, name.split(' ')).description(description).allowExcessArguments(false);
    if (isHolder(name)) {
      command.helpCommand(false);
      continue;
    }
    if (argument !== undefined) command.argument(...argument);
    // With those of "zones": it takes the options that it knows, wherever they stand, before "zones diff" sees them.
    command.action(async () => await dispatch(name, command.optsWithGlobals<ParsedOptions>(), command.args));
  }
  for (const command of [program, ...program.commands])
    command.hook('preSubcommand', async (_, next) => await addOptions(next));
  return program;
}

/**
 * Returns the command tree with the options of all commands, to be described in the manual and to shells, not to be
 * run.
 */
export async function describedProgram(version: string): Promise<Command> {
  const program = buildProgram(version, {}, async () => {});
  for (const command of program.commands.flatMap((top) => [top, ...top.commands])) await addOptions(command);
  return program;
}

async function addOptions(command: Command): Promise<void> {
  const name = pathOf(command);
  if (isHolder(name)) return;
  const { optionsOf } = await import('./command-options.ts');
  for (const option of optionsOf(name)) command.addOption(option);
}

/** Whether a command does nothing but hold others. */
const isHolder = (name: Definition['name']): name is 'config' | 'fence' =>
  name === 'config' || name === 'fence';

/** "zones diff" */
function pathOf(command: Command): Definition['name'] {
  const { parent } = command;
  const path =
    parent === null || parent.parent === null ? command.name() : `${parent.name()} ${command.name()}`;
  const definition = definitions.find(({ name }) => name === path);
  if (definition === undefined) throw new Error(`no command "${path}"`);
  return definition.name;
}

function addCommand(parent: Command, [word = '', ...more]: readonly string[]): Command {
  const existing = parent.commands.find((command) => command.name() === word);
  return existing === undefined ? parent.command(word) : addCommand(existing, more);
}

/** Commander's own looks for options, which are not there yet; with subcommands, a line would be too long to wrap. */
const subcommandTerm = (command: Command): string =>
  `${command.name()} ${command.usage().replace(' [command]', '')}`;
