import type { Bounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import type { Rate } from './rate.ts';

/** The states that connection tracking gives a packet. */
export const connStates = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED'] as const;
export type ConnState = (typeof connStates)[number];

/** IP protocols by the names of IANA's registry, in lower case; ICMP is one protocol in each family. */
export const protocols = ['tcp', 'udp', 'icmp', 'igmp', 'gre', 'esp', 'sctp'] as const;
export type Protocol = (typeof protocols)[number];

/** The flags of a TCP header, in the order of its bits (RFC 9293). */
export const tcpFlags = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] as const;
export type TcpFlag = (typeof tcpFlags)[number];

/** What an address is to this host's routing. */
export const addressTypes = ['UNICAST', 'LOCAL', 'BROADCAST', 'ANYCAST', 'MULTICAST'] as const;
export type AddressType = (typeof addressTypes)[number];

/** Ports from `from` to `to`, both included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export type Side = 'source' | 'destination';

/** A condition on a packet. With `not` it holds for all other packets. */
export type Match =
  /** A name, or the beginning of names before a "*": "eth0", "ppp*". */
  | { readonly on: 'interface'; readonly way: 'in' | 'out'; readonly name: string; readonly not?: true }
  | { readonly on: 'state'; readonly states: readonly ConnState[]; readonly not?: true }
  | { readonly on: 'protocol'; readonly protocol: Protocol; readonly not?: true }
  /** Ports of one side or of both; each list in order. */
  | {
      readonly on: 'ports';
      readonly protocol: 'tcp' | 'udp';
      readonly source?: readonly PortRange[];
      readonly destination?: readonly PortRange[];
    }
  /** Of the flags in `mask` exactly those in `set`; both in the order of the header. */
  | {
      readonly on: 'tcp-flags';
      readonly mask: readonly TcpFlag[];
      readonly set: readonly TcpFlag[];
      readonly not?: true;
    }
  /** An ICMP type of the rule's family. */
  | { readonly on: 'icmp'; readonly type: number }
  /** The hop limit (IPv4: TTL) that is left; 255 proves that no router passed the packet on. */
  | { readonly on: 'hop-limit'; readonly hops: number }
  /** A network as a CIDR without host bits: "192.0.2.0/24", "2001:db8::1/128". */
  | { readonly on: 'address'; readonly side: Side; readonly network: string; readonly not?: true }
  | { readonly on: 'address-type'; readonly side: Side; readonly types: readonly AddressType[] }
  /**
   * A set of networks or addresses is asked for the address of that side, one of ports for its port; one of connections
   * for the source, its port and the destination.
   */
  | {
      readonly on: 'set';
      readonly set: string;
      readonly side: Side | 'connection';
      readonly isInside: boolean;
    }
  /** It belongs to an open socket of this host. */
  | { readonly on: 'socket' }
  /** All packets that come to the rule, as long as they are no more than this. */
  | { readonly on: 'rate'; readonly rate: Rate }
  /** Packets of a source network of `length` bits above a rate. The table `name` remembers so many sources. */
  | {
      readonly on: 'source-rate';
      readonly above: Rate;
      readonly name: string;
      readonly length: number;
      readonly maxSources: number;
    };

/** What a rule does with a packet that it matches. `log` and `add` leave it to the next rule. */
export type Action =
  | { readonly do: 'return' | 'drop' }
  | { readonly do: 'jump' | 'goto'; readonly chain: string }
  | { readonly do: 'log'; readonly prefix: string }
  /** Puts the source, or the connection, into a set, for so long. */
  | {
      readonly do: 'add';
      readonly set: string;
      readonly what: 'source' | 'connection';
      readonly seconds: number;
    };

/** A rule: for packets that every match holds for. */
export interface Rule {
  readonly match: readonly Match[];
  readonly action: Action;
  /** For people, who read it in what the tools print; at most 255 characters, without quotes. */
  readonly comment?: string;
}

/** A rule that we would not write. It is never equal to any other, and shown as it is. */
export interface ForeignRule {
  /** In the words of the tool that told it. */
  readonly text: string;
  /** Its conditions; undefined when they cannot all be understood. */
  readonly match: readonly Match[] | undefined;
  /** What it does with a packet, as far as that is known. */
  readonly action: Action | { readonly do: 'accept' | 'reject' } | undefined;
}

/** What is told of a rule when it is read from the kernel, beside the rule itself. */
interface RuleReading {
  /** The words it was read in, where ours for the same are others: it is deleted by these. */
  readonly words?: string;
  /** What the rule has counted since it was put in place. */
  readonly packets?: number;
  readonly bytes?: number;
}

