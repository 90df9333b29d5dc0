import type { OutputConfiguration } from 'commander';
import { CommanderError } from 'commander';
import { GeofenceError, codeOf, exitCodes, messageOf } from '../errors.ts';
import type { ExitCode } from '../errors.ts';
import type { System } from '../system/system.ts';
import type { ChunkedText } from '../words/chunked-text.ts';
import { printable, printableAnswer, printableMessage } from '../words/printable.ts';
import type { AuditTrail } from '../context/audit-trail.ts';
import type { MainOptions } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import type { ParsedOptions } from '../context/parsed-options.ts';
import type { CommandName } from './command-name.ts';
import { buildProgram } from './program.ts';
import type { Log } from '../system/log.ts';
import { createLog } from '../system/log.ts';

/** These change something and have nothing to tell cron when all went well. The others are asked to answer. */
const quietOnSuccess = new Set<CommandName>(['refresh', 'fetch', 'restore', 'confirm', 'rollback', 'remove']);

/** To these the remembered policy is nothing, or something to keep or forget: a damaged one must not stop them. */
const ignoresState = new Set<CommandName>([
  'confirm',
  'open',
  'close',
  'history',
  'rollback',
  'remove',
  'install',
  'uninstall',
  'zones',
  'zones diff',
  'zones export',
]);

/**
 * Runs one command line and returns its exit code; all output goes through `system`. An error is told on stderr and
 * never thrown: a GeofenceError as one line with its hint, any other with its stack.
 */
export async function main(argv: readonly string[], system: System, options: MainOptions): Promise<number> {
  let exitCode: number = exitCodes.done;
  let trail: AuditTrail | undefined;
  const output: OutputConfiguration = {
    writeOut: (text) => system.stdout.write(printable(text)),
    writeErr: (text) => system.stderr.write(printable(text)),
    outputError: (text, write) => write(describeUsage(text)),
  };
  // Not in the command tree: whatever stands after it is no option of ours.
  if (argv[0] === 'complete') return await answerTab(argv.slice(1), system, options.version);
  const run = async (
    name: Exclude<CommandName, 'config check'>,
    parsed: ParsedOptions,
    args: string[],
  ): Promise<Outcome> => {
    // `--help` should not wait for what only a command uses.
    const { AuditTrail, commands, createContext } = await import('./dispatch.ts');
    const log = logOf(parsed, system);
    trail = new AuditTrail(argv, system, log.warn);
    const context = await createContext(
      system,
      name.startsWith('fence ') ? withoutPolicy(parsed) : parsed,
      log,
      { usesMemory: !ignoresState.has(name), mayBeNew: name === 'init' },
      { ...options, trail },
    );
    return await commands[name](context, parsed, args).finally(() => context.progress(''));
  };
  const program = buildProgram(options.version, output, async (name, parsed, all) => {
    const args = name === 'open' ? withoutCommand(argv, parsed, all) : all;
    const outcome =
      name === 'config check'
        ? await (await import('../commands/config-check.ts')).configCheck(system, parsed, options)
        : await run(name, parsed, args);
    exitCode = outcome.exitCode;
    const indent = outcome.isJsonLine === true ? 0 : 2;
    if (parsed.json === true)
      system.stdout.write(`${printable(JSON.stringify(outcome.report, undefined, indent))}\n`);
    else if (!isSilent(name, parsed, system)) await print(outcome.render(outcome.report), system);
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) exitCode = await report(error, system);
    // Commander has said what is wrong; help that was asked for is no mistake.
    else exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  await trail?.end(exitCode);
  return exitCode;
}

/** Takes what stands behind "--" out of the arguments: a command, with options of its own. */
function withoutCommand(argv: readonly string[], parsed: ParsedOptions, args: string[]): string[] {
  const at = argv.indexOf('--');
  const command = at < 0 ? [] : argv.slice(at + 1);
  if (command.length > 0) parsed.command = command;
  return args.slice(0, args.length - command.length);
}

/** Of a further fence: what its options say is not said of the fence at the top level. */
const withoutPolicy = ({
  allow: _allow,
  deny: _deny,
  ports: _ports,
  interfaces: _interfaces,
  allowSubnet: _subnets,
  logDrops: _logs,
  ...rest
}: ParsedOptions): ParsedOptions => rest;

/** Tells shells what could follow; a mistake of ours is no concern of whoever pressed Tab. */
async function answerTab(args: readonly string[], { stdout }: System, version: string): Promise<ExitCode> {
  const { answerShell } = await import('./complete.ts');
  stdout.write(printable(await answerShell(args, version).catch(() => '')));
  return exitCodes.done;
}

/** What commander says of a wrong command line, which quotes it; a suggestion stands on a line of its own. */
function describeUsage(text: string): string {
  const [, mistake = text, suggestion = ''] = /^([^]*?)(\n\(Did you mean [^\n]*\))?\n$/.exec(text) ?? [];
  return `${printableMessage(mistake.replace(/^error: /, 'geofence: '))}${printable(suggestion)}\n`;
}

/** What is long is written piece by piece, no faster than somebody reads. */
async function print(text: string | ChunkedText, { stdout }: System): Promise<void> {
  if (typeof text === 'string') return stdout.write(printableAnswer(text));
  for (const piece of text) if (!(await stdout.writeBytes(Buffer.from(printable(piece))))) return;
}

const logOf = ({ quiet, verbose }: ParsedOptions, { stderr }: System): Log =>
  createLog(stderr, { isQuiet: quiet === true, isVerbose: verbose === true });

function isSilent(name: CommandName, { quiet, verbose, dryRun }: ParsedOptions, system: System): boolean {
  if (!quietOnSuccess.has(name) || dryRun === true) return false;
  if (quiet === true) return true;
  return verbose !== true && !system.stderr.isTTY && !system.stdin.isTTY;
}

/** Without a file to open not even the rest of this program can be loaded, nor what words an error of ours. */
const isOutOfFiles = (error: unknown): boolean => ['EMFILE', 'ENFILE'].includes(codeOf(error) ?? '');

/** One readable line, and the hint on its own; a mistake of ours keeps its stack. */
async function report(error: unknown, { stderr }: System): Promise<ExitCode> {
  if (error instanceof GeofenceError) {
    // What a tool says is the reason; here nobody knows any more what for it was run.
    const lead = error.name === 'CommandError' ? 'Cannot go on: ' : '';
    stderr.write(`geofence: ${lead}${printableMessage(error.message)}\n`);
    if (error.hint !== undefined) stderr.write(`  hint: ${printableMessage(error.hint)}\n`);
    return error.exitCode;
  }
  if (isOutOfFiles(error)) {
    stderr.write('geofence: Cannot go on: too many files are open\n');
    stderr.write('  hint: raise the limit (ulimit -n, or LimitNOFILE= of a unit)\n');
    return exitCodes.failed;
  }
  const { readableStack } = await import('../system/stack.ts');
  const stack =
    error instanceof Error && error.stack !== undefined ? readableStack(error.stack) : messageOf(error);
  stderr.write(`geofence: internal error, please report it: ${printable(stack)}\n`);
  return exitCodes.failed;
}
