import type { Family } from '../../src/ip/family.ts';
import { ipv4 } from '../../src/ip/family.ts';
import type { Namespace } from '../helpers/netns.ts';
import { createNamespace } from '../helpers/netns.ts';
import { must } from './commands.ts';

/** Every receiver has the same addresses, so that all get the same frames. */
export const receiver = {
  ipv4: '10.9.0.1',
  ipv6: 'fd09::1',
  mac: '02:00:00:00:00:01',
  device: 'f0',
} as const;
export const sender = { ipv4: '10.9.0.2', ipv6: 'fd09::2', mac: '02:00:00:00:00:02' } as const;

/** Of the flow that a receiver began. */
export const flowPorts = { sender: 9000, receiver: 7000 } as const;

export type Variant = 'nft' | 'legacy';

/** A host with rules of its own, and the sender's end of the link to it. */
export interface Receiver {
  readonly device: string;
  readonly place: Namespace;
}

/** A host that floods, and any number of hosts that are flooded: each stays as it is while they take turns. */
export class PacketStage {
  readonly sender: Namespace;
  readonly #receivers: Receiver[] = [];
  #count = 0;

  private constructor(place: Namespace) {
    this.sender = place;
  }

  static async create(): Promise<PacketStage> {
    const place = await createNamespace();
    // It sends frames only: nothing of its own may come between them.
    await place.run('sh', ['-c', 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6']);
    return new PacketStage(place);
  }

  async addReceiver(): Promise<Receiver> {
    const place = await createNamespace(this.sender);
    const one = { device: `c${this.#count++}`, place };
    this.#receivers.push(one);
    const { device } = receiver;
    await this.sender.run('ip', ['-batch', '-'], {
      input: `\
link add ${one.device} address ${sender.mac} type veth peer name ${device} address ${receiver.mac} netns ${place.pid}
link set ${one.device} up
`,
    });
    await place.run('ip', ['-batch', '-'], {
      input: `\
address add ${receiver.ipv4}/24 dev ${device}
address add ${receiver.ipv6}/64 dev ${device} nodad
link set ${device} up
neighbour add ${sender.ipv4} lladdr ${sender.mac} dev ${device}
neighbour add ${sender.ipv6} lladdr ${sender.mac} dev ${device}
`,
    });
    return one;
  }

  /** Takes all receivers away. */
  async clear(): Promise<void> {
    await Promise.all(this.#receivers.splice(0).map(async ({ place }) => await place.close()));
  }

  async close(): Promise<void> {
    await this.clear();
    await this.sender.close();
  }
}

/** Makes these the rules of a table, and the only ones. */
export async function setRules(
  { place }: Receiver,
  variant: Variant,
  family: Family,
  table: string,
  lines: readonly string[],
): Promise<void> {
  const tool = `${family === ipv4 ? 'iptables' : 'ip6tables'}-${variant}-restore`;
  await place.run(tool, [], { input: [`*${table}`, ...lines, 'COMMIT', ''].join('\n') });
}

/** Lets the receiver begin a flow, so that what comes back belongs to it; TCP is picked up in its middle. */
export async function startFlow({ place }: Receiver, family: Family, protocol: 'tcp' | 'udp'): Promise<void> {
  const { [family.name]: to } = sender;
  const { sender: theirs, receiver: ours } = flowPorts;
  const code = `
import socket, struct, time
family = socket.AF_INET${family === ipv4 ? '' : '6'}
if '${protocol}' == 'tcp':
    out, port = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_TCP), 0
    data = struct.pack('!HHLLBBHHH', ${ours}, ${theirs}, 1, 1, 0x50, 16, 1024, 0, 0)
else:
    out, port, data = socket.socket(family, socket.SOCK_DGRAM), ${theirs}, b'x'
    out.bind(('${receiver[family.name]}', ${ours}))
out.sendto(data, ('${to}', port))`;
  await must(place.finish, ['python3', '-c', code]);
}

/** How many TCP segments have got past all rules so far, of both families. */
export async function countPassed({ place }: Receiver): Promise<number> {
  const text = await must(place.finish, ['cat', '/proc/net/snmp']);
  const [names = [], values = []] = text
    .split('\n')
    .filter((line) => line.startsWith('Tcp: '))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('InSegs')]);
}
