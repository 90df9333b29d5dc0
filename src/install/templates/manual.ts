import type { Command, Option } from 'commander';
import { settingRows } from '../../config/settings.ts';
import { environment, exitStatus, files } from './facts.ts';
import { markLine } from '../mark.ts';
import { bold, entry, escapeRoff, heading, literal, paragraph, subheading } from './roff.ts';
import { exampleLine } from './settings-template.ts';
import { topics } from './topics.ts';

/** The manual page geofence(8), made from the command tree so that it says what the program does. */
export const manual = (program: Command, examples: readonly string[]): string =>
  [
    `${markLine('.\\"')}\n.TH GEOFENCE 8 "" "geofence ${escapeRoff(program.version() ?? '')}" "System Administration"\n`,
    heading('NAME'),
    'geofence \\- keep a firewall equal to a sentence about countries\n',
    heading('SYNOPSIS'),
    allCommands(program)
      .map((command) => `${bold(synopsisOf(command))}\n`)
      .join('.br\n'),
    heading('DESCRIPTION'),
    paragraph(program.description()),
    paragraph(
      'Countries are ISO 3166-1 codes in any case, separated by commas or spaces. Groups start with "@". A leading "!" takes away: "@eu !HU".',
    ),
    paragraph(
      'At every instant the kernel holds the whole old fence or the whole new one, of each family. A change that would cut off the SSH session of whoever makes it is refused. What is not as the policy says shows in the exit status.',
    ),
    heading('COMMANDS'),
    ...allCommands(program).map(describeCommand),
    heading('OPTIONS'),
    ...optionGroups(program).flatMap(([title, options]) => [
      subheading(title),
      ...options.map(describeOption),
    ]),
    heading('CONFIGURATION'),
    paragraph(
      'Options come first, then the environment, then the files, then what the last refresh was told. The configuration file is yours; "geofence init" writes files of its own beside it (FILES), and never edits yours. Where both state the same, nothing is done until it stands in one of them alone; addresses that always get in add up. "geofence config check" tells what counts, and where it is stated.',
    ),
    paragraph('The configuration file is TOML; its settings, with their defaults or an example:'),
    ...settingRows.map(([name, { comment }]) => entry(exampleLine(name).split('\n').join(' '), comment)),
    ...topics,
    heading('ENVIRONMENT'),
    ...environment.map(([name, meaning]) => entry(name, meaning)),
    heading('FILES'),
    ...files.map(([path, meaning]) => entry(path, meaning)),
    heading('"EXIT STATUS"'),
    ...exitStatus.map(([code, meaning]) => entry(code, meaning)),
    heading('EXAMPLES'),
    literal(examples),
    heading('"SEE ALSO"'),
    '.BR ipset (8),\n.BR iptables (8),\n.BR systemd.timer (5),\n.BR cron (8)\n',
  ].join('');

/** Each before its subcommands; what only holds those has no options. */
const allCommands = ({ commands }: Command): Command[] =>
  commands.flatMap((command) => [...(command.options.length === 0 ? [] : [command]), ...command.commands]);

const fullName = (command: Command): string =>
  command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;

const synopsisOf = (command: Command): string =>
  [
    fullName(command),
    '[options]',
    ...command.registeredArguments.map((argument) => `${argument.name()}${argument.variadic ? '...' : ''}`),
  ].join(' ');

/** Options are described once, for most belong to several commands. */
function describeCommand(command: Command): string {
  const own = shownOptions(command).filter((option) => !isGeneral(option));
  const names = own.map(({ long }) => long).join(', ');
  return [
    subheading(synopsisOf(command)),
    paragraph(`${capitalize(command.description())}.`),
    ...command.registeredArguments.map((argument) =>
      entry(argument.name(), `${capitalize(argument.description)}.`),
    ),
    paragraph(own.length === 0 ? 'Takes the general options.' : `Takes ${names} and the general options.`),
  ].join('');
}

function describeOption(option: Option): string {
  const [term = '', argument = ''] = option.flags.replaceAll(/[<>]/g, '').split(' ');
  const choices = option.argChoices === undefined ? '' : ` One of ${option.argChoices.join(', ')}.`;
  return entry(term, `${capitalize(option.description)}.${choices}`, argument);
}

/** Hidden ones are for ourselves. */
const shownOptions = (command: Command): Option[] => command.options.filter(({ hidden }) => !hidden);

const isGeneral = ({ helpGroupHeading }: Option): boolean => helpGroupHeading === 'General:';

/** Every option once, by the headings that --help has too. */
function optionGroups(program: Command): [string, Option[]][] {
  const groups = new Map<string, Map<string, Option>>();
  for (const option of allCommands(program).flatMap(shownOptions)) {
    const title = (option.helpGroupHeading ?? '').replace(/:$/, '');
    groups.set(title, (groups.get(title) ?? new Map<string, Option>()).set(option.flags, option));
  }
  return [...groups].map(([title, options]) => [title, [...options.values()]]);
}

const capitalize = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
