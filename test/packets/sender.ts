import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * sender ROUTES.json [PAUSE]: sends one datagram along each route, or one each PAUSE milliseconds until its input ends
 * (10 seconds at most). Prints how many rounds it sent.
 */
interface Route {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}
const [text = '[]', pause] = process.argv.slice(2);
const routes = JSON.parse(text) as Route[];
const LONGEST_MILLISECONDS = 10_000;

async function open({ from }: Route): Promise<Socket> {
  const socket = createSocket(from.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, from);
  await once(socket, 'listening');
  return socket;
}

const send = async (socket: Socket, { to, port }: Route): Promise<void> =>
  await new Promise((resolve, reject) =>
    socket.send('x', port, to, (error) => (error === null ? resolve() : reject(error))),
  );

const sockets = await Promise.all(routes.map(open));
const until = performance.now() + (pause === undefined ? 0 : LONGEST_MILLISECONDS);
const told = new AbortController();
process.stdin.resume().on('end', () => told.abort());
let rounds = 0;
do {
  await Promise.all(routes.map(async (route, i) => await send(sockets[i]!, route)));
  rounds++;
  if (pause !== undefined) await sleep(Number(pause));
} while (!told.signal.aborted && performance.now() < until);
console.log(rounds);
for (const socket of sockets) socket.close();
process.stdin.destroy();
