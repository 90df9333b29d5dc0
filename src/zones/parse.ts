import { newCidr, parseCidr } from '../ip/cidr.ts';
import type { Collector } from '../ip/collect.ts';
import type { Family } from '../ip/family.ts';
import { scanLines } from '../ip/scan.ts';
import { LF, SPACE } from '../words/ascii.ts';

const CR = 0x0d;
const TAB = 0x09;
const HASH = 0x23;

/** A line of a zone that is not as it should be. Lines count from 1. */
export interface LineProblem {
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

export interface ParsedZone {
  /** Lines that hold a network. */
  readonly networks: number;
  /** Lines that could not be read, in order; the first `MAX_PROBLEMS` of them. */
  readonly refused: readonly LineProblem[];
  /** Lines read with their host bits cleared ("192.0.2.1/24"), likewise. */
  readonly masked: readonly LineProblem[];
}

/** More than anybody reads, and a bound on what a gigabyte of garbage can make us remember. */
export const MAX_PROBLEMS = 10;
const MAX_QUOTED = 60;

/**
 * The widest prefixes a zone may hold. The widest real ones are /6 and /16: anything wider is a mistake or a trap
 * (ipdeny's zz.zone holds all of IPv4).
 */
const widest = { ipv4: 6, ipv6: 12 } as const;

/**
 * Reads the text of a zone, one CIDR a line, and adds its networks to `into`; returns their number, and the lines that
 * were refused or masked. LF or CRLF; blank lines and "#" comments are passed over; a last line without a newline
 * counts. Never throws.
 */
export function parseZone(bytes: Uint8Array, family: Family, into: Collector): ParsedZone {
  const refused: LineProblem[] = [];
  const masked: LineProblem[] = [];
  const cidr = newCidr();
  let networks = 0;
  let line = 0;
  const note = (list: LineProblem[], from: number, to: number, reason: string): void => {
    if (list.length < MAX_PROBLEMS) list.push({ line, text: quoteBytes(bytes, from, to), reason });
  };
  const usual = { lead: 0, shortest: widest[family.name] };
  for (let start = 0; start < bytes.length;) {
    const before = into.count;
    start = scanLines(bytes, start, usual, into);
    networks += into.count - before;
    line += into.count - before + 1;
    if (start === bytes.length) break;
    const end = endOfLine(bytes, start);
    const from = skipBlanks(bytes, start, end);
    const to = dropBlanks(bytes, from, end);
    start = end + 1;
    if (from === to || bytes[from] === HASH) continue;
    const reason = parseCidr(family, bytes, from, to, cidr) ?? widthProblem(family, cidr.length);
    if (reason !== undefined) {
      note(refused, from, to, reason);
      continue;
    }
    if (cidr.hadHostBits) note(masked, from, to, 'host bits are set');
    into.add(cidr.words, cidr.length);
    networks++;
  }
  return { networks, refused, masked };
}

function widthProblem(family: Family, length: number): string | undefined {
  const limit = widest[family.name];
  return length < limit ? `a /${length} is wider than /${limit}, the widest a zone may hold` : undefined;
}

/** A loop and not indexOf(): lines are shorter than what a call of native code costs. */
function endOfLine(bytes: Uint8Array, from: number): number {
  let end = from;
  while (end < bytes.length && bytes[end] !== LF) end++;
  return end;
}

const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB || byte === CR;

function skipBlanks(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(bytes[at]!)) at++;
  return at;
}

function dropBlanks(bytes: Uint8Array, from: number, to: number): number {
  let at = to;
  while (at > from && isBlank(bytes[at - 1]!)) at--;
  return at;
}

/**
 * Returns bytes[from, to) as printable ASCII, cut after 60 characters: a line comes from the network and goes to a
 * terminal.
 */
export function quoteBytes(bytes: Uint8Array, from: number, to: number): string {
  const text = String.fromCharCode(...bytes.subarray(from, Math.min(to, from + MAX_QUOTED)));
  return text.replaceAll(/[^ -~]/g, '?') + (to - from > MAX_QUOTED ? '...' : '');
}
