import type { Family } from '../../ip/family.ts';
import { ipv4 } from '../../ip/family.ts';
import type { Match, PortRange, Protocol, Side } from '../model.ts';
import type { Rate } from '../rate.ts';
import { addressTypes, connStates, tcpFlags } from '../model.ts';
import { rateUnits, secondsIn } from '../rate.ts';
import type { Option } from './rule-options.ts';
import { readOptions } from './rule-options.ts';

type Reader = (
  options: readonly Option[],
  protocol: Protocol | undefined,
  family: Family,
) => Match[] | undefined;

/**
 * Reads the words of one module of a rule, such as `-m set ! --match-set geofence-main-allow-4 src`, into conditions;
 * undefined for a module, an option or a value that renderRule() would not write.
 */
export function parseModule(
  [, name = '', ...words]: readonly string[],
  protocol: Protocol | undefined,
  family: Family,
): Match[] | undefined {
  const options = readOptions(words);
  return options && readers[name]?.(options, protocol, family);
}

const readers: Readonly<Record<string, Reader>> = {
  // Not a condition: parseRule() reads it.
  comment: () => [],
  conntrack: one('--ctstate', ({ values: [text], isInverted }) => {
    const states = listOf(connStates, text);
    return states && { on: 'state', states, ...(isInverted ? { not: true } : {}) };
  }),
  tcp: readTransport,
  udp: readTransport,
  multiport: readPorts,
  icmp: one('--icmp-type', (option, family) => (family === ipv4 ? readIcmp(option) : undefined)),
  icmp6: one('--icmpv6-type', (option, family) => (family === ipv4 ? undefined : readIcmp(option))),
  ttl: one('--ttl-eq', readHopLimit),
  hl: one('--hl-eq', readHopLimit),
  set: one('--match-set', ({ values: [set, text], isInverted }) => {
    const side = setSides[text ?? ''];
    return set === undefined || side === undefined
      ? undefined
      : { on: 'set', set, side, isInside: !isInverted };
  }),
  socket: (options) => (options.length === 0 ? [{ on: 'socket' }] : undefined),
  addrtype: (options) => {
    const matches = options.map(({ name, values: [text], isInverted }): Match | undefined => {
      const side = addressSides[name];
      const types = listOf(addressTypes, text);
      if (side === undefined || types === undefined || isInverted) return undefined;
      return { on: 'address-type', side, types };
    });
    return all(matches);
  },
  limit: (options) => {
    const rate = readRate(options, '--limit', '--limit-burst');
    const isKnown = options.every(({ name }) => name === '--limit' || name === '--limit-burst');
    return rate === undefined || !isKnown ? undefined : [{ on: 'rate', rate }];
  },
  hashlimit: readSourceRate,
};

/** A module with just one option. */
function one(name: string, read: (option: Option, family: Family) => Match | undefined): Reader {
  return ([option, ...more], _, family) => {
    if (option?.name !== name || more.length > 0) return undefined;
    const match = read(option, family);
    return match && [match];
  };
}

const all = (matches: readonly (Match | undefined)[]): Match[] | undefined =>
  matches.every((match) => match !== undefined) ? [...matches] : undefined;

const setSides: Readonly<Record<string, Side | 'connection'>> = {
  src: 'source',
  dst: 'destination',
  'src,src,dst': 'connection',
};
const addressSides: Readonly<Record<string, Side>> = { '--src-type': 'source', '--dst-type': 'destination' };

/** The words of a list with commas, when all are known and in order; NONE is none of them. */
function listOf<T extends string>(known: readonly T[], text = ''): T[] | undefined {
  const words = text === 'NONE' ? [] : text.split(',');
  const found = known.filter((word) => words.includes(word));
  return found.length === words.length ? found : undefined;
}

/** The modules tcp and udp; both may come twice, and without an option. */
function readTransport(options: readonly Option[], protocol: Protocol | undefined): Match[] | undefined {
  if (protocol !== 'tcp' && protocol !== 'udp') return undefined;
  const flags = options.filter(({ name }) => name === '--tcp-flags');
  const ports = readPorts(
    options.filter(({ name }) => name !== '--tcp-flags'),
    protocol,
  );
  const read = flags.map(({ values: [mask, set], isInverted }): Match | undefined => {
    const [among, those] = [listOf(tcpFlags, mask), listOf(tcpFlags, set)];
    if (among === undefined || those === undefined) return undefined;
    return { on: 'tcp-flags', mask: among, set: those, ...(isInverted ? { not: true } : {}) };
  });
  const matches = all(read);
  return ports === undefined || matches === undefined ? undefined : [...ports, ...matches];
}

