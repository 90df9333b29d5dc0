import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * receiver PORT...: counts datagrams by port and source, of both families, and never answers: so each of them is a
 * new connection to the fence. Prints "ready", and the counts as JSON when its input ends.
 */
const counts: Record<string, number> = {};
const sockets = await Promise.all(
  process.argv.slice(2).flatMap((port) =>
    (['udp4', 'udp6'] as const).map(async (type) => {
      const socket = createSocket({ type, ipv6Only: type === 'udp6', recvBufferSize: 1 << 20 });
      socket.on('message', (_, { address }) => {
        counts[`${port} ${address}`] = (counts[`${port} ${address}`] ?? 0) + 1;
      });
      socket.bind(Number(port));
      await once(socket, 'listening');
      return socket;
    }),
  ),
);
console.log('ready');
await once(process.stdin.resume(), 'end');
// What was sent before has arrived in the buffers of the sockets.
await sleep(50);
console.log(JSON.stringify(counts));
for (const socket of sockets) socket.close();
