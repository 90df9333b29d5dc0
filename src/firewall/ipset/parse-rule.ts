import { newCidr } from '../../ip/cidr.ts';
import type { Family } from '../../ip/family.ts';
import { ipv4 } from '../../ip/family.ts';
import type { Action, ForeignRule, Match, Protocol, Rule } from '../model.ts';
import { protocols } from '../model.ts';
import { parseModule } from './parse-module.ts';
import { readNetwork } from './read-network.ts';
import type { Option } from './rule-options.ts';
import { readOptions, splitWords, unquote } from './rule-options.ts';

/**
 * Reads one rule in the words of iptables-save, without "-A CHAIN":
 *
 *     -i ppp+ -p tcp -m tcp --dport 22 -m set ! --match-set geofence-main-allow-4 src -j DROP
 *
 * A rule that renderRule() would not write becomes a ForeignRule, with as much of it as is understood.
 */
export function parseRule(text: string, family: Family): Rule | ForeignRule {
  const [first = [], ...rest] = cut(splitWords(text), ['-m', '-j', '-g']);
  const target = rest.find(([word]) => word !== '-m');
  const modules = rest.filter(([word]) => word === '-m');
  const basic = parseBasic(first, family);
  const protocol = basic?.find((one) => one.on === 'protocol')?.protocol;
  const read = [basic, ...modules.map((words) => parseModule(words, protocol, family))];
  const comments = modules.filter(([, name]) => name === 'comment').flatMap((words) => words.slice(3, 4));
  const match = read.some((matches) => matches === undefined)
    ? undefined
    : withoutImplied(withPortsTogether(read.flatMap((matches) => matches ?? [])));
  const action = target === undefined ? undefined : parseTarget(target);
  if (match === undefined || action === undefined || comments.length > 1) return { text, match, action };
  if (!isAction(action)) return { text, match, action };
  return { match, action, ...(comments[0] === undefined ? {} : { comment: unquote(comments[0]) }) };
}

const isAction = (action: NonNullable<ForeignRule['action']>): action is Action =>
  action.do !== 'accept' && action.do !== 'reject';

/** Parts of a list that begin with one of these words; the first part may be empty. */
function cut(words: readonly string[], starts: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (starts.includes(word)) parts.push([word]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}

/** Numbers of protocols that iptables-save tells where the host has no /etc/protocols, and the name of ICMP in IPv6. */
const numbers: Readonly<Record<string, Protocol>> = {
  1: 'icmp',
  2: 'igmp',
  6: 'tcp',
  17: 'udp',
  47: 'gre',
  50: 'esp',
  132: 'sctp',
};

function parseProtocol(name: string, family: Family): Protocol | undefined {
  if (family !== ipv4) {
    if (['ipv6-icmp', 'icmpv6', '58'].includes(name)) return 'icmp';
    // What is called ICMP there is another protocol, which IPv6 does not carry.
    if (['icmp', '1'].includes(name)) return undefined;
  }
  return protocols.find((protocol) => protocol === name) ?? numbers[name];
}

/** What stands before the modules; undefined when something of it is not understood. */
function parseBasic(words: readonly string[], family: Family): Match[] | undefined {
  const matches = readOptions(words)?.map((option): Match | undefined => {
    const [value = '', ...more] = option.values;
    if (more.length > 0 || value === '') return undefined;
    const not = option.isInverted ? ({ not: true } as const) : {};
    switch (option.name) {
      case '-i':
      case '-o':
        return {
          on: 'interface',
          way: option.name === '-i' ? 'in' : 'out',
          name: value.replace(/\+$/, '*'),
          ...not,
        };
      case '-s':
      case '-d': {
        const network = parseNetwork(value, family);
        const side = option.name === '-s' ? 'source' : 'destination';
        return network === undefined ? undefined : { on: 'address', side, network, ...not };
      }
      case '-p': {
        const protocol = parseProtocol(value, family);
        return protocol && { on: 'protocol', protocol, ...not };
      }
      default:
        return undefined;
    }
  });
  return matches?.every((match) => match !== undefined) === true ? matches : undefined;
}

/** A mask with holes ("192.0.2.0/255.0.255.0") is no network, and the tool always tells a length. */
function parseNetwork(text: string, family: Family): string | undefined {
  const cidr = newCidr();
  if (!text.includes('/') || !readNetwork(family, text, cidr)) return undefined;
  return `${family.format(cidr.words, 0)}/${cidr.length}`;
}

/** Each side has an option of its own, and several ports a module of their own: one condition in up to three parts. */
function withPortsTogether(matches: readonly Match[]): Match[] {
  const together: Match[] = [];
  for (const match of matches) {
    const at = together.findIndex((one) => match.on === 'ports' && isOtherSide(one, match));
    if (at < 0) together.push(match);
    else together[at] = { ...together[at]!, ...match };
  }
  return together;
}

type OfPorts = Extract<Match, { on: 'ports' }>;

const isOtherSide = (one: Match, { source, destination }: OfPorts): boolean =>
  one.on === 'ports' &&
  (one.source === undefined || source === undefined) &&
  (one.destination === undefined || destination === undefined);

type OfProtocol = Extract<Match, { on: 'protocol' }>;

/** "-p tcp" says nothing that a match on ports or flags of TCP does not. */
function withoutImplied(matches: readonly Match[]): Match[] {
  const isImplied = ({ protocol, not }: OfProtocol): boolean =>
    not !== true &&
    matches.some(
      (match) =>
        (match.on === 'ports' && match.protocol === protocol) ||
        (match.on === 'tcp-flags' && protocol === 'tcp') ||
        (match.on === 'icmp' && protocol === 'icmp'),
    );
  return matches.filter((match) => match.on !== 'protocol' || !isImplied(match));
}

/** Targets without options. */
const simple: Readonly<Record<string, ForeignRule['action']>> = {
  RETURN: { do: 'return' },
  DROP: { do: 'drop' },
  ACCEPT: { do: 'accept' },
};

function parseTarget([word, target = '', ...rest]: readonly string[]): ForeignRule['action'] {
  const options = readOptions(rest);
  if (word === '-g') return { do: 'goto', chain: target };
  if (target === 'REJECT') return { do: 'reject' };
  if (target === 'LOG') return parseLog(options);
  if (target === 'SET') return parseAdd(options);
  if (rest.length > 0) return undefined;
  // Extensions have names in capitals, as our chains have: one that is not known may be a chain.
  return simple[target] ?? { do: 'jump', chain: target };
}

function parseLog(options: readonly Option[] | undefined): Action | undefined {
  const [option, ...more] = options ?? [];
  if (option?.name !== '--log-prefix' || more.length > 0) return undefined;
  return { do: 'log', prefix: option.values[0] ?? '' };
}

/** "--add-set NAME src --exist --timeout 60" */
function parseAdd(options: readonly Option[] | undefined): Action | undefined {
  const valuesOf = (name: string): readonly string[] | undefined =>
    options?.find((option) => option.name === name)?.values;
  const [set, side] = valuesOf('--add-set') ?? [];
  const seconds = Number(valuesOf('--timeout')?.[0]);
  if (options?.length !== 3 || valuesOf('--exist')?.length !== 0) return undefined;
  const what = side === 'src' ? 'source' : side === 'src,src,dst' ? 'connection' : undefined;
  if (set === undefined || what === undefined || !Number.isInteger(seconds)) return undefined;
  return { do: 'add', set, what, seconds };
}
