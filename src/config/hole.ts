import { UsageError } from '../errors.ts';
import type { PortRange } from '../firewall/model.ts';
import type { Family } from '../ip/family.ts';
import type { PortProtocol, ProtocolPorts } from '../policy/scope.ts';
import { parseAddress } from '../ip/cidr.ts';
import { familyFor, mappedIPv4 } from './address.ts';
import { parsePorts } from './ports.ts';
import { wordsIn } from './values.ts';

/** What is to be opened or closed: ports to everybody, or everything to one address. */
export type HoleTarget =
  | { readonly ports: readonly ProtocolPorts[] }
  | { readonly from: { readonly family: Family; readonly address: string } };

/** The kernel takes 24 days. */
const MOST_SECONDS = 2_147_483;

/** Port 0 with them: what is in the set then is all that a packet can name. */
const everyPort: readonly PortRange[] = [{ from: 0, to: 65_535 }];

/**
 * Reads what is to be opened or closed: ports as fences take them, "all", or an address. Throws UsageError for anything
 * else.
 */
export function parseHole(verb: 'open' | 'close', words: readonly string[], from?: string): HoleTarget {
  const what = words.flatMap(wordsIn);
  if (from !== undefined) {
    if (what.length > 0 && what.join() !== 'all')
      throw new UsageError(
        `Cannot ${verb} ${what.join(', ')} for ${from} alone: a visitor gets in everywhere, or nowhere`,
        `for example: geofence ${verb} --from ${from}${verb === 'open' ? ' --for 1h' : ''}`,
      );
    return { from: parseVisitor(from) };
  }
  if (what.length === 0)
    throw new UsageError(
      `Cannot tell what to ${verb}: no port is given`,
      `for example: geofence ${verb} tcp/80${verb === 'open' ? ' --for 10m' : ''}`,
    );
  const protocols: readonly PortProtocol[] = ['tcp', 'udp'];
  return {
    ports: what.includes('all')
      ? protocols.map((protocol) => ({ protocol, ranges: everyPort }))
      : parsePorts(what, 'the command line'),
  };
}

function parseVisitor(text: string): { readonly family: Family; readonly address: string } {
  const plain = mappedIPv4(text) ?? text;
  const family = familyFor(plain);
  const words = family && parseAddress(family, plain);
  if (family !== undefined && words !== undefined) return { family, address: family.format(words, 0) };
  throw new UsageError(`Cannot use --from "${text}": expected an IPv4 or IPv6 address`);
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads "90s", "10m", "1h" or "2d" into seconds; throws UsageError for anything else, and above what the kernel takes. */
export function parseDuration(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (secondsOf[unit] ?? Number.NaN);
  if (seconds >= 1 && seconds <= MOST_SECONDS) return seconds;
  const hint = 'for example 90s, 10m, 1h or 2d';
  if (seconds > MOST_SECONDS)
    throw new UsageError(
      `Cannot use --for "${text}": the kernel takes ${MOST_SECONDS}s (24 days) at most`,
      hint,
    );
  throw new UsageError(`Cannot use --for "${text}": expected a time, of at least a second`, hint);
}
