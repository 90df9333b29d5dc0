import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Route } from './world.ts';

/**
 * downloads ROUTES.json BYTES PAUSE: connects along each route, one after the other, and reads so many bytes, again and
 * again until its input ends. Prints "ready", and at the end as JSON how often, and how often that took over three
 * seconds or failed.
 */
const [text = '[]', bytes = '0', pause = '100'] = process.argv.slice(2);
const routes = JSON.parse(text) as Route[];
const LONGEST_MILLISECONDS = 3000;
const failures: string[] = [];
let count = 0;

const download = async ({ from, to, port }: Route): Promise<void> =>
  await new Promise((resolve) => {
    let read = 0;
    const socket = connect({ host: to, port, localAddress: from });
    const slow = setTimeout(() => socket.destroy(new Error('too slow')), LONGEST_MILLISECONDS);
    socket.on('data', (chunk: Buffer) => (read += chunk.length));
    socket.on('error', ({ message }) => failures.push(`${to}: ${message} after ${read} bytes`));
    socket.on('close', () => {
      clearTimeout(slow);
      count++;
      if (read !== Number(bytes)) failures.push(`${to}: ${read} bytes`);
      resolve();
    });
  });

const told = new AbortController();
process.stdin.resume().on('end', () => told.abort());
console.log('ready');
while (!told.signal.aborted) {
  for (const route of routes) await download(route);
  await sleep(Number(pause));
}
console.log(JSON.stringify({ count, failures }));
process.stdin.destroy();
