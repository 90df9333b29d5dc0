import { newCidr, parseAddress, parseCidr } from '../../src/ip/cidr.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { ToolFailure } from './tool-failure.ts';

interface Entry {
  /** "nomatch" or nothing. */
  readonly option: string;
  /** When it ends, in milliseconds; 0: never. */
  readonly until: number;
}

interface FakeSet {
  name: string;
  readonly type: string;
  /** Of a set of ports there is none, and it says IPv4. */
  readonly family: Family;
  readonly netmask: number | undefined;
  readonly hasTimeouts: boolean;
  readonly hashsize: number;
  readonly maxelem: number;
  /** counters, comment, ... as `ipset save` words them. */
  readonly extensions: string;
  readonly seed: string;
  readonly entries: Map<string, Entry>;
}

const LONGEST_NAME = 31;
const PORTS = 'bitmap:port';
const CONNECTIONS = 'hash:ip,port,ip';
const types = new Set(['hash:net', 'hash:ip', PORTS, CONNECTIONS]);
const MOST_SECONDS = 2_147_483;
const extensionNames = new Set(['counters', 'comment', 'skbinfo']);

/** The sets of a kernel, under ipset 7.17: its checks in its words. */
export class FakeIpset {
  /** In the order in which they were made, as the kernel lists them. */
  #sets: FakeSet[] = [];
  #seed = 0x3e74bf5c;
  readonly #isReferenced: (name: string) => boolean;

  constructor(isReferenced: (name: string) => boolean) {
    this.#isReferenced = isReferenced;
  }

  /** Runs one command line of ipset; returns its stdout. */
  run(args: readonly string[], input: string): string {
    const [command = '', ...rest] = args;
    switch (command) {
      case '--version':
        return 'ipset v7.17, protocol version: 7\n';
      case 'list':
        return this.#list(rest);
      case 'save':
        return this.#named(rest).map(saved).join('');
      case 'restore':
        this.#restore(input);
        return '';
      default:
        this.#command(args);
        return '';
    }
  }

  /** The family of a set, for the rules that want to look at it: any, where it holds ports. */
  familyOf(name: string): Family | 'any' | undefined {
    const set = this.#find(name);
    return set?.type === PORTS ? 'any' : set?.family;
  }

