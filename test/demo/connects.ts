import { connect } from 'node:net';

/**
 * connects ROUTES.json: opens a TCP connection along each route, all at once. Prints as JSON whether each was
 * answered within a second and a half: the fence drops in silence.
 */
interface Route {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}
const LONGEST_MILLISECONDS = 1500;

const isAnswered = async ({ from, to, port }: Route): Promise<boolean> =>
  await new Promise((resolve) => {
    const socket = connect({ host: to, port, localAddress: from, timeout: LONGEST_MILLISECONDS });
    const end = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', end(true)).on('timeout', end(false)).on('error', end(false));
  });

const routes = JSON.parse(process.argv[2] ?? '[]') as Route[];
console.log(JSON.stringify(await Promise.all(routes.map(isAnswered))));
