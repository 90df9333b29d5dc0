import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { TcpFlag } from '../../src/firewall/model.ts';
import type { Namespace } from '../helpers/netns.ts';

/** A packet to put on the wire as it is, whatever the sender's kernel knows of it. */
export interface RawPacket {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'igmp';
  readonly from: string;
  readonly to: string;
  readonly hops: number;
  /** Of TCP and UDP. */
  readonly ports?: readonly [from: number, to: number];
  readonly flags?: readonly TcpFlag[];
  /** Of ICMP: a neighbour solicitation names whom it looks for. */
  readonly icmpType?: number;
}

/** Sends packets into a device, to the one at its other end. */
export interface RawSender {
  readonly send: (packets: readonly RawPacket[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The hardware address of a device. */
export const macOf = async ({ run }: Namespace, device: string): Promise<string> =>
  /link\/ether (\S+)/.exec((await run('ip', ['link', 'show', device])).stdout.toString())?.[1] ??
  assert.fail(device);

/** Starts a sender in a namespace. */
export async function startRawSender(
  place: Namespace,
  device: string,
  macs: readonly [to: string, from: string],
): Promise<RawSender> {
  const child = place.start('python3', ['-u', '-c', SENDER, device, ...macs], LONGEST_SECONDS);
  child.stdin.on('error', () => {});
  const errors = text(child.stderr);
  const ended = once(child, 'close');
  const send = async (packets: readonly RawPacket[]): Promise<void> => {
    child.stdin.write(`${JSON.stringify(packets)}\n`);
    const answer = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
    if (answer === undefined) throw new Error(`the sender ended: ${await errors}`);
  };
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  return { send, stop };
}

const LONGEST_SECONDS = 300;

/**
 * Node has no raw sockets, so this is Python: it reads one list of packets a line, as JSON, and answers each with a
 * line when they are sent. On a veth they are received by then.
 */
const SENDER = `
import json, socket, struct, sys
device, *macs = sys.argv[1:]
ethernet = b''.join(bytes.fromhex(mac.replace(':', '')) for mac in macs)
FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']
PROTOCOLS = {'tcp': 6, 'udp': 17, 'icmp': 1, 'igmp': 2}
QUERY = 130
SOLICITATION = 135

def checksum(data):
    data += b'\\0' * (len(data) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def body(packet, to, check):
    if packet['protocol'] == 'igmp': return struct.pack('!BBHL', 0x11, 100, check, 0)
    if packet['protocol'] == 'icmp':
        head = struct.pack('!BBH', packet['icmpType'], 0, check)
        if packet['icmpType'] == QUERY: return head + bytes(20)
        if packet['icmpType'] == SOLICITATION: return head + bytes(4) + to
        return head + struct.pack('!HH', 1, 1) + b'ping'
    ports = struct.pack('!HH', *packet['ports'])
    if packet['protocol'] == 'udp': return ports + struct.pack('!HH', 9, check) + b'x'
    flags = sum(1 << FLAGS.index(flag) for flag in packet['flags'])
    return ports + struct.pack('!LLBBHHH', 1, 1, 0x50, flags, 1024, check, 0)

def frame(packet):
    is6 = ':' in packet['from']
    family = socket.AF_INET6 if is6 else socket.AF_INET
    a, b = (socket.inet_pton(family, packet[end]) for end in ('from', 'to'))
    protocol = PROTOCOLS[packet['protocol']]
    if is6 and protocol == 1: protocol = 58
    size = len(body(packet, b, 0))
    pseudo = a + b + struct.pack('!HHH', 0, protocol, size) if is6 or protocol not in (1, 2) else b''
    payload = body(packet, b, checksum(pseudo + body(packet, b, 0)))
    if is6: return ethernet + b'\\x86\\xdd' + struct.pack('!LHBB', 6 << 28, size, protocol, packet['hops']) + a + b + payload
    ip = lambda check: struct.pack('!BBHHHBBH', 0x45, 0, 20 + size, 0, 0x4000, packet['hops'], protocol, check) + a + b
    return ethernet + b'\\x08\\0' + ip(checksum(ip(0))) + payload

out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((device, 0))
for line in sys.stdin:
    for packet in json.loads(line): out.send(frame(packet))
    print('sent')
`;
