import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * listener PORT...: counts the empty datagrams of each port and source, of both families, and never answers: so each
 * is a new connection to the fence. For each line of input it prints as JSON from where datagrams with that content
 * came, "PORT SOURCE"; when its input ends, the counts, and how many datagrams found its buffers full.
 */
const counts: Record<string, number> = {};
const marks = new Map<string, Set<string>>();

function take(key: string, content: string): void {
  if (content === '') counts[key] = (counts[key] ?? 0) + 1;
  else marks.set(content, (marks.get(content) ?? new Set()).add(key));
}

/** /proc/net/snmp has two lines for a protocol, names and values; snmp6 has a line for each value. */
function overflows(): number {
  const [names = '', values = ''] = readFileSync('/proc/net/snmp', 'utf8').match(/^Udp: .*$/gm) ?? [];
  const ipv4 = values.split(' ')[names.split(' ').indexOf('RcvbufErrors')];
  const ipv6 = /^Udp6RcvbufErrors\s+(\d+)$/m.exec(readFileSync('/proc/net/snmp6', 'utf8'))?.[1];
  return Number(ipv4) + Number(ipv6);
}

const sockets = await Promise.all(
  process.argv.slice(2).flatMap((port) =>
    (['udp4', 'udp6'] as const).map(async (type) => {
      const socket = createSocket({ type, ipv6Only: type === 'udp6', recvBufferSize: 1 << 20 });
      socket.on('message', (content, { address }) => take(`${port} ${address}`, content.toString()));
      socket.bind(Number(port));
      await once(socket, 'listening');
      return socket;
    }),
  ),
);
console.log('ready');
for await (const mark of createInterface(process.stdin)) {
  // What was sent has arrived in the buffers of the sockets; they are read meanwhile.
  await sleep(30);
  console.log(JSON.stringify([...(marks.get(mark) ?? [])].sort()));
  marks.delete(mark);
}
await sleep(100);
console.log(JSON.stringify({ counts, overflows: overflows() }));
for (const socket of sockets) socket.close();