  #list(args: readonly string[]): string {
    if (args[0] === '-n') {
      const names = this.#named(args.slice(1)).map(({ name }) => `${name}\n`);
      return names.join('');
    }
    if (args[0] !== '-t') throw new ToolFailure(`fake ipset: list ${args.join(' ')} is not played`);
    return this.#named(args.slice(1))
      .map((set) => described(set, this.#isReferenced(set.name)))
      .join('\n');
  }

  /**
   * Stops at the first bad line; what came before it stays done. Lines that add to one set, or delete from it, are sent
   * together, and none of them when one cannot be read. "-exist" counts from the lines on that are sent after it was seen.
   */
  #restore(input: string): void {
    let batch: Batch | undefined;
    let isTolerant = false;
    for (const [i, line] of input.split('\n').entries()) {
      if (line.trim() === '' || line.startsWith('#')) continue;
      const words = line.trim().split(/\s+/);
      try {
        isTolerant ||= words.includes('-exist');
        if (batch?.key !== keyOf(words)) batch = this.#begin(words, isTolerant);
        this.#command(
          words.filter((word) => word !== '-exist'),
          batch.isTolerant,
        );
      } catch (error) {
        if (!(error instanceof ToolFailure)) throw error;
        if (error.status === 2 || error.message.startsWith('Syntax error')) batch?.undo();
        // What it cannot even read (status 2) it does not place.
        if (error.status === 2) throw error;
        throw new ToolFailure(`Error in line ${i + 1}: ${error.message}`);
      }
    }
  }

  #begin(words: readonly string[], isTolerant: boolean): Batch {
    const set = this.#find(words[1] ?? '');
    const before = new Map(set?.entries);
    return {
      key: keyOf(words),
      isTolerant,
      undo: () => {
        if (keyOf(words) === '' || set === undefined) return;
        set.entries.clear();
        for (const [entry, kept] of before) set.entries.set(entry, kept);
      },
    };
  }

  #command([command = '', ...args]: readonly string[], isTolerant = false): void {
    const [name = '', second = ''] = args;
    const commands: Record<string, () => void> = {
      create: () => this.#create(name, second, args.slice(2)),
      add: () => this.#add(this.#get(name), args.slice(1), isTolerant),
      del: () => this.#delete(this.#get(name), second, isTolerant),
      flush: () => this.#get(name).entries.clear(),
      swap: () => this.#swap(this.#get(name), second),
      rename: () => this.#rename(this.#get(name), second),
      destroy: () => this.#destroy(this.#get(name)),
    };
    const work = commands[command];
    if (work === undefined) throw new ToolFailure(`No command specified: unknown argument ${command}`, 2);
    work();
  }

  #create(name: string, type: string, words: readonly string[]): void {
    checkName(name);
    if (!types.has(type)) throw new ToolFailure(`Syntax error: typename '${type}' is unknown`);
    const options = parseOptions(type, words);
    if (this.#find(name) !== undefined) {
      throw new ToolFailure('Set cannot be created: set with the same name already exists');
    }
    this.#seed = (this.#seed * 1_103_515_245 + 12_345) % 2 ** 32;
    this.#sets.push({ name, type, ...options, seed: `0x${this.#seed.toString(16)}`, entries: new Map() });
  }

  #add(set: FakeSet, [text = '', ...words]: readonly string[], isTolerant: boolean): void {
    const added = parseEntryOptions(set, words);
    const entries = living(set);
    for (const entry of entriesOf(set, text)) {
      if (entries.has(entry) && !isTolerant) {
        throw new ToolFailure("Element cannot be added to the set: it's already added");
      }
      if (!entries.has(entry) && entries.size >= set.maxelem)
        throw new ToolFailure('Hash is full, cannot add more elements');
      entries.set(entry, added);
    }
  }

  #delete(set: FakeSet, text: string, isTolerant: boolean): void {
    const entries = living(set);
    for (const entry of entriesOf(set, text)) {
      const isThere = entries.delete(entry);
      if (!isThere && !isTolerant)
        throw new ToolFailure("Element cannot be deleted from the set: it's not added");
    }
  }

  /** Rules go on looking at the name they named: the kernel swaps the names, and the count of references. */
  #swap(from: FakeSet, name: string): void {
    const to = this.#find(name);
    if (to === undefined) throw new ToolFailure('Sets cannot be swapped: the second set does not exist');
    if (from.type !== to.type || from.family !== to.family) {
      throw new ToolFailure('The sets cannot be swapped: their type does not match');
    }
    [from.name, to.name] = [to.name, from.name];
  }

  #rename(set: FakeSet, name: string): void {
    checkName(name);
    if (this.#isReferenced(set.name)) {
      throw new ToolFailure('Set cannot be renamed: it is in use by another system');
    }
    if (this.#find(name) !== undefined) {
      throw new ToolFailure('Set cannot be renamed: a set with the new name already exists');
    }
    set.name = name;
  }

  #destroy(set: FakeSet): void {
    if (this.#isReferenced(set.name)) {
      throw new ToolFailure('Set cannot be destroyed: it is in use by a kernel component');
    }
    this.#sets = this.#sets.filter((other) => other !== set);
  }

  #find(name: string): FakeSet | undefined {
    return this.#sets.find((set) => set.name === name);
  }

  #get(name: string): FakeSet {
    checkName(name);
    const set = this.#find(name);
    if (set === undefined) throw new ToolFailure('The set with the given name does not exist');
    return set;
  }

  /** The one set named, or all. */
  #named([name]: readonly string[]): readonly FakeSet[] {
    return name === undefined ? this.#sets : [this.#get(name)];
  }
}

function checkName(name: string): void {
  if (name.length <= LONGEST_NAME) return;
  throw new ToolFailure(`Syntax error: setname '${name}' is longer than ${LONGEST_NAME} characters`);
}

/** Lines that are sent to the kernel together. */
interface Batch {
  readonly key: string;
  readonly isTolerant: boolean;
  readonly undo: () => void;
}

const keyOf = ([command = '', name = '']: readonly string[]): string =>
  ['add', 'del'].includes(command) ? `${command} ${name}` : '';

