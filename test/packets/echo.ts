import { once } from 'node:events';
import { createServer } from 'node:net';

/** echo PORT [ADDRESS]: answers what it is sent over TCP, to any address of both families or to one. Prints "ready"; ends with its input. */
const server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
const [port, address = '::'] = process.argv.slice(2);
server.listen(Number(port), address);
await once(server, 'listening');
console.log('ready');
await once(process.stdin.resume(), 'end');
process.exit();
