import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * connection FROM TO PORT [SECONDS]: prints "ready", then sends each line of its input over TCP and prints what comes
 * back. Fails when nothing comes for so long, by default five seconds.
 */
const [from = '', to = '', port = '', seconds = '5'] = process.argv.slice(2);
const socket = connect({ host: to, port: Number(port), ...(from === '' ? {} : { localAddress: from }) });
socket.setTimeout(Number(seconds) * 1000, () =>
  socket.destroy(new Error(`nothing came for ${seconds} seconds`)),
);
await once(socket, 'connect');
console.log('ready');
socket.pipe(process.stdout);
for await (const line of createInterface(process.stdin)) socket.write(`${line}\n`);
socket.destroy();
