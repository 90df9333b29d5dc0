import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { cliPath } from '../helpers/cli.ts';
import type { Data } from './data.ts';
import type { Place } from './measure.ts';
import { costs, wallOf } from './measure.ts';
import type { Row } from './table.ts';

const LATENCY_MILLISECONDS = 200;

/** Into an empty cache, from a mirror that takes its time over every request. */
export async function fetchRows(place: Place, runs: number, data: Data): Promise<Row[]> {
  const mirror = await data.serve(LATENCY_MILLISECONDS);
  const parent = await mkdtemp(join(data.dir, 'fetch-'));
  const fetch = (...args: string[]): readonly string[] => [
    // A cache of its own for each run, made where the time is taken.
    'sh',
    '-c',
    `dir=$(mktemp -d ${parent}/XXXXXX); exec env GEOFENCE_CACHE_DIR=$dir GEOFENCE_STATE_DIR=$dir/state "$@"`,
    'sh',
    `GEOFENCE_CONFIG=${data.config}`,
    `GEOFENCE_MIRROR=${mirror}`,
    process.execPath,
    cliPath,
    'fetch',
    '--concurrency',
    '4',
    ...args,
  ];
  const { ten, europe } = await costs(place, runs, {
    ten: { command: fetch('--allow', 'US,CA,DE,FR,GB,JP,BR,IN,AU,NL') },
    europe: { command: fetch('--allow', '@europe') },
  });
  return [
    { what: 'fetch of 10 countries, 200 ms a request, wall', value: wallOf(ten), unit: 's', bar: 2 },
    { what: 'fetch of @europe by tarball, the same', value: wallOf(europe), unit: 's', bar: 1.5 },
  ];
}
