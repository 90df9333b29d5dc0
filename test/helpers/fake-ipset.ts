import { newCidr, parseAddress, parseCidr } from '../../src/ip/cidr.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { ToolFailure } from './tool-failure.ts';

interface FakeSet {
  name: string;
  readonly type: string;
  readonly family: Family;
  readonly hashsize: number;
  readonly maxelem: number;
  /** counters, comment, ... as `ipset save` words them. */
  readonly extensions: string;
  readonly seed: string;
  /** By network; "nomatch" or nothing. */
  readonly entries: Map<string, string>;
}

const LONGEST_NAME = 31;
const types = new Set(['hash:net', 'hash:ip']);
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

  /** The family of a set, for the rules that want to look at it. */
  familyOf(name: string): Family | undefined {
    return this.#find(name)?.family;
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

  /** Stops at the first bad line; what came before it stays done. */
  #restore(input: string): void {
    for (const [i, line] of input.split('\n').entries()) {
      if (line.trim() === '' || line.startsWith('#')) continue;
      try {
        this.#command(line.trim().split(/\s+/));
      } catch (error) {
        // What it cannot even read (status 2) it does not place.
        if (!(error instanceof ToolFailure) || error.status === 2) throw error;
        throw new ToolFailure(`Error in line ${i + 1}: ${error.message}`);
      }
    }
  }

  #command([command = '', ...args]: readonly string[]): void {
    const [name = '', second = ''] = args;
    const commands: Record<string, () => void> = {
      create: () => this.#create(name, second, args.slice(2)),
      add: () => this.#add(this.#get(name), args.slice(1)),
      del: () => this.#delete(this.#get(name), second),
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
    const options = parseOptions(words);
    if (this.#find(name) !== undefined) {
      throw new ToolFailure('Set cannot be created: set with the same name already exists');
    }
    this.#seed = (this.#seed * 1_103_515_245 + 12_345) % 2 ** 32;
    this.#sets.push({ name, type, ...options, seed: `0x${this.#seed.toString(16)}`, entries: new Map() });
  }

  #add(set: FakeSet, [text = '', ...options]: readonly string[]): void {
    const entry = normalize(set, text);
    const [option = ''] = options;
    if (options.length > 1 || !['', 'nomatch'].includes(option)) {
      throw new ToolFailure(`Unknown argument: \`${options.join(' ')}'`, 2);
    }
    if (set.entries.has(entry)) {
      throw new ToolFailure("Element cannot be added to the set: it's already added");
    }
    if (set.entries.size >= set.maxelem) throw new ToolFailure('Hash is full, cannot add more elements');
    set.entries.set(entry, option);
  }

  #delete(set: FakeSet, text: string): void {
    if (!set.entries.delete(normalize(set, text))) {
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

type Options = Pick<FakeSet, 'family' | 'hashsize' | 'maxelem' | 'extensions'>;

function parseOptions(words: readonly string[]): Options {
  const values = new Map<string, string>();
  const extensions: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (extensionNames.has(word)) extensions.push(word);
    else if (['family', 'hashsize', 'maxelem'].includes(word)) values.set(word, words[++i] ?? '');
    else throw new ToolFailure(`Unknown argument: \`${word}'`, 2);
  }
  const family = { inet: ipv4, inet6: ipv6 }[values.get('family') ?? 'inet'];
  if (family === undefined)
    throw new ToolFailure(`Syntax error: unknown inet family ${values.get('family')}`);
  return {
    family,
    hashsize: numberIn(values.get('hashsize') ?? '1024'),
    maxelem: numberIn(values.get('maxelem') ?? '65536'),
    extensions: extensions.map((name) => ` ${name}`).join(''),
  };
}

function numberIn(text: string): number {
  if (!/^\d+$/.test(text)) throw new ToolFailure(`Syntax error: '${text}' is invalid as number`);
  const number = Number(text);
  if (number < 2 ** 32) return number;
  throw new ToolFailure(`Syntax error: '${text}' is out of range 0-${2 ** 32 - 1}`);
}

/** The entry as the kernel keeps it: the network address, without the length where it is a single address. */
function normalize({ family }: FakeSet, text: string): string {
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

const headerOf = ({ family, hashsize, maxelem, extensions, seed }: FakeSet): string =>
  `family ${family === ipv4 ? 'inet' : 'inet6'} hashsize ${hashsize} maxelem ${maxelem}${extensions} ` +
  `bucketsize 12 initval ${seed}`;

function saved(set: FakeSet): string {
  const counters = set.extensions.includes('counters') ? ' packets 0 bytes 0' : '';
  const entries = [...set.entries].map(
    ([entry, option]) => `add ${set.name} ${entry}${counters}${option === '' ? '' : ` ${option}`}\n`,
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
    `Number of entries: ${set.entries.size}`,
    '',
  ].join('\n');
