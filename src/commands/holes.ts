import { closeAllHoles, closeHole, openHole } from '../apply/change-holes.ts';
import { changeLocked } from '../apply/with-lock.ts';
import type { HoleTarget } from '../config/hole.ts';
import { parseDuration, parseHole } from '../config/hole.ts';
import type { Context } from '../context/context.ts';
import { lockingOf } from '../context/context.ts';
import type { Outcome } from '../context/outcome.ts';
import { UsageError, exitCodes } from '../errors.ts';
import type { State } from '../firewall/model.ts';
import { describeOpenPorts } from '../plan/report-holes.ts';
import type { HoleReport } from '../report/holes.ts';
import { describeHoles } from '../report/holes.ts';
import { formatTable, listRows } from '../words/format.ts';

/** What `open` is told. */
export interface OpenOptions {
  readonly from: string | undefined;
  readonly seconds: string | undefined;
  /** What is run while it is open. */
  readonly command: readonly string[] | undefined;
}

/** A hook should not fail because of the weekly refresh. */
const LEAST_WAIT_SECONDS = 30;

/** How long a hole for a command stays when nobody is left to close it. */
const COMMAND_SECONDS = 3600;

interface OpenReport {
  readonly opened: readonly HoleReport[];
  /** Of the command. */
  readonly exitCode?: number;
}

/**
 * Lets everybody reach ports, or one address everything, for a while; the kernel ends it. With a command it is closed
 * when the command ends, whose exit code is that of the outcome. Throws UsageError for what cannot be opened,
 * GeofenceError when nothing is fenced, the kernel cannot be changed, or the command cannot be run.
 */
export async function open(
  context: Context,
  words: readonly string[],
  { from, seconds: text, command }: OpenOptions,
): Promise<Outcome<OpenReport>> {
  const target = parseHole('open', words, from);
  if (text === undefined && command === undefined)
    throw new UsageError(
      'Cannot tell for how long to open it: --for is not given',
      'for example: geofence open tcp/80 --for 10m',
    );
  const seconds = text === undefined ? COMMAND_SECONDS : parseDuration(text);
  const { system, backend } = context;
  // What is in the way of somebody who is not root is said before a folder that cannot be locked.
  if (!system.isRoot) await backend.probe();
  const openedAt = system.now();
  const before = await locked(
    context,
    context.signal,
    async (signal) => await openHole(backend, target, { seconds, signal }),
  );
  const opened = holesOf(target, openedAt + seconds * 1000);
  const rows = listRows('open', [
    ...describeHoles(opened),
    'then the kernel closes it; connections that came in until then go on',
  ]);
  if (command === undefined)
    return { exitCode: exitCodes.done, report: { opened }, render: () => formatTable(rows) };
  return await runWhileOpen(context, target, { command, opened, openedAt, before });
}

interface OpenedHole {
  readonly command: readonly string[];
  readonly opened: readonly HoleReport[];
  readonly openedAt: number;
  readonly before: State;
}

async function runWhileOpen(
  context: Context,
  target: HoleTarget,
  { command, opened, openedAt, before }: OpenedHole,
): Promise<Outcome<OpenReport>> {
  const { system, backend, signal, info } = context;
  for (const line of describeHoles(opened)) info(`${line}, or until the command ends`);
  try {
    const exitCode = await system.runCommand(command, signal);
    return { exitCode, report: { opened, exitCode }, render: () => '' };
  } finally {
    // Also after a signal, which must not keep us from closing.
    await locked(context, new AbortController().signal, async () => {
      const secondsAgo = (system.now() - openedAt) / 1000;
      await closeHole(backend, target, { state: before, secondsAgo });
    });
    info('closed again');
  }
}

const locked = async <T>(
  context: Context,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const locking = lockingOf(context);
  const waitSeconds = Math.max(locking.waitSeconds ?? 0, LEAST_WAIT_SECONDS);
  return await changeLocked(context.config.memory, { ...locking, signal, waitSeconds }, work);
};

function holesOf(target: HoleTarget, end: number): HoleReport[] {
  const until = new Date(end).toISOString();
  if ('from' in target) return [{ port: null, from: target.from.address, until }];
  return target.ports.flatMap(({ protocol, ranges }) =>
    ranges.map(({ from, to }) => ({
      port: describeOpenPorts({ protocol, from, to }),
      from: null,
      until,
    })),
  );
}

/**
 * Closes ports, what one address may, or with `all` every hole, before the time; what was closed is no mistake. Throws
 * UsageError for what cannot be closed, GeofenceError when the kernel cannot be changed.
 */
export async function close(
  context: Context,
  words: readonly string[],
  { from, all }: { readonly from: string | undefined; readonly all: boolean },
): Promise<Outcome<{ readonly closed: boolean }>> {
  if (all && (words.length > 0 || from !== undefined))
    throw new UsageError('Cannot use --all with what to close: it closes every hole');
  const target = all ? undefined : parseHole('close', words, from);
  const { backend, signal } = context;
  const closed = await locked(context, signal, async () =>
    target === undefined ? await closeAllHoles(backend) : await closeHole(backend, target),
  );
  const text = closed ? 'closed; connections that came in go on' : 'nothing, no hole was open';
  return {
    exitCode: exitCodes.done,
    report: { closed },
    render: () => formatTable([['done', text]]),
  };
}
