import type { Family } from '../../ip/family.ts';
import { ipv4 } from '../../ip/family.ts';
import type { Action, AnyRule, Match, PortRange, Protocol } from '../model.ts';
import type { Rate } from '../rate.ts';
import { isForeign } from '../model.ts';

/**
 * Returns a rule as arguments of iptables, in the words of iptables-save and without "-A CHAIN"; `family` matters for
 * ICMP, hop limits and whole-address masks. Throws an Error when matches ask for different protocols, a list of ports
 * is empty or takes more than 15 places (a range takes two), or a comment or log prefix holds a quote or backslash.
 */
export function renderRule(rule: AnyRule, family: Family): string {
  if (isForeign(rule)) return rule.text;
  const protocol = protocolOf(rule.match, family);
  const words = [
    // iptables-save prints these before all modules.
    ...rule.match.filter(isBasic).map(renderBasic),
    ...(protocol === undefined ? [] : [protocol]),
    ...rule.match.flatMap((match) => renderModule(match, family)),
    ...(rule.comment === undefined ? [] : [`-m comment --comment ${quote(rule.comment)}`]),
    renderAction(rule.action),
  ];
  return words.join(' ');
}

/** The name in the words of iptables-save: ICMP of IPv6 is a protocol of its own. */
const protocolName = (protocol: Protocol, family: Family): string =>
  protocol === 'icmp' && family !== ipv4 ? 'ipv6-icmp' : protocol;

/** "-p tcp", once for all matches of TCP. */
function protocolOf(matches: readonly Match[], family: Family): string | undefined {
  const asked = matches.flatMap((match) => protocolsOf(match, family));
  const [first, ...others] = new Set(asked);
  if (others.length > 0) throw new Error(`one rule cannot match ${[first, ...others].join(' and ')}`);
  return first;
}

function protocolsOf(match: Match, family: Family): string[] {
  if (match.on === 'protocol') return [`${not(match)}-p ${protocolName(match.protocol, family)}`];
  if (match.on === 'ports') return [`-p ${match.protocol}`];
  if (match.on === 'tcp-flags') return ['-p tcp'];
  return match.on === 'icmp' ? [`-p ${protocolName('icmp', family)}`] : [];
}

type Basic = Extract<Match, { on: 'interface' | 'address' }>;

const isBasic = (match: Match): match is Basic => match.on === 'interface' || match.on === 'address';

const not = (match: { readonly not?: true }): string => (match.not === true ? '! ' : '');

function renderBasic(match: Basic): string {
  if (match.on === 'address') return `${not(match)}${match.side === 'source' ? '-s' : '-d'} ${match.network}`;
  // iptables marks the beginning of a name with "+", and takes "*" for a letter.
  return `${not(match)}${match.way === 'in' ? '-i' : '-o'} ${match.name.replace(/\*$/, '+')}`;
}

function renderModule(match: Match, family: Family): string[] {
  switch (match.on) {
    case 'interface':
    case 'address':
    case 'protocol':
      return [];
    case 'state':
      return [`-m conntrack ${not(match)}--ctstate ${match.states.join(',')}`];
    case 'ports':
      return renderPorts(match);
    case 'tcp-flags':
      return [`-m tcp ${not(match)}--tcp-flags ${flagList(match.mask)} ${flagList(match.set)}`];
    case 'icmp':
      return [family === ipv4 ? `-m icmp --icmp-type ${match.type}` : `-m icmp6 --icmpv6-type ${match.type}`];
    case 'hop-limit':
      return [family === ipv4 ? `-m ttl --ttl-eq ${match.hops}` : `-m hl --hl-eq ${match.hops}`];
    case 'address-type':
      return [`-m addrtype --${match.side === 'source' ? 'src' : 'dst'}-type ${match.types.join(',')}`];
    case 'set':
      return [`-m set ${match.isInside ? '' : '! '}--match-set ${match.set} ${directions[match.side]}`];
    case 'socket':
      return ['-m socket'];
    case 'rate':
      return [`-m limit --limit ${renderRate(match.rate)} --limit-burst ${match.rate.burst}`];
    case 'source-rate':
      return [renderSourceRate(match, family)];
  }
}

const directions = { source: 'src', destination: 'dst', connection: 'src,src,dst' } as const;

/** xt_multiport takes 15 ports, of which a range is two; the tcp and udp modules take one range. */
const MOST_PORTS = 15;

function renderPorts({ protocol, source, destination }: Extract<Match, { on: 'ports' }>): string[] {
  const sides = [
    { ranges: source, single: '--sport', several: '--sports' },
    { ranges: destination, single: '--dport', several: '--dports' },
  ];
  const singles = sides.flatMap(({ ranges, single }) =>
    ranges?.length === 1 ? [`${single} ${renderRange(ranges[0]!)}`] : [],
  );
  const multiples = sides.flatMap(({ ranges, several }) => {
    if (ranges === undefined || ranges.length === 1) return [];
    const places = ranges.reduce((sum, { from, to }) => sum + (from === to ? 1 : 2), 0);
    if (places === 0 || places > MOST_PORTS) throw new Error(`one rule cannot match ${places} ports`);
    return [`-m multiport ${several} ${ranges.map(renderRange).join(',')}`];
  });
  return [...(singles.length === 0 ? [] : [`-m ${protocol} ${singles.join(' ')}`]), ...multiples];
}

const renderRange = ({ from, to }: PortRange): string => (from === to ? String(from) : `${from}:${to}`);

const flagList = (flags: readonly string[]): string => (flags.length === 0 ? 'NONE' : flags.join(','));

/** As iptables-save abbreviates them. */
const unitNames: Readonly<Record<Rate['per'], string>> = {
  second: 'sec',
  minute: 'min',
  hour: 'hour',
  day: 'day',
};

const renderRate = ({ count, per }: Rate): string => `${count}/${unitNames[per]}`;

/** In the order of iptables-save, which leaves the length out where it is a whole address. */
const renderSourceRate = (
  { above, name, length, maxSources }: Extract<Match, { on: 'source-rate' }>,
  family: Family,
): string =>
  [
    `-m hashlimit --hashlimit-above ${renderRate(above)} --hashlimit-burst ${above.burst}`,
    `--hashlimit-mode srcip --hashlimit-name ${name} --hashlimit-htable-max ${maxSources}`,
    ...(length === family.bits ? [] : [`--hashlimit-srcmask ${length}`]),
  ].join(' ');

/** Quotes and backslashes would end the word for iptables-restore, or be kept: comments and prefixes have none. */
function quote(text: string): string {
  if (/["\\]/.test(text)) throw new Error(`a rule cannot hold the text ${JSON.stringify(text)}`);
  return `"${text}"`;
}

function renderAction(action: Action): string {
  switch (action.do) {
    case 'return':
      return '-j RETURN';
    case 'drop':
      return '-j DROP';
    case 'jump':
      return `-j ${action.chain}`;
    case 'goto':
      return `-g ${action.chain}`;
    case 'log':
      return `-j LOG --log-prefix ${quote(action.prefix)}`;
    case 'add':
      return `-j SET --add-set ${action.set} ${directions[action.what]} --exist --timeout ${action.seconds}`;
  }
}
