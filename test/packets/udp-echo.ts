import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** udp-echo PORT: sends back each datagram, both families. Prints "ready"; ends with its input. */
const sockets = await Promise.all(
  (['udp4', 'udp6'] as const).map(async (type) => {
    const socket = createSocket({ type, ipv6Only: type === 'udp6' });
    socket.on('message', (message, { address, port }) => socket.send(message, port, address));
    socket.on('error', () => {});
    socket.bind(Number(process.argv[2]));
    await once(socket, 'listening');
    return socket;
  }),
);
console.log('ready');
await once(process.stdin.resume(), 'end');
for (const socket of sockets) socket.close();
