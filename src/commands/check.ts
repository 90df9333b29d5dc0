import { readKernel } from '../apply/read-kernel.ts';
import { readUnconfirmed } from '../apply/commit-confirm.ts';
import { wantedZones } from '../policy/wanted-zones.ts';
import { openZones } from '../cache/open-zones.ts';
import { isHostName, parseTypedAddress } from '../config/address.ts';
import { parsePorts } from '../config/ports.ts';
import type { WayExample } from '../policy/who-gets-in.ts';
import { whoGetsIn } from '../policy/who-gets-in.ts';
import { COMMAND_LINE } from '../config/stated-config.ts';
import { configInForce } from '../context/config-in-force.ts';
import type { Context } from '../context/context.ts';
import type { LoadedConfig } from '../context/load-config.ts';
import type { Outcome } from '../context/outcome.ts';
import { requirePolicy } from '../context/require-policy.ts';
import { GeofenceError, UsageError, exitCodes, messageOf } from '../errors.ts';
import type { CheckInputs } from '../explain/check-inputs.ts';
import { checkInputs } from '../plan/make-check-inputs.ts';
import { checkLines } from '../explain/check-lines.ts';
import type { CheckTarget } from '../explain/explain-address.ts';
import { explainAddress } from '../explain/explain-address.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import { renderCheck } from '../report/check.ts';
import { renderSummary } from '../report/line-summary.ts';

/** What `check` is told. */
export interface CheckOptions {
  /** Of many addresses only what they come to. */
  readonly summary: boolean;
  readonly json: boolean;
  /** What is asked for: "tcp/22". */
  readonly port: string | undefined;
}

/**
 * Says what happens to addresses or host names, and why: what the kernel does now, and what the policy wants. Without
 * targets, or with "-", standard input is read. What cannot be answered is named and shows in the exit code. Throws
 * UsageError when nothing is asked, and what requirePolicy() throws when the kernel cannot be read.
 */
export async function check(
  context: Context,
  targets: readonly string[],
  options: CheckOptions,
): Promise<Outcome> {
  const { config, system, available, backend, warn } = context;
  const port = options.port === undefined ? undefined : parsePort(options.port);
  if (targets.length === 0 && system.stdin.isTTY) {
    throw new UsageError(
      'Cannot tell what to check: no address is given',
      'for example: geofence check 192.0.2.7, or: geofence check - <access.log',
    );
  }
  // Unless somebody asks about another policy.
  const isOther = config.origin === COMMAND_LINE;
  const inForce = isOther
    ? config
    : await configInForce(config, await readUnconfirmed(config.memory, system), available);
  if (targets.length === 0 || targets.join() === '-')
    return await checkInput(context, inForce, options, port);
  const found = await Promise.all(targets.map(async (text) => await findAddresses(context, text)));
  const unanswered = found.filter((result) => result instanceof GeofenceError);
  for (const { message } of unanswered) warn(message);
  const asked = found.flatMap((result) => (result instanceof GeofenceError ? [] : result));
  const isAsked = (family: Family): boolean => asked.some((address) => address.family === family);
  const inputs =
    asked.length === 0 ? undefined : await gatherCheckInputs(context, inForce, families.filter(isAsked));
  const worst = unanswered.find(({ exitCode }) => exitCode === exitCodes.usage) ?? unanswered[0];
  return {
    exitCode: worst?.exitCode ?? exitCodes.done,
    report: {
      addresses: asked.map((address) => explainAddress(inForce, inputs!, address, backend.formatRule, port)),
      unanswered: unanswered.map(({ message }) => message),
    },
    render: ({ addresses }) => addresses.map(renderCheck).join('\n'),
  } satisfies Outcome<{ addresses: ReturnType<typeof explainAddress>[]; unanswered: string[] }>;
}

/** One port of one protocol. */
function parsePort(text: string): WayExample {
  const [found, ...others] = parsePorts([text], '--port');
  const [range, ...more] = found?.ranges ?? [];
  if (
    found !== undefined &&
    range !== undefined &&
    range.from === range.to &&
    others.length + more.length === 0
  )
    return { protocol: found.protocol, port: range.from };
  throw new UsageError(`Cannot use --port "${text}": expected one port, such as tcp/22`);
}

/** Reads the kernel, and meanwhile from the cache the zones of the families that are asked about, each once. */
async function gatherCheckInputs(
  { backend, store, system, info }: Context,
  config: LoadedConfig,
  asked: readonly Family[],
): Promise<CheckInputs> {
  const isAsked = ({ family }: { family: Family }): boolean => asked.includes(family);
  const wanted = config.policy === undefined ? [] : wantedZones(config.policy).filter(isAsked);
  const [kernel, zones] = await Promise.all([
    readKernel(backend),
    openZones(store, system.now(), isAsked, wanted),
  ]);
  if ('reason' in kernel) {
    info(`answered from the cache alone: ${kernel.reason}`);
    requirePolicy(config);
  }
  return checkInputs('state' in kernel ? kernel.state : undefined, config.policy, asked, zones);
}

/** Answers for standard input as it comes; a summary by country follows, or stands alone. */
async function checkInput(
  context: Context,
  config: LoadedConfig,
  { summary: isAlone, json }: CheckOptions,
  port: WayExample | undefined,
): Promise<Outcome> {
  if (port === undefined && whoGetsIn(config.policy?.fences ?? []).length > 0) {
    throw new UsageError(
      'Cannot tell what happens to them: there are several fences',
      'say what they asked for, for example: geofence check --port tcp/443 - <access.log',
    );
  }
  const { system, signal, warn } = context;
  const summary = await checkLines(
    system.stdin.bytes(signal),
    await gatherCheckInputs(context, config, families),
    {
      write: isAlone ? undefined : async (bytes) => await system.stdout.writeBytes(bytes),
      json,
      signal,
      warn,
      example: port ?? { protocol: 'tcp' },
    },
  ).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  if (summary === undefined) return { exitCode: exitCodes.done, report: {}, render: () => '' };
  const { addresses, unreadable } = summary;
  const text = renderSummary(summary);
  return {
    // A log has lines about other things; input that holds no address at all is some other file.
    exitCode: addresses === 0 && unreadable > 0 ? exitCodes.usage : exitCodes.done,
    report: isAlone ? summary : { summary },
    render: () => (isAlone || addresses === 0 ? text : `\n${text}`),
    isJsonLine: !isAlone,
  };
}

/** An address stands for itself, a host name for all it has; or why that cannot be told. */
async function findAddresses({ system }: Context, text: string): Promise<CheckTarget[] | GeofenceError> {
  try {
    if (!isHostName(text)) return [{ ...parseTypedAddress(text), host: undefined }];
    const addresses = await system.resolveHost(text);
    return addresses.map((address) => ({ ...parseTypedAddress(address), host: text }));
  } catch (error) {
    if (error instanceof GeofenceError) return error;
    return new GeofenceError(`Cannot resolve "${text}": ${messageOf(error)}`);
  }
}