const portSides: Readonly<Record<string, Side>> = {
  '--sport': 'source',
  '--sports': 'source',
  '--dport': 'destination',
  '--dports': 'destination',
};

/** "--sport 67 --dport 68", "--dports 80,443,1000:2000" */
function readPorts(options: readonly Option[], protocol: Protocol | undefined): Match[] | undefined {
  if (protocol !== 'tcp' && protocol !== 'udp') return undefined;
  if (options.length === 0) return [];
  const read: { source?: PortRange[]; destination?: PortRange[] } = {};
  for (const { name, values, isInverted } of options) {
    const side = portSides[name];
    const ranges = values[0]?.split(',').map(readRange);
    if (side === undefined || read[side] !== undefined || ranges === undefined || isInverted)
      return undefined;
    if (!ranges.every((range) => range !== undefined)) return undefined;
    read[side] = ranges;
  }
  return [{ on: 'ports', protocol, ...read }];
}

function readRange(text: string): PortRange | undefined {
  const [, from, to = from] = /^(\d+)(?::(\d+))?$/.exec(text) ?? [];
  return from === undefined ? undefined : { from: Number(from), to: Number(to) };
}

function readIcmp({ values: [text = ''], isInverted }: Option): Match | undefined {
  return /^\d+$/.test(text) && !isInverted ? { on: 'icmp', type: Number(text) } : undefined;
}

function readHopLimit({ values: [text = ''], isInverted }: Option): Match | undefined {
  return /^\d+$/.test(text) && !isInverted ? { on: 'hop-limit', hops: Number(text) } : undefined;
}

/** What iptables-save leaves out. */
const USUAL_BURST = 5;

function readRate(options: readonly Option[], limit: string, burst: string): Rate | undefined {
  const valueOf = (wanted: string): string | undefined =>
    options.find(({ name, isInverted }) => name === wanted && !isInverted)?.values[0];
  const [, count, unit] = /^(\d+)\/(sec|min|hour|day)$/.exec(valueOf(limit) ?? '') ?? [];
  const per = rateUnits.find((name) => unit !== undefined && name.startsWith(unit));
  const most = Number(valueOf(burst) ?? USUAL_BURST);
  return per === undefined || !Number.isInteger(most)
    ? undefined
    : { count: Number(count), per, burst: most };
}

const hashlimitOptions = ['above', 'burst', 'mode', 'name', 'htable-max', 'htable-expire', 'srcmask'].map(
  (name) => `--hashlimit-${name}`,
);

/**
 * A source is remembered for the unit of its rate, in milliseconds. It is told where the tool tells the rate in another
 * unit: "120/min" as "2/sec", with "60000"; any other time is none of ours.
 */
function inUnitOf(expire: string | undefined, rate: Rate | undefined): Rate | undefined {
  if (expire === undefined || rate === undefined) return rate;
  const per = rateUnits.find((unit) => secondsIn[unit] * 1000 === Number(expire));
  const count = per === undefined ? 0 : (rate.count * secondsIn[per]) / secondsIn[rate.per];
  return per === undefined || !Number.isInteger(count) ? undefined : { ...rate, count, per };
}

function readSourceRate(
  options: readonly Option[],
  _: Protocol | undefined,
  family: Family,
): Match[] | undefined {
  const valueOf = (wanted: string): string | undefined =>
    options.find(({ name }) => name === `--hashlimit-${wanted}`)?.values[0];
  const above = inUnitOf(
    valueOf('htable-expire'),
    readRate(options, '--hashlimit-above', '--hashlimit-burst'),
  );
  const isKnown = options.every(({ name, isInverted }) => hashlimitOptions.includes(name) && !isInverted);
  const [name, maxSources] = [valueOf('name'), Number(valueOf('htable-max'))];
  if (above === undefined || !isKnown || name === undefined || valueOf('mode') !== 'srcip') return undefined;
  if (!Number.isInteger(maxSources)) return undefined;
  const length = Number(valueOf('srcmask') ?? family.bits);
  return [{ on: 'source-rate', above, name, length, maxSources }];
}
