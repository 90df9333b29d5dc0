import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Route } from './world.ts';

/**
 * stream ROUTES.json PAUSE SECONDS: sends one datagram along each route every PAUSE milliseconds until its input ends,
 * SECONDS at most. For each line of input it sends one more along each, with that line as its content, and prints the
 * line. Prints "ready" first, and at the end how many rounds it sent, as JSON.
 */
const [text = '[]', pause = '50', seconds = '1'] = process.argv.slice(2);
const routes = JSON.parse(text) as Route[];

async function open({ from }: Route): Promise<Socket> {
  const socket = createSocket(from.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, from);
  await once(socket, 'listening');
  return socket;
}

const send = async (socket: Socket, content: string, { to, port }: Route): Promise<void> =>
  await new Promise((resolve, reject) =>
    socket.send(content, port, to, (error) => (error === null ? resolve() : reject(error))),
  );

const sockets = await Promise.all(routes.map(open));
const sendRound = async (content: string): Promise<unknown> =>
  await Promise.all(routes.map(async (route, i) => await send(sockets[i]!, content, route)));

const told = new AbortController();
const input = createInterface(process.stdin).on('close', () => told.abort());
input.on('line', (mark) => void sendRound(mark).then(() => console.log(mark)));
console.log('ready');

const start = performance.now();
let rounds = 0;
// By the clock, not by rests: what a busy machine delays is made up for.
while (!told.signal.aborted && performance.now() < start + Number(seconds) * 1000) {
  if (start + rounds * Number(pause) > performance.now()) {
    await sleep(1);
    continue;
  }
  await sendRound('');
  rounds++;
}
console.log(JSON.stringify({ rounds, seconds: (performance.now() - start) / 1000 }));
for (const socket of sockets) socket.close();
process.stdin.destroy();