/** The entries whose time is not over. */
function living({ entries }: FakeSet): Map<string, Entry> {
  for (const [entry, { until }] of entries) if (until !== 0 && until <= Date.now()) entries.delete(entry);
  return entries;
}

/** "timeout 60", "nomatch" */
function parseEntryOptions({ type, hasTimeouts }: FakeSet, words: readonly string[]): Entry {
  let entry: Entry = { option: '', until: 0 };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === 'nomatch' && type === 'hash:net') entry = { ...entry, option: word };
    else if (word === 'timeout') {
      const seconds = numberIn(words[++i] ?? '', MOST_SECONDS);
      if (!hasTimeouts)
        throw new ToolFailure('Timeout cannot be used: set was created without timeout support');
      entry = { ...entry, until: seconds === 0 ? 0 : Date.now() + seconds * 1000 };
    } else throw new ToolFailure(`Unknown argument: \`${word}'`, 2);
  }
  return entry;
}

type Options = Pick<FakeSet, 'family' | 'netmask' | 'hasTimeouts' | 'hashsize' | 'maxelem' | 'extensions'>;

const optionsOf: Record<string, readonly string[]> = {
  'hash:net': ['family', 'hashsize', 'maxelem', 'timeout'],
  'hash:ip': ['family', 'hashsize', 'maxelem', 'timeout', 'netmask'],
  [PORTS]: ['range', 'timeout'],
  [CONNECTIONS]: ['family', 'hashsize', 'maxelem', 'timeout'],
};

function parseOptions(type: string, words: readonly string[]): Options {
  const values = new Map<string, string>();
  const extensions: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (extensionNames.has(word)) extensions.push(word);
    else if (optionsOf[type]?.includes(word) === true) values.set(word, words[++i] ?? '');
    else throw new ToolFailure(`Unknown argument: \`${word}'`, 2);
  }
  const family = { inet: ipv4, inet6: ipv6 }[values.get('family') ?? 'inet'];
  if (family === undefined)
    throw new ToolFailure(`Syntax error: unknown inet family ${values.get('family')}`);
  if (type === PORTS && values.get('range') !== '0-65535')
    throw new ToolFailure(`fake ipset: range ${values.get('range')} is not played`, 2);
  // The most that the kernel takes is the default of entries that name none; the fake knows no default but "none".
  if ((values.get('timeout') ?? '0') !== '0')
    throw new ToolFailure(`fake ipset: timeout ${values.get('timeout')} is not played`, 2);
  return {
    family,
    netmask: netmaskIn(values.get('netmask'), family),
    hasTimeouts: values.has('timeout'),
    hashsize: numberIn(values.get('hashsize') ?? '1024'),
    maxelem: numberIn(values.get('maxelem') ?? '65536'),
    extensions: extensions.map((name) => ` ${name}`).join(''),
  };
}

function numberIn(text: string, most = 2 ** 32 - 1): number {
  if (!/^-?\d+$/.test(text)) throw new ToolFailure(`Syntax error: '${text}' is invalid as number`);
  const number = Number(text);
  if (number >= 0 && number <= most) return number;
  throw new ToolFailure(`Syntax error: '${text}' is out of range 0-${most}`);
}

function netmaskIn(text: string | undefined, { bits }: Family): number | undefined {
  if (text === undefined) return undefined;
  const netmask = numberIn(text, 255);
  if (netmask > 0 && netmask <= bits) return netmask;
  throw new ToolFailure(`Syntax error: netmask is out of the inclusive range of 1-${bits}`);
}

/** What an entry of a line stands for: ports may be several. */
function entriesOf(set: FakeSet, text: string): string[] {
  if (set.type !== PORTS) return [normalize(set, text)];
  const [from = 0, to = from] = text.split('-').map(portIn);
  return Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
}

function portIn(text: string): number {
  try {
    return numberIn(text, 65_535);
  } catch (error) {
    // It goes on about tcp, and names no line.
    throw new ToolFailure(error instanceof Error ? error.message : '', 2);
  }
}

