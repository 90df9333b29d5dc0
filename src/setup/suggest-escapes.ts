import { parseNetwork } from '../config/network.ts';
import type { TypedNetwork } from '../config/network.ts';
import type { SettledSettings } from '../config/settled.ts';
import { isEmpty, subtract, unionAll } from '../ip/bounds.ts';
import { parseOwnNetworks6, parseOwnNetworks4 } from '../host/parse-networks.ts';
import type { System } from '../system/system.ts';
import { localBounds } from '../zones/local.ts';
import { findThisSession } from '../host/this-session.ts';

/** What this host is among, for whoever decides who must always get in. */
export interface Neighbourhood {
  /** Where the SSH session comes from. */
  readonly peer: TypedNetwork | undefined;
  readonly networks: readonly TypedNetwork[];
}

/** Looks at the session this program was started in, and at the networks this host is on. */
export async function findNeighbourhood(system: System): Promise<Neighbourhood> {
  const peer = (await findThisSession(system))?.peer;
  const texts = [
    ...parseOwnNetworks4((await system.readText('/proc/net/route')) ?? ''),
    ...parseOwnNetworks6((await system.readText('/proc/net/if_inet6')) ?? ''),
  ];
  const networks = new Map(texts.map(read).map((network) => [network.text, network]));
  return {
    peer: peer && read(peer.family.format(peer.words, 0)),
    networks: [...networks.values()],
  };
}

/** Which escapes to suggest, and what to say about it, a sentence each. */
export interface Suggestion {
  readonly escapes: readonly string[];
  readonly remarks: readonly string[];
}

/**
 * Which escapes to suggest where these settings hold: those that are stated already, and what is surely one's own: the
 * address one is connected from, and private networks where they are fenced. Another network may be shared with
 * strangers, as in a data centre.
 */
export function suggestEscapes(
  { allow_subnets: current, local }: SettledSettings,
  { peer, networks }: Neighbourhood,
): Suggestion {
  const named = current.map(read);
  const isCovered = (network: TypedNetwork): boolean =>
    isWithin(network, named) || (local && isLocal(network));
  const privateOnes = networks.filter(isLocal);
  const shared = networks.filter((network) => !isLocal(network) && !isCovered(network));
  const mine = [...(peer === undefined ? [] : [peer]), ...privateOnes].filter(
    (network) => !isCovered(network),
  );
  return {
    escapes: [...new Set([...current, ...mine.map(({ text }) => text)])],
    remarks: [
      ...(local ? [`Local addresses (private, link-local, ...) get in anyway${among(privateOnes)}.`] : []),
      ...(local || privateOnes.length === 0 ? [] : [`This host is on ${list(privateOnes)}.`]),
      ...(peer === undefined
        ? []
        : [
            `You are connected from ${peer.text.replace(/\/.*/, '')}${isCovered(peer) ? ', which gets in anyway' : ''}.`,
          ]),
      ...(shared.length === 0
        ? []
        : [`This host is on ${list(shared)} too: name it only if you trust everybody there.`]),
    ],
  };
}

const read = (text: string): TypedNetwork => parseNetwork(text, 'the network');

const isWithin = ({ family, bounds }: TypedNetwork, others: readonly TypedNetwork[]): boolean =>
  isEmpty(
    subtract(
      bounds,
      unionAll(
        family,
        others.filter((other) => other.family === family).map((other) => other.bounds),
      ),
    ),
  );

const isLocal = ({ family, bounds }: TypedNetwork): boolean => isEmpty(subtract(bounds, localBounds(family)));

const list = (networks: readonly TypedNetwork[]): string => networks.map(({ text }) => text).join(', ');

const among = (networks: readonly TypedNetwork[]): string =>
  networks.length === 0 ? '' : `, and this host is on ${list(networks)}`;
