import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cliPath } from '../helpers/cli.ts';
import type { Finished, Namespace } from '../helpers/netns.ts';
import { createNetwork, links } from '../helpers/network.ts';

/** A visitor, the host that is fenced, a server behind it, and on the host a server of zones. */
export interface Stage {
  readonly mirror: string;
  readonly cacheDir: string;
  /** Runs the real geofence on the host. */
  readonly geofence: (args: readonly string[]) => Promise<Finished>;
  /** Which of these sources get a TCP connection to the host, and to the server behind it. */
  readonly connectFrom: (sources: readonly string[]) => Promise<{ host: boolean; behind: boolean }[]>;
  readonly close: () => Promise<void>;
}

const WEB_PORT = 8080;
const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Sets it up. `sources` are the visitor's addresses. */
export async function setStage(zones: object, sources: readonly string[]): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'geofence-demo-'));
  const network = await createNetwork(sources);
  const servers: ChildProcess[] = [];
  /** Starts a server and returns the first line it prints. */
  const serve = async (namespace: Namespace, path: string, args: readonly string[]): Promise<string> => {
    const child = namespace.start(process.execPath, [program(path), ...args]);
    servers.push(child);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return line.toString().trim();
  };
  const close = async (): Promise<void> => {
    for (const server of servers) server.kill();
    await network.close();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await writeFile(join(dir, 'zones.json'), JSON.stringify(zones));
    await writeFile(join(dir, 'geofence.toml'), '# nothing of this machine counts here\n');
    const [mirror] = await Promise.all([
      serve(network.fence, '../helpers/zone-server-main.js', [join(dir, 'zones.json')]),
      serve(network.fence, '../packets/echo.js', [String(WEB_PORT)]),
      serve(network.server, '../packets/echo.js', [String(WEB_PORT)]),
    ]);
    const config = `GEOFENCE_CONFIG=${join(dir, 'geofence.toml')}`;
    return {
      mirror,
      cacheDir: join(dir, 'zones-cache'),
      geofence: async (args) =>
        await network.fence.finish('env', [config, process.execPath, cliPath, ...args]),
      connectFrom: async (list) => await connectFrom(network.client, list),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connectFrom(
  client: Namespace,
  sources: readonly string[],
): Promise<{ host: boolean; behind: boolean }[]> {
  const routes = sources.flatMap((from) => {
    const family = from.includes(':') ? 'ipv6' : 'ipv4';
    return [links.fence, links.server].map((to) => ({ from, to: to[family], port: WEB_PORT }));
  });
  const { stdout } = await client.run(process.execPath, [program('./connects.js'), JSON.stringify(routes)]);
  const answers = JSON.parse(stdout.toString()) as boolean[];
  return sources.map((_, i) => ({ host: answers[2 * i] === true, behind: answers[2 * i + 1] === true }));
}
