import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command, Option } from 'commander';
import { describedProgram } from '../../src/cli/program.ts';
import { exitCodes } from '../../src/errors.ts';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';
import type { CommandOutcome } from '../helpers/in-process.ts';
import { OBEYED } from '../helpers/obeyed.ts';

const known: ReadonlySet<number> = new Set(Object.values(exitCodes));

const commands = (await describedProgram('0.0.0')).commands
  .flatMap((command) => [command, ...command.commands])
  .filter(({ options }) => options.length > 0);

const words = (command: Command): string[] =>
  command.parent?.parent ? [command.parent.name(), command.name()] : [command.name()];

/** These would write to this machine. */
const isHarmful = (command: Command): boolean => ['install', 'uninstall', 'init'].includes(command.name());

/** A command as it is run here, with what it cannot do without. */
function linesOf(command: Command): { start: string[]; end: string[] } {
  const values: Readonly<Record<string, string>> = { address: '192.0.2.1', name: 'web' };
  const end = command.registeredArguments.map((argument) => values[argument.name()] ?? 'CA');
  return { start: [...words(command), ...(isHarmful(command) ? ['--dry-run'] : [])], end };
}

/** Values that an option takes, in folders of the test; undefined: another than for a test. */
function goodValue({ long, argChoices }: Option, host: FencedHost): string | undefined {
  if (argChoices !== undefined) return argChoices[0];
  const folder = join(host.dir, 'cache');
  const values: Readonly<Record<string, string>> = {
    '--allow': 'CA',
    '--deny': 'RU',
    '--allow-subnet': '192.0.2.7',
    '--ports': 'tcp/22',
    '--interfaces': 'eth0',
    '--port': 'tcp/22',
    '--description': 'for the staff',
    '--mirror': host.server.url,
    '--max-zone-age': '6',
    '--concurrency': '2',
    '--cache-dir': folder,
    '--state-dir': join(folder, 'state'),
    '--config': join(host.dir, 'geofence.toml'),
    '--prefix': '/usr/local',
    '--root': join(host.dir, 'root'),
    '--force': 'ssh-peer',
    '--wait': '0',
    '--name': 'x',
    '--pending': 'x',
  };
  return values[long ?? ''];
}

const takesValue = ({ flags }: Option): boolean => flags.includes('<');

/** What nobody means, and numbers at their ends. */
const nonsense = [
  '',
  ' ',
  '-1',
  '1e99',
  '99999999999999999999',
  'NaN',
  '0x10',
  '--',
  '\u001B[2J\u009B31m',
  'a\ngeofence: well',
  '../../../etc/passwd',
  '/nonexistent/\u202E',
  'A'.repeat(100_000),
  '{}',
  '$(id)',
  '192.0.2.0/33',
  '::/129',
  '@nowhere',
  '!!CA',
];

const isFolder = ({ long }: Option): boolean => ['--cache-dir', '--state-dir', '--root'].includes(long ?? '');

/** Paths are taken as they are, and nobody fetches anything here from where there is no such host. */
const isFreeText = (option: Option): boolean =>
  isFolder(option) || ['--config', '--pending'].includes(option.long ?? '');

/** Whether nonsense is tried of an option with this command: with the first that takes it. */
const isTriedWith = (command: Command, option: Option): boolean =>
  takesValue(option) &&
  !isFreeText(option) &&
  commands.find(({ options }) => options.some(({ long }) => long === option.long)) === command;

function assertTold(line: readonly string[], { exitCode, stdout, stderr }: CommandOutcome): void {
  const what = JSON.stringify(line).slice(0, 300);
  assert.ok(known.has(exitCode), `${what}: exit code ${exitCode}`);
  for (const text of [stdout, stderr]) {
    assert.doesNotMatch(text, OBEYED, what);
    assert.doesNotMatch(text, /internal error|\n {4}at |\[object |undefined/, what);
    assert.ok(
      text.split('\n').every(({ length }) => length <= 1100),
      what,
    );
  }
  if (stderr.startsWith('Usage: ')) return;
  for (const text of stderr.split('\n'))
    assert.match(text, /^(geofence: |\(Did you mean |  +\S|\[#\] |\d+ |$|[A-Z]{2} IPv[46]: )/, what);
  if (exitCode === exitCodes.done || exitCode === exitCodes.drift) return;
  // What is wrong with a configuration is what `config check` was asked for.
  if (line[0] === 'config' && stdout !== '') return;
  assert.match(
    stderr,
    /^geofence: (?:(?:warning: )?Cannot |Refusing |unknown |error|option |missing |too many )/m,
    what,
  );
}

async function assertUsage(host: FencedHost, line: readonly string[]): Promise<void> {
  const outcome = await host.geofence(...line);
  assertTold(line, outcome);
  assert.equal(outcome.exitCode, exitCodes.usage, JSON.stringify(line).slice(0, 300));
  assert.equal(outcome.stdout, '');
}

for (const command of commands) {
  const name = words(command).join(' ');
  const { start, end } = linesOf(command);

  test(`geofence ${name} refuses wrong options, each in words`, async (t) => {
    const host = await startFencedHost(t);
    const own = new Set(command.options.map(({ long }) => long));
    const others = commands.flatMap(({ options }) => options).filter(({ long }) => !own.has(long));
    for (const long of new Set(others.map((option) => option.long ?? '')))
      // "zones" hands what it does not know to its subcommands.
      await assertUsage(host, [...start, long, ...end]);
    for (const { long } of command.options.filter(takesValue))
      await assertUsage(host, [...start, long ?? '']);
    for (const { long } of command.options.filter((option) => !takesValue(option)))
      await assertUsage(host, [...start, `${long}=x`, ...end]);
    for (const { long } of command.options.filter(isFolder))
      await assertUsage(host, [...start, long ?? '', '', ...end]);
    if (command.registeredArguments.length === 0) await assertUsage(host, [...start, 'CA']);
    for (const option of command.options.filter((each) => isTriedWith(command, each)))
      for (const value of nonsense) {
        const line = [...start, option.long ?? '', value, ...end];
        assertTold(line, await host.geofence(...line));
      }
  });

  test(`geofence ${name} takes each of its options, and says how it went`, async (t) => {
    const host = await startFencedHost(t);
    for (const option of command.options) {
      const value = goodValue(option, host);
      // A change on trial needs a clock of its own.
      if (takesValue(option) && value === undefined) continue;
      const line = [...start, option.long ?? '', ...(takesValue(option) ? [value ?? ''] : []), ...end];
      assertTold(line, await host.geofence(...line));
    }
  });
}

test('geofence refuses arguments that are nothing, each in words', async (t) => {
  const host = await startFencedHost(t);
  for (const value of nonsense) {
    for (const line of [
      [value],
      ['zones', value],
      ['zones', 'diff', value],
      ['zones', 'export', value],
      ['check', value],
      ['config', value],
    ])
      assertTold(line, await host.geofence(...line));
  }
});
