/**
 * Sends frames from many addresses as fast as it can, and prints how many nanoseconds each took. Node has no raw
 * sockets, so this is Python: `python3 -c FLOOD DEVICE MAC COUNT JSON`, where the JSON is {protocol, flags, ports, to,
 * from: [addresses]}. On a veth the receiving host's work is done within the call that sends, so it is in the time.
 */
export const FLOOD = `
import json, os, socket, struct, sys, time
device, mac, count, text = sys.argv[1:]
job = json.loads(text)

def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def frame(source):
    family = socket.AF_INET6 if ':' in source else socket.AF_INET
    a, b = socket.inet_pton(family, source), socket.inet_pton(family, job['to'])
    ports = struct.pack('!HH', *job['ports'])
    pseudo = a + b + struct.pack('!HH', 0, job['protocol'])
    if job['protocol'] == 6:
        body = lambda check: ports + struct.pack('!LLBBHHH', 1, 0, 0x50, job['flags'], 1024, check, 0)
    else:
        body = lambda check: ports + struct.pack('!HH', 8, check)
    size = len(body(0))
    payload = body(checksum(pseudo + struct.pack('!HH', 0, size) + body(0)))
    if family == socket.AF_INET6:
        return b'\\x86\\xdd', struct.pack('!LHBB', 6 << 28, size, job['protocol'], 64) + a + b + payload
    head = lambda check: struct.pack('!BBHHHBBH', 0x45, 0, 20 + size, 0, 0x4000, 64, job['protocol'], check) + a + b
    return b'\\x08\\x00', head(checksum(head(0))) + payload

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((device, 0))
target = bytes.fromhex(mac.replace(':', ''))
frames = [target + b'\\x02\\0\\0\\0\\0\\x01' + kind + packet for kind, packet in map(frame, job['from'])]
send, rounds = out.send, int(count) // len(frames)
start = time.perf_counter_ns()
for _ in range(rounds):
    for one in frames: send(one)
print((time.perf_counter_ns() - start) / (rounds * len(frames)))
`;