/** The entry as the kernel keeps it: the network address, without the length where it is a single address. */
function normalize({ type, family, netmask }: FakeSet, text: string): string {
  if (type === CONNECTIONS) {
    const [from = '', port = '', to = ''] = text.split(',');
    const [peer, own] = [from, to].map((address) => networkOf(family, address));
    return `${peer},tcp:${portIn(port.replace(/^tcp:/, ''))},${own}`;
  }
  if (type === 'hash:ip') {
    const address = text.endsWith(`/${family.bits}`) ? text.slice(0, text.indexOf('/')) : text;
    if (address.includes('/') && family === ipv4)
      throw new ToolFailure(`fake ipset: ${text} is not played`, 2);
    if (address.includes('/'))
      throw new ToolFailure(`Syntax error: plain IP address must be supplied: ${text}`);
    return networkOf(family, netmask === undefined ? address : `${address}/${netmask}`).split('/')[0]!;
  }
  return networkOf(family, text);
}

function networkOf(family: Family, text: string): string {
  const [address = ''] = text.split('/');
  if (parseAddress(family, address) === undefined) {
    throw new ToolFailure(
      `Syntax error: cannot parse ${address}: resolving to ${family.label} address failed`,
    );
  }
  const cidr = newCidr();
  const bytes = new TextEncoder().encode(text.includes('/') ? text : `${text}/${family.bits}`);
  if (parseCidr(family, bytes, 0, bytes.length, cidr) !== undefined) {
    const length = text.slice(address.length + 1);
    const reason = /^\d+$/.test(length) ? `is out of range 0-${family.bits}` : 'is invalid as number';
    throw new ToolFailure(`Syntax error: '${length}' ${reason}`);
  }
  if (cidr.length === 0) {
    throw new ToolFailure('The value of the CIDR parameter of the IP address is invalid');
  }
  const network = withDots(family.format(cidr.words, 0));
  return cidr.length === family.bits ? network : `${network}/${cidr.length}`;
}

/** inet_ntop(3) writes IPv4-mapped and IPv4-compatible addresses with a dotted quad. */
const withDots = (address: string): string =>
  address.replace(
    /^(::(?:ffff:)?)([\da-f]{1,4}):([\da-f]{1,4})$/,
    (_, prefix: string, high: string, low: string) => {
      const [a, b] = [high, low].map((hextet) => Number.parseInt(hextet, 16));
      return `${prefix}${[a! >> 8, a! & 255, b! >> 8, b! & 255].join('.')}`;
    },
  );

function headerOf(set: FakeSet): string {
  const { family, hashsize, maxelem, netmask, hasTimeouts, extensions, seed } = set;
  const timeouts = hasTimeouts ? ' timeout 0' : '';
  if (set.type === PORTS) return `range 0-65535${timeouts}${extensions}`;
  const sizes = `hashsize ${hashsize} maxelem ${maxelem}`;
  const mask = netmask === undefined ? '' : ` netmask ${netmask}`;
  const rest = `${mask}${timeouts}${extensions} bucketsize 12 initval ${seed}`;
  return `family ${family === ipv4 ? 'inet' : 'inet6'} ${sizes}${rest}`;
}

function saved(set: FakeSet): string {
  const counters = set.extensions.includes('counters') ? ' packets 0 bytes 0' : '';
  const timeOf = ({ until }: Entry): string =>
    set.hasTimeouts
      ? ` timeout ${until === 0 ? 0 : Math.max(1, Math.floor((until - Date.now()) / 1000))}`
      : '';
  const entries = [...living(set)].map(
    ([entry, kept]) =>
      `add ${set.name} ${entry}${timeOf(kept)}${counters}${kept.option === '' ? '' : ` ${kept.option}`}\n`,
  );
  // The kernel walks a hash table: whoever reads this must not expect an order.
  return [`create ${set.name} ${set.type} ${headerOf(set)}\n`, ...entries.toReversed()].join('');
}

const described = (set: FakeSet, isReferenced: boolean): string =>
  [
    `Name: ${set.name}`,
    `Type: ${set.type}`,
    'Revision: 7',
    `Header: ${headerOf(set)}`,
    'Size in memory: 456',
    `References: ${isReferenced ? 1 : 0}`,
    `Number of entries: ${living(set).size}`,
    '',
  ].join('\n');