/** A rule as it was read, or as it should be. */
export type AnyRule = (Rule | ForeignRule) & RuleReading;

/** Whether a rule is one that geofence would not write, kept as text. */
export const isForeign = (rule: AnyRule): rule is ForeignRule => 'text' in rule;

/** `early`: before connection tracking has looked at a packet; `main`: after it, and before any NAT. */
export const stages = ['main', 'early'] as const;
export type Stage = (typeof stages)[number];

/** Where packets that come in meet the rules of a stage first. */
export const INPUT_HOOK = 'prerouting';

/** A rule of ours among those of others. */
export interface Hook {
  /** INPUT_HOOK, or the name of somebody else's chain, where nothing of ours should be. */
  readonly at: string;
  /** Its place there, counted from 1. */
  readonly position: number;
  readonly rule: AnyRule;
}

/** What is ours in one stage of one family. */
export interface Ruleset {
  readonly stage: Stage;
  readonly family: Family;
  readonly hooks: readonly Hook[];
  /** Our chains and their rules. */
  readonly chains: ReadonlyMap<string, readonly AnyRule[]>;
}

/** What a set is made for. Two sets can change places when kind and family are the same. */
export interface SetShape {
  /** `other`: one that we would not make. */
  readonly kind: 'networks' | 'addresses' | 'ports' | 'connections' | 'other';
  /** Undefined for ports. */
  readonly family?: Family;
  /** Addresses are cut to so many bits when they are added. */
  readonly netmask?: number;
  /** Whether entries can end by themselves. */
  readonly hasTimeouts: boolean;
  /** Undefined where it is chosen by the content. */
  readonly maxEntries?: number;
  /** What else the set was made with, in the words of the tool that told it; '' for ours. */
  readonly extras: string;
}

/** A set as it was read, or as it should be. */
export interface SetState {
  readonly name: string;
  readonly shape: SetShape;
  /** What a set of networks or addresses holds; absent when only the shape was read. */
  readonly bounds?: Bounds;
  /** What a set of connections holds, as connectionKey() names them; absent when only the shape was read. */
  readonly connections?: ReadonlySet<string>;
  /**
   * What a set of ports, or of addresses with timeouts, holds, in words, and the seconds that each has left: 0 where it
   * has no end. Absent when only the shape was read.
   */
  readonly timed?: ReadonlyMap<string, number>;
  /** Left half made by a killed run: part of no fence. */
  readonly isUnfinished?: true;
  /** The set that it takes the place of in a moment, unless the run that edits that one was killed. */
  readonly editOf?: string;
}

/**
 * How many more entries than networks the kernel's set may have, so that its prefix lengths are few: the larger of a
 * share of the networks and a number.
 */
export interface ExtraEntries {
  readonly share: number;
  readonly count: number;
}

/** Entries that end by themselves: networks, or connections as connectionKey() names them. */
export type FirstEntries = { readonly seconds: number } & (
  | { readonly bounds: Bounds }
  | { readonly connections: readonly string[] }
);

/** A set as it should be. */
export type SetSpec =
  /** The plan owns the content: compared exactly, replaced whole. */
  | (SetState & {
      readonly owner: 'plan';
      readonly bounds: Bounds;
      readonly extraEntries: ExtraEntries;
    })
  /** Entries come and go while the system runs: compared by shape, and every change keeps them. */
  | (SetState & {
      readonly owner: 'runtime';
      readonly bounds?: never;
      /** What it gets when the fence of its family comes up. */
      readonly atFirst?: FirstEntries;
    });

/** The kernel objects of the fence as they were read. */
export interface State {
  readonly sets: ReadonlyMap<string, SetState>;
  /** One for each stage and family, fenced or not. */
  readonly rulesets: readonly Ruleset[];
}

/** The kernel objects of the fence as they should be. */
export interface DesiredState extends State {
  readonly sets: ReadonlyMap<string, SetSpec>;
}

/** One difference between two states, and what removes it. */
export type Change =
  | { readonly what: 'set'; readonly verb: 'add'; readonly set: SetSpec }
  /** The set in use gets other content or another shape: made beside it, then exchanged. */
  | { readonly what: 'set'; readonly verb: 'replace'; readonly set: SetSpec; readonly before: SetState }
  | { readonly what: 'set'; readonly verb: 'remove'; readonly name: string }
  | { readonly what: 'rules'; readonly verb: 'replace'; readonly rules: Ruleset; readonly before: Ruleset };
