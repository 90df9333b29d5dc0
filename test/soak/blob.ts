import { once } from 'node:events';
import { createServer } from 'node:net';

/** blob PORT BYTES: sends as much to whoever connects, both families. Prints "ready"; ends with its input. */
const [port, bytes] = process.argv.slice(2).map(Number);
const blob = Buffer.alloc(bytes ?? 0, 'x');
const server = createServer((socket) => socket.on('error', () => {}).end(blob));
server.listen(port, '::');
await once(server, 'listening');
console.log('ready');
await once(process.stdin.resume(), 'end');
process.exit();
