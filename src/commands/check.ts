import { isHostName, parseTypedAddress } from '../config/address.ts';
import { GeofenceError, UsageError, exitCodes, messageOf } from '../errors.ts';
import { families } from '../ip/family.ts';
import type { Address } from '../host/connections.ts';
import { renderCheck } from '../report/check.ts';
import { readCheckInputs } from '../apply/check-inputs.ts';
import type { CheckOptions } from '../explain/check-lines.ts';
import { checkLines } from '../explain/check-lines.ts';
import type { Context, Outcome } from '../context/context.ts';
import type { CheckTarget } from '../explain/explain-address.ts';
import { explainAddress } from '../explain/explain-address.ts';
import { readUnconfirmed, withUnconfirmed } from '../apply/commit-confirm.ts';

/**
 * Says what happens to addresses, and why: what the kernel does now, and what the policy wants. What cannot be answered
 * is named and shows in the exit code; the others are answered all the same.
 */
export async function check(
  context: Context,
  targets: readonly string[],
  options: CheckOptions,
): Promise<Outcome> {
  if (targets.length === 0 && context.system.stdin.isTTY) {
    throw new UsageError(
      'Cannot tell what to check: no address is given',
      'for example: geofence check 192.0.2.7, or: geofence check - <access.log',
    );
  }
  // Unless somebody asks about another policy.
  const isOther = context.config.origin === 'the command line';
  const settled = isOther ? context : await withUnconfirmed(context, await readUnconfirmed(context));
  if (targets.length === 0 || targets.join() === '-') return await checkLines(settled, options);
  const found = await Promise.all(targets.map(async (text) => await findAddresses(context, text)));
  const unanswered = found.filter((result) => result instanceof GeofenceError);
  for (const { message } of unanswered) context.warn(message);
  const asked = found.flatMap((result) => (result instanceof GeofenceError ? [] : result));
  const reports = asked.length === 0 ? [] : await judgeAll(settled, asked);
  const worst = unanswered.find(({ exitCode }) => exitCode === exitCodes.usage) ?? unanswered[0];
  return {
    exitCode: worst?.exitCode ?? exitCodes.done,
    text: reports.map(renderCheck).join('\n'),
    json: { addresses: reports, unanswered: unanswered.map(({ message }) => message) },
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

async function judgeAll(
  context: Context,
  asked: readonly CheckTarget[],
): Promise<ReturnType<typeof explainAddress>[]> {
  const isAsked = (family: Address['family']): boolean => asked.some((address) => address.family === family);
  const inputs = await readCheckInputs(context, families.filter(isAsked));
  return asked.map((address) => explainAddress(context.config, inputs, address, context.backend.formatRule));
}
