import type { Bounds } from '../ip/bounds.ts';
import { countAddresses, intersect, isEmpty, subtract } from '../ip/bounds.ts';
import { Collector } from '../ip/collect.ts';
import { formatBounds } from '../ip/prefixes.ts';
import { localBounds } from '../zones/local.ts';
import type { LineProblem } from '../zones/parse.ts';
import { MAX_PROBLEMS, parseZone } from '../zones/parse.ts';
import type { ZoneId } from '../zones/zone.ts';

/** What a zone that may be used holds. */
export interface AcceptedZone {
  /** Lines that hold a network. */
  readonly networks: number;
  /** Addresses without the local ones, see `countAddresses`. */
  readonly addresses: number;
  readonly bounds: Bounds;
  /** What was mended on the way, a sentence each. */
  readonly warnings: readonly string[];
}

const BYTE_ORDER_MARK = '\ufeff';
/** How many CIDRs a sentence names: a zone may hold a million wrong ones. */
const MAX_NAMED = 3;

/**
 * Decides whether the body of an answer is a zone: text, every line a network of its family, none too wide, at least
 * one that is not local. Returns what it holds, or why it is refused as a string.
 */
export function acceptZone(body: Uint8Array, { family }: ZoneId): AcceptedZone | string {
  const shape = shapeProblem(body);
  if (shape !== undefined) return shape;
  const collector = new Collector(family);
  const { networks, refused, masked } = parseZone(body, family, collector);
  if (refused.length > 0) return describeLines(refused);
  if (networks === 0) return 'it holds no network';
  const all = collector.bounds();
  const local = localBounds(family);
  const inside = intersect(all, local);
  const bounds = subtract(all, local);
  if (isEmpty(bounds)) return `it holds nothing but local addresses (${someOf(inside)})`;
  const addresses = countAddresses(bounds);
  const warnings = [];
  if (masked.length > 0) warnings.push(`${describeLines(masked)}; the whole network is taken`);
  if (!isEmpty(inside)) warnings.push(`local addresses left out: ${someOf(inside)}`);
  return { networks, addresses, bounds, warnings };
}

/** What is wrong with the body as a whole, before its lines are read. */
function shapeProblem(body: Uint8Array): string | undefined {
  if (body.length === 0) return 'it is empty';
  if (body.includes(0)) return 'it is not text';
  const start = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body.subarray(0, 256));
  // trimStart() takes a byte order mark for a blank.
  if (start.trimStart().startsWith('<')) return 'it is a web page, not a zone';
  if (start.startsWith(BYTE_ORDER_MARK)) return 'it starts with a byte order mark';
  return undefined;
}

function someOf(bounds: Bounds): string {
  const texts = formatBounds(bounds);
  const more = texts.length - MAX_NAMED;
  return texts.slice(0, MAX_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** The first problem in full, and how many more there are. */
function describeLines(problems: readonly LineProblem[]): string {
  const [first, ...more] = problems;
  if (first === undefined) return '';
  const count = problems.length < MAX_PROBLEMS ? more.length : `at least ${more.length}`;
  const rest = more.length === 0 ? '' : ` (and ${count} more ${more.length === 1 ? 'line' : 'lines'})`;
  return `line ${first.line}: ${first.reason}: "${first.text}"${rest}`;
}
