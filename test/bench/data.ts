import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Store } from '../../src/cache/store.ts';
import type { Family } from '../../src/ip/family.ts';
import { countries } from '../../src/zones/countries.ts';
import { runCli } from '../helpers/cli.ts';
import { generateZones } from './generate.ts';

/** Zones, and caches that have them. */
export interface Data {
  /** A folder for whatever else is needed. */
  readonly dir: string;
  /** With all zones. */
  readonly cacheDir: string;
  /** With those of one country, as a host has it that is fenced to that. */
  readonly canadaDir: string;
  /** A configuration that says nothing of this machine. */
  readonly config: string;
  /** Where the zones are from, for people. */
  readonly origin: string;
  /** Serves the zones; stopped with the rest. */
  readonly serve: (latencyMilliseconds: number) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** The text of a cached zone. */
export interface Zone {
  readonly country: string;
  readonly body: Uint8Array;
}

export const allCountries = [...countries.keys()].join();

const pathFromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const sharedMirror = pathFromHere('../../../../../shared/mirror/2025-09-04');
const SMALL = 0.02;

/** Real zones (ZONES_DIR, else the mirror beside the checkout), or generated ones: for lack of those, or if `isSmall`. */
export async function prepareData(isSmall: boolean): Promise<Data> {
  const dir = await mkdtemp(join(tmpdir(), 'geofence-bench-'));
  const stops: (() => unknown)[] = [async () => await rm(dir, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const stop of stops.toReversed()) await stop();
  };
  try {
    const real = process.env['ZONES_DIR'] ?? sharedMirror;
    const isReal = !isSmall && existsSync(real);
    const zones = isReal ? real : join(dir, 'zones.json');
    if (!isReal) await writeFile(zones, JSON.stringify(generateZones(isSmall ? SMALL : 1)));
    const config = join(dir, 'geofence.toml');
    const [cacheDir, canadaDir] = [join(dir, 'cache'), join(dir, 'canada')];
    await writeFile(config, 'sources = ["ipdeny"]\n');
    const serve: Data['serve'] = async (latencyMilliseconds) => {
      const program = pathFromHere('../helpers/zone-server-main.js');
      const args = ['--latency', String(latencyMilliseconds), zones];
      const server = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
      stops.push(() => server.kill());
      const [line] = (await once(server.stdout, 'data')) as [Buffer];
      return line.toString().trim();
    };
    const mirror = await serve(0);
    for (const [folder, selected] of [
      [cacheDir, allCountries],
      [canadaDir, 'CA'],
    ] as const) {
      const env = { GEOFENCE_CONFIG: config, GEOFENCE_CACHE_DIR: folder, GEOFENCE_MIRROR: mirror };
      const { exitCode, stderr } = await runCli(['fetch', '--allow', selected], env);
      if (exitCode !== 0) throw new Error(`the cache cannot be filled: ${stderr}`);
    }
    const origin = isReal ? real : `generated${isSmall ? ', few' : ''}`;
    return { dir, cacheDir, canadaDir, config, origin, serve, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** All cached zones of a family. */
export async function readZones(cacheDir: string, family: Family): Promise<Zone[]> {
  const store = new Store(cacheDir);
  const zones = [];
  for (const id of await store.list()) {
    if (id.family !== family) continue;
    const entry = await store.read(id);
    if (entry.state === 'present') zones.push({ country: id.country, body: entry.zone.body });
  }
  return zones;
}
