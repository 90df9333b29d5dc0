import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Route } from './world.ts';

/**
 * flows ROUTES.json PAUSE: opens a TCP connection along each route, and sends a line on each every PAUSE milliseconds,
 * which is to come back, until its input ends. Prints "ready" when all are open; at the end, as JSON, how many lines
 * were sent, how many never came back, and which connections broke. A route without `from` starts anywhere.
 */
const [text = '[]', pause = '100'] = process.argv.slice(2);
const routes = JSON.parse(text) as Route[];
const LINE = 8;
const broken: string[] = [];
let echoed = 0;

async function open({ from, to, port }: Route): Promise<Socket> {
  const socket = connect({ host: to, port, noDelay: true, ...(from === '' ? {} : { localAddress: from }) });
  const name = `${from} to ${to} ${port}`;
  socket.setTimeout(5000, () => socket.destroy(new Error('nothing came for five seconds')));
  socket.on('data', (chunk: Buffer) => (echoed += chunk.length));
  await once(socket, 'connect');
  socket.on('error', ({ message }) => broken.push(`${name}: ${message}`));
  socket.on('end', () => broken.push(`${name}: ended`));
  return socket;
}

const sockets = await Promise.all(routes.map(open));
console.log('ready');
const told = new AbortController();
process.stdin.resume().on('end', () => told.abort());
let lines = 0;
while (!told.signal.aborted) {
  for (const socket of sockets) {
    socket.write('x'.repeat(LINE - 1).concat('\n'));
    lines++;
  }
  await sleep(Number(pause));
}
// What is on its way, and what must be sent again, has a second.
const missing = (): number => lines - echoed / LINE;
for (let i = 0; i < 50 && missing() > 0; i++) await sleep(20);
console.log(JSON.stringify({ lines, missing: missing(), broken }));
for (const socket of sockets) socket.destroy();
process.stdin.destroy();
