import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { parseSavedSets } from '../helpers/saved-sets.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { cliPath } from '../helpers/cli.ts';
import type { Finished } from '../helpers/netns.ts';
import type { Network } from '../helpers/network.ts';
import { createNetwork, links } from '../helpers/network.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { startPeer } from './peer.ts';
import type { Day, FamilyName } from './world.ts';
import { days, ports, sources } from './world.ts';

export type Variant = 'nft' | 'legacy';

/** How geofence is called: what it is told, which day its zone server has, and words before its own. */
export interface Call {
  readonly args: readonly string[];
  readonly day?: Day;
  readonly before?: readonly string[];
}

/** What the kernel holds of one family: rules in order, and of each set the fewest networks that say the same. */
export interface Half {
  readonly rules: string;
  readonly sets: ReadonlyMap<string, string>;
}
export type Fence = Record<FamilyName, Half>;

/** A network with a host to be fenced by the real geofence, and zone servers on that host. */
export class Arena {
  readonly network: Network;
  readonly dir: string;
  readonly cache: string;
  readonly #mirrors: Record<Day, string>;
  readonly #variant: Variant;

  constructor(network: Network, dir: string, mirrors: Record<Day, string>, variant: Variant) {
    this.network = network;
    this.dir = dir;
    this.cache = join(dir, 'cache');
    this.#mirrors = mirrors;
    this.#variant = variant;
  }

  /** Starts geofence. The process is geofence itself, whatever words come before. */
  start({ args, day = 'monday', before = [] }: Call): ChildProcessWithoutNullStreams {
    return this.network.fence.start('env', [
      `GEOFENCE_MIRROR=${this.#mirrors[day]}`,
      `GEOFENCE_CACHE_DIR=${this.cache}`,
      `GEOFENCE_STATE_DIR=${join(this.cache, 'state')}`,
      `GEOFENCE_CONFIG=${join(this.dir, 'geofence.toml')}`,
      ...before,
      process.execPath,
      cliPath,
      ...args,
    ]);
  }

  async geofence(call: Call): Promise<Finished> {
    const child = this.start(call);
    child.stdin.end();
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { status: child.exitCode, stdout, stderr };
  }

  /** Replaced in one step: geofence may be reading it. */
  async configure(lines = ''): Promise<void> {
    const path = join(this.dir, 'geofence.toml');
    await writeFile(`${path}.new`, `sources = ["ipdeny"]\niptables = "${this.#variant}"\n${lines}`);
    await rename(`${path}.new`, path);
  }

  readonly sh = async (script: string): Promise<string> =>
    (await this.network.fence.run('sh', ['-e', '-c', script])).stdout.toString();

  /** Reads what is ours, with the kernel's own tools. */
  async read(): Promise<Fence> {
    const [iptables, ip6tables] = [`iptables-${this.#variant}`, `ip6tables-${this.#variant}`];
    const output = await this.sh(
      `ipset save; echo ==; ${iptables}-save -t mangle; echo ==; ${ip6tables}-save -t mangle`,
    );
    const [saved = '', ...tables] = output.split('==\n');
    const lines = saved.split('\n');
    // What connections are open, and how long still, is no part of a fence.
    const names = lines
      .flatMap((line) => /^create (geofence-\S+)/.exec(line)?.[1] ?? [])
      .filter((name) => !/^geofence-(?:established|grace)-/.test(name));
    const half = (digit: string, table = ''): Half => ({
      rules: (table.match(/^[:-].*GEOFENCE.*$/gm) ?? []).join('\n').replaceAll(/ \[\d+:\d+\]/g, ''),
      sets: new Map(
        names
          .filter((name) => name.replace('.new', '').endsWith(digit))
          .filter((name) => !isKept(name, table))
          .map((name) => [name, networksOf(lines, name).join(' ')]),
      ),
    });
    return { ipv4: half('4', tables[0]), ipv6: half('6', tables[1]) };
  }
}

/** Whether a set is of another mode than the rules of its family: such sets stay for a week. */
const isKept = (name: string, table: string): boolean =>
  /-(?:allow|deny)-[46]$/.test(name) &&
  table.includes('-j GEOFENCE') &&
  !table.includes(`--match-set ${name} `);

/** Two sets with the same addresses may have them in other networks. */
const networksOf = (lines: readonly string[], name: string): string[] => {
  const own = lines.filter((line) => line.split(' ')[1] === name);
  const sets = parseSavedSets(Buffer.from(own.map((line) => `${line}\n`).join('')));
  return sets.flatMap(({ bounds }) => formatBounds(bounds!));
};

/** Sets one up, gone after the test. */
export async function createArena(t: TestContext, variant: Variant): Promise<Arena> {
  const dir = await tempDir(t);
  const network = await createNetwork(Object.values(sources).flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]));
  t.after(network.close);
  for (const [tool, to] of [
    ['iptables', links.server.ipv4],
    ['ip6tables', `[${links.server.ipv6}]`],
  ] as const) {
    const rules = ['udp', 'tcp'].map(
      (protocol) =>
        `-A PREROUTING -p ${protocol} -m ${protocol} --dport ${ports.published} -j DNAT --to-destination ${to}:${ports.published}\n`,
    );
    const input = `*nat\n${rules.join('')}COMMIT\n`;
    await network.fence.run(`${tool}-${variant}-restore`, ['--noflush'], { input });
  }
  const serve = async (day: Day): Promise<string> => {
    const path = join(dir, `${day}.json`);
    await writeFile(path, JSON.stringify(days[day]));
    const { peer, first } = await startPeer(network.fence, '../helpers/zone-server-main.js', [path]);
    t.after(peer.stop);
    return first;
  };
  const [monday, tuesday] = await Promise.all([serve('monday'), serve('tuesday')]);
  const arena = new Arena(network, dir, { monday, tuesday }, variant);
  await arena.configure();
  return arena;
}
