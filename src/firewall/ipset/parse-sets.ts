import { subtract } from '../../ip/bounds.ts';
import type { Cidr } from '../../ip/cidr.ts';
import { newCidr, parseCidr } from '../../ip/cidr.ts';
import { Collector } from '../../ip/collect.ts';
import type { Family } from '../../ip/family.ts';
import { ipv4 } from '../../ip/family.ts';
import type { Usual } from '../../ip/scan.ts';
import { scanLines } from '../../ip/scan.ts';
import type { SetShape, SetState } from '../model.ts';
import { connectionKey } from '../connection-key.ts';
import { readNetwork } from './read-network.ts';
import { stateOfName } from './temporary-sets.ts';
import { parseHeader } from './set-header.ts';
import { LF, SPACE } from '../../words/ascii.ts';

/** What an "add" line starts with, and no "create" line. */
const ADD = 0x61;
const decoder = new TextDecoder();

/** A set that is being read. */
interface OpenSet {
  readonly name: string;
  readonly shape: SetShape;
  readonly entries: Collector;
  readonly exceptions: Collector;
  readonly connections: Set<string>;
  readonly timed: Map<string, number>;
  readonly usual: Usual;
}

/**
 * Reads what `ipset save` prints, of one set after the other, chunk by chunk: of all countries the kernel tells for a
 * tenth of a second.
 *
 *     create geofence-main-allow-4 hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x3e74bf5c
 *     add geofence-main-allow-4 192.0.2.0/24
 *     add geofence-main-allow-4 198.51.100.7
 *
 * A single address has no prefix length. An entry with "nomatch" is an exception, taken out of the rest. Of sets of
 * ports, and of addresses with timeouts, entries are kept with the time they have left.
 */
export class SavedSets {
  readonly #sets: SetState[] = [];
  #open: OpenSet | undefined;
  /** The beginning of a line whose end has not come yet. */
  #rest: Uint8Array = new Uint8Array(0);
  readonly #cidr = newCidr();

  /** Reads a piece of the output; it may end within a line. */
  add(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = bytes.lastIndexOf(LF) + 1;
    this.#rest = bytes.slice(end);
    const lines = bytes.subarray(0, end);
    for (let at = 0; at < end;) at = this.#readLines(lines, at);
  }

  /** Returns the sets read, in the order of the output; the last line may lack its newline. */
  finish(): SetState[] {
    if (this.#rest.length > 0) this.add(Uint8Array.of(LF));
    this.#close();
    return this.#sets;
  }

  /** Reads the line at `from`, and more where they are alike; returns where the next one starts. */
  #readLines(bytes: Uint8Array, from: number): number {
    const start =
      this.#open !== undefined && bytes[from] === ADD
        ? scanLines(bytes, from, this.#open.usual, this.#open.entries)
        : from;
    if (start === bytes.length) return start;
    const end = bytes.indexOf(LF, start);
    if (this.#open !== undefined && bytes[start] === ADD) this.#readEntry(this.#open, bytes, start, end);
    else this.#begin(decoder.decode(bytes.subarray(start, end)));
    return end + 1;
  }

  #begin(line: string): void {
    this.#close();
    const [, name = '', ...options] = line.split(' ');
    const shape = parseHeader(options);
    const { family = ipv4 } = shape;
    const usual = { lead: `add ${name} `.length, shortest: 0 };
    this.#open = {
      name,
      shape,
      entries: new Collector(family),
      exceptions: new Collector(family),
      connections: new Set(),
      timed: new Map(),
      usual,
    };
  }

  #readEntry(open: OpenSet, bytes: Uint8Array, from: number, end: number): void {
    const { entries, exceptions, usual, shape } = open;
    const line = bytes.subarray(from + usual.lead, end);
    if (shape.kind === 'connections') {
      const key = readConnection(decoder.decode(line));
      if (key !== undefined) open.connections.add(key);
      return;
    }
    if (isTimed(shape)) {
      const [entry = '', , seconds] = decoder.decode(line).split(' ', 3);
      open.timed.set(entry, Number(seconds ?? 0));
      if (shape.kind === 'ports') return;
    }
    const space = line.indexOf(SPACE);
    if (!readEntryBytes(entries.family, space < 0 ? line : line.subarray(0, space), this.#cidr)) return;
    const isException = space >= 0 && decoder.decode(line.subarray(space)).includes('nomatch');
    (isException ? exceptions : entries).add(this.#cidr.words, this.#cidr.length);
  }

  #close(): void {
    if (this.#open === undefined) return;
    const { name, shape, entries, exceptions, connections, timed } = this.#open;
    const hasAddresses = shape.kind === 'networks' || shape.kind === 'addresses';
    this.#sets.push({
      name,
      shape,
      ...stateOfName(name),
      ...(hasAddresses ? { bounds: subtract(entries.bounds(), exceptions.bounds()) } : {}),
      ...(shape.kind === 'connections' ? { connections } : {}),
      ...(isTimed(shape) ? { timed } : {}),
    });
    this.#open = undefined;
  }
}

const isTimed = ({ kind, hasTimeouts }: SetShape): boolean =>
  kind === 'ports' || (kind === 'addresses' && hasTimeouts);

/** "192.0.2.7,tcp:50022,198.51.100.1 timeout 60"; where the host has no /etc/protocols, TCP is "6". */
function readConnection(entry: string): string | undefined {
  const [, peer, port, own] = /^([^ ,]+),(?:tcp|6):(\d+),([^ ,]+)(?: |$)/.exec(entry) ?? [];
  return peer === undefined || port === undefined || own === undefined
    ? undefined
    : connectionKey(peer, Number(port), own);
}

/** Reads an entry into `cidr`; says whether it is a network at all. */
const readEntryBytes = (family: Family, entry: Uint8Array, cidr: Cidr): boolean =>
  parseCidr(family, entry, 0, entry.length, cidr) === undefined ||
  readNetwork(family, decoder.decode(entry), cidr);

/** What `ipset list -t` tells of a set. */
interface ListedSet {
  readonly shape: SetShape;
  readonly entries: number;
  readonly text: string;
}

/**
 * Reads what `ipset list -t` prints into shape, number of entries and text of each set, by name:
 *
 *     Name: geofence-main-allow-4
 *     Type: hash:net
 *     Header: family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x3e74bf5c
 *     Number of entries: 2
 */
export const parseListedSets = (listed: string): Map<string, ListedSet> =>
  new Map(
    listed.split(/^(?=Name: )/m).map((text) => {
      const valueOf = (label: string): string => new RegExp(`^${label}: (.*)$`, 'm').exec(text)?.[1] ?? '';
      const shape = parseHeader([valueOf('Type'), ...valueOf('Header').split(' ')]);
      return [valueOf('Name'), { shape, entries: Number(valueOf('Number of entries')), text }];
    }),
  );
