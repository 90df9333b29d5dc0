import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { runProgram } from '../helpers/cli.ts';
import type { Namespace } from '../helpers/netns.ts';
import { receiver, sender } from './packet-stage.ts';

/** What is sent to each of some receivers in turn. */
export interface Flood {
  /** The sender's ends of the links, one for each receiver. */
  readonly devices: readonly string[];
  readonly protocol: 'tcp' | 'udp';
  /** Of TCP. */
  readonly flags: number;
  /** Where it comes from, and where it goes to. */
  readonly ports: readonly [number, number];
  readonly from: readonly string[];
  readonly to: string;
  readonly rounds: number;
  /** Frames in one turn of a receiver, a whole number of times all of `from`. */
  readonly framesInTurn: number;
}

/** Of the TCP header. */
export const SYN = 2;
export const ACK = 16;

/** Nanoseconds of a packet in each round, for each device. */
export async function flood(place: Namespace, job: Flood): Promise<number[][]> {
  const child = place.start('python3', ['-c', FLOOD], LONGEST_SECONDS);
  // Other programs empty the caches of the CPU: those of root's sender have to wait. Without root it is without this.
  if (child.pid !== undefined) await runProgram(['chrt', '--fifo', '--pid', '1', String(child.pid)]);
  child.stdin.end(JSON.stringify({ ...job, macs: [receiver.mac, sender.mac] }));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode === 0) return JSON.parse(output) as number[][];
  throw new Error(`the sender ended with ${child.exitCode}: ${errors}`);
}

const LONGEST_SECONDS = 120;

/**
 * Node has no raw sockets, so this is Python, which is told a Flood as JSON on its stdin. Every receiver gets the same
 * frames, 64 with one call of sendmmsg(). On a veth the receiving host's work is done within the call that sends (its
 * soft interrupt, on the same CPU), so it is in the time.
 *
 * A turn sends every frame once to fill the CPU's caches with what this receiver uses, and once more for the record:
 * the median of the batches. It is done again if another program had the CPU meanwhile, for that empties the caches.
 * For their sake, too, there is one batch in memory, and of the other frames only the bytes that differ from it.
 */
const FLOOD = `
import ctypes, gc, json, os, random, resource, socket, statistics, struct, sys, time
BATCH, TRIES, SOL_PACKET, PACKET_QDISC_BYPASS = 64, 3, 263, 20
job = json.load(sys.stdin)
isTcp = job['protocol'] == 'tcp'

def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def frame(source):
    family = socket.AF_INET6 if ':' in source else socket.AF_INET
    a, b = socket.inet_pton(family, source), socket.inet_pton(family, job['to'])
    ports, protocol = struct.pack('!HH', *job['ports']), 6 if isTcp else 17
    if isTcp: body = lambda check: ports + struct.pack('!LLBBHHH', 1, 1, 0x50, job['flags'], 1024, check, 0)
    else: body = lambda check: ports + struct.pack('!HH', 8, check)
    size = len(body(0))
    payload = body(checksum(a + b + struct.pack('!HHH', 0, protocol, size) + body(0)))
    if family == socket.AF_INET6:
        kind, head = 0x86dd, struct.pack('!LHBB', 6 << 28, size, protocol, 64) + a + b
    else:
        ip = lambda check: struct.pack('!BBHHHBBH', 0x45, 0, 20 + size, 0, 0x4000, 64, protocol, check) + a + b
        kind, head = 0x0800, ip(checksum(ip(0)))
    macs = b''.join(bytes.fromhex(mac.replace(':', '')) for mac in job['macs'])
    return macs + struct.pack('!H', kind) + head + payload

class Vector(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('size', ctypes.c_size_t)]
class Message(ctypes.Structure):
    _fields_ = [('name', ctypes.c_void_p), ('namelen', ctypes.c_uint), ('vectors', ctypes.c_void_p),
                ('count', ctypes.c_size_t), ('control', ctypes.c_void_p), ('controllen', ctypes.c_size_t),
                ('flags', ctypes.c_int)]
class Sent(ctypes.Structure):
    _fields_ = [('message', Message), ('size', ctypes.c_uint)]

frames = [frame(source) for source in job['from']]
frames *= -(-job['framesInTurn'] // len(frames))
size = len(frames[0])
batches = range(0, len(frames) - BATCH + 1, BATCH)
memory = ctypes.create_string_buffer(b''.join(frames[:BATCH]), BATCH * size)
view = memoryview(memory).cast('B')
columns = [bytes(frame[i] for frame in frames) for i in range(size)]
columns = [(i, column) for i, column in enumerate(columns) if len(set(column)) > 1]
place = lambda array, i: ctypes.addressof(array) + i * ctypes.sizeof(array._type_)
vectors = (Vector * BATCH)(*(Vector(place(memory, i * size), size) for i in range(BATCH)))
messages = (Sent * BATCH)(*(Sent(Message(vectors=place(vectors, i), count=1)) for i in range(BATCH)))
sendmmsg = ctypes.CDLL(None, use_errno=True).sendmmsg

def connect(device):
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    out.bind((device, 0))
    out.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
    return out

def attempt(fd):
    times, now = [], time.perf_counter_ns
    for start in [*batches, *batches]:
        for i, column in columns: view[i::size] = column[start:start + BATCH]
        before = now()
        count = sendmmsg(fd, messages, BATCH, 0)
        times.append(now() - before)
        if count != BATCH: raise OSError(ctypes.get_errno(), 'sendmmsg() sent %d of %d' % (count, BATCH))
    return statistics.median(times[len(batches):]) / BATCH

def turn(fd):
    for _ in range(TRIES):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        nanoseconds = attempt(fd)
        if resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw == before: break
    return nanoseconds

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
gc.disable()
sockets = [connect(device) for device in job['devices']]
order, results, shuffle = list(range(len(sockets))), [[] for _ in sockets], random.Random(1).shuffle
for out in sockets: turn(out.fileno())
for _ in range(job['rounds']):
    shuffle(order)
    for i in order: results[i].append(turn(sockets[i].fileno()))
print(json.dumps(results))
`;
