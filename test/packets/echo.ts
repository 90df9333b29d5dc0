import { once } from 'node:events';
import { createServer } from 'node:net';

/** echo PORT: answers what it is sent over TCP, both families. Prints "ready"; ends with its input. */
const server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
server.listen(Number(process.argv[2]), '::');
await once(server, 'listening');
console.log('ready');
await once(process.stdin.resume(), 'end');
process.exit();
