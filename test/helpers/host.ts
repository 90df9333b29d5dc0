import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cliPath } from './cli.ts';
import type { Finished, Namespace } from './netns.ts';
import { createNamespace } from './netns.ts';
import { tempDir } from './temp-dir.ts';

const zones = {
  ipv4: { ca: ['192.0.2.0/25', '192.0.2.128/25'], ru: ['203.0.113.0/24'], kp: ['198.51.100.0/24'] },
  ipv6: { ca: ['2001:db8:ca::/48'], ru: ['2001:db8:7::/48'] },
};

/** A host of its own: kernel, cache and zone server. */
export class Host {
  readonly namespace: Namespace;
  readonly cache: string;
  readonly mirror: string;
  readonly config: string;

  constructor(namespace: Namespace, dir: string, mirror: string) {
    this.namespace = namespace;
    this.cache = join(dir, 'cache');
    this.config = join(dir, 'geofence.toml');
    this.mirror = mirror;
  }

  /** The environment of geofence, as NAME=VALUE words. */
  get variables(): string[] {
    return [
      `GEOFENCE_MIRROR=${this.mirror}`,
      `GEOFENCE_CACHE_DIR=${this.cache}`,
      `GEOFENCE_STATE_DIR=${join(this.cache, 'state')}`,
      `GEOFENCE_CONFIG=${this.config}`,
    ];
  }

  /** Runs geofence there; `env` as NAME=VALUE words. */
  async geofence(args: readonly string[], env: readonly string[] = []): Promise<Finished> {
    return await this.namespace.finish('env', [
      ...this.variables,
      ...env,
      process.execPath,
      cliPath,
      ...args,
    ]);
  }

  async configure(text: string): Promise<void> {
    await writeFile(this.config, text);
  }

  async tool(...command: string[]): Promise<string> {
    const [file = '', ...args] = command;
    return (await this.namespace.run(file, args)).stdout.toString();
  }

  /**
   * What the kernel holds. Dates, counters and seeds are left out, and the order of entries, which they make; so are
   * entries that end by themselves.
   */
  async kernel(): Promise<string> {
    const sets = (await this.tool('ipset', 'save'))
      .replaceAll(/ initval \w+|^add \S+ \S+ timeout [1-9].*\n/gm, '')
      .split('\n')
      .sort();
    const rules = await Promise.all([this.tool('iptables-save'), this.tool('ip6tables-save')]);
    return [...sets, ...rules.map(tellingTables)].join('\n');
  }

  /** The same of the fence that is in force. */
  async inForce(): Promise<string> {
    return withoutKept(await this.kernel());
  }
}

/** Without the sets that no rule looks at: those of the other mode stay for a week. */
const withoutKept = (kernel: string): string =>
  kernel
    .split('\n')
    .filter((line) => {
      const name = /^(?:create|add) (\S+)/.exec(line)?.[1];
      return name === undefined || kernel.includes(`--match-set ${name} `);
    })
    .join('\n');

/**
 * The tables that say something, in an order of their own: in the kernel they stay when they are empty, in the order
 * they were first used.
 */
const tellingTables = (saved: string): string =>
  saved
    .replaceAll(/^#.*\n|\[\d+:\d+\]/gm, '')
    .split(/(?<=^COMMIT\n)/m)
    .filter((table) => /^-A |^:\S+ (?!ACCEPT)/m.test(table))
    .sort()
    .join('');

/** A host with a network namespace, a cache and a zone server of its own. */
export async function startHost(t: TestContext): Promise<Host> {
  const dir = await tempDir(t);
  const namespace = await createNamespace();
  t.after(namespace.close);
  await writeFile(join(dir, 'geofence.toml'), 'sources = ["ipdeny"]\n');
  return new Host(namespace, dir, await startServer(t, namespace, dir));
}

/** Another zone server in the namespace; returns its URL. */
export async function startServer(
  t: TestContext,
  namespace: Namespace,
  dir: string,
  options: readonly string[] = [],
): Promise<string> {
  const zonesFile = join(dir, 'zones.json');
  await writeFile(zonesFile, JSON.stringify(zones));
  const path = fileURLToPath(new URL('../helpers/zone-server-main.js', import.meta.url));
  const server = namespace.start(process.execPath, [path, ...options, zonesFile]);
  t.after(() => server.kill());
  const [url] = (await once(server.stdout, 'data')) as [Buffer];
  return url.toString().trim();
}
