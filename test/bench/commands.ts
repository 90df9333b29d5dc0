import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cliPath } from '../helpers/cli.ts';
import type { Data } from './data.ts';
import { allCountries } from './data.ts';
import type { Place, Subject } from './measure.ts';
import { costs, cpuOf, median, peaks, wallOf } from './measure.ts';
import type { Row } from './table.ts';

const DEFAULT_FILE = '/etc/geofence/geofence.toml';

/** What starts geofence from the warm cache. */
export const geofenceCommand = (
  { config, cacheDir }: Pick<Data, 'config' | 'cacheDir'>,
  ...args: string[]
): string[] => [
  'env',
  // Without a file nothing is loaded that reads it: most hosts have none.
  ...(existsSync(DEFAULT_FILE) ? [`GEOFENCE_CONFIG=${config}`] : []),
  `GEOFENCE_CACHE_DIR=${cacheDir}`,
  `GEOFENCE_STATE_DIR=${join(cacheDir, 'state')}`,
  // Nobody listens there: nothing of this may need the network.
  'GEOFENCE_MIRROR=http://127.0.0.1:9',
  process.execPath,
  cliPath,
  ...args,
];

const nothing: Subject = { command: [process.execPath, '-e', '0'] };
const start = (...args: string[]): Subject => ({ command: [process.execPath, cliPath, ...args] });

/** Runs a command that must go well. */
export async function must(place: Place, [program = '', ...args]: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await place(program, args);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

/** The rows that need no kernel. */
export async function startRows(place: Place, runs: number, data: Data): Promise<Row[]> {
  const plan: Subject = {
    command: geofenceCommand(data, 'plan', '--offline', '--script', '--allow', allCountries),
  };
  const taken = await costs(place, runs, {
    nothing,
    version: start('--version'),
    help: start('--help'),
    plan,
  });
  const memory = await peaks(place, runs, plan);
  const base = wallOf(taken.nothing);
  return [
    {
      what: 'plan --offline --script, all countries, CPU / node -e 0',
      value: cpuOf(taken.plan) / cpuOf(taken.nothing),
      unit: 'x',
      bar: 5.5,
    },
    {
      what: 'plan --offline --script, all countries, peak memory',
      value: median(memory),
      unit: 'MiB',
      bar: 80,
    },
    { what: '--version, wall / node -e 0', value: wallOf(taken.version) / base, unit: 'x', bar: 1.6 },
    { what: '--help, wall / node -e 0', value: wallOf(taken.help) / base, unit: 'x', bar: 1.6 },
  ];
}

/** The rows that need one. */
export async function kernelRows(place: Place, runs: number, data: Data): Promise<Row[]> {
  const geofence = (...args: string[]): string[] => geofenceCommand(data, ...args);
  const inCanada = (...args: string[]): string[] =>
    geofenceCommand({ ...data, cacheDir: data.canadaDir }, ...args);
  const remove = async (): Promise<string> => await must(place, geofence('remove'));
  const fence = async (): Promise<string> =>
    await must(place, inCanada('refresh', '--offline', '--allow', 'CA'));
  const all = ['--offline', '--allow', allCountries];
  const file = join(data.dir, 'all.ipset');
  await writeFile(file, ipsetText(await must(place, geofence('plan', '--script', ...all))));
  const taken = await costs(place, runs, {
    nothing,
    refresh: { command: geofence('refresh', ...all), before: remove },
    restore: { command: ['ipset', '-file', file, 'restore'], before: remove },
    idle: {
      command: inCanada('refresh', '--allow', 'CA'),
      before: async () => {
        await must(place, ['ipset', 'destroy']);
        await fence();
      },
    },
    status: { command: inCanada('status') },
    check: { command: inCanada('check', '8.8.8.8') },
  });
  const base = wallOf(taken.nothing);
  const refresh = wallOf(taken.refresh);
  const what = 'refresh --offline, all countries, empty kernel, wall';
  return [
    { what, value: refresh, unit: 's', bar: 0.6 },
    {
      what: `${what} / (ipset restore + node -e 0)`,
      value: refresh / (wallOf(taken.restore) + base),
      unit: 'x',
      bar: 2,
    },
    {
      what: 'refresh --allow CA, nothing to do, wall / node -e 0',
      value: wallOf(taken.idle) / base,
      unit: 'x',
      bar: 6,
    },
    { what: 'status, CA, wall / node -e 0', value: wallOf(taken.status) / base, unit: 'x', bar: 5 },
    { what: 'check ADDRESS, CA, wall / node -e 0', value: wallOf(taken.check) / base, unit: 'x', bar: 5 },
  ];
}

/** What of the script is for ipset. */
const ipsetText = (script: string): string =>
  script
    .split(/^(?=# )/m)
    .filter((part) => part.startsWith('# ipset'))
    .join('');
