import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Data } from './data.ts';
import type { Place } from './measure.ts';
import { costs, cpuOf, median } from './measure.ts';
import type { Row } from './table.ts';

const program = fileURLToPath(new URL('./aggregate-main.js', import.meta.url));

const IPRANGE = '/usr/bin/iprange';

/** The median CPU time of each tool on all lines of a family, each time in a new process. */
async function measure<Tool extends string>(
  place: Place,
  runs: number,
  { cacheDir }: Data,
  family: string,
  tools: readonly Tool[],
): Promise<Record<Tool, number>> {
  const taken = new Map<Tool, number[]>(tools.map((tool) => [tool, []]));
  for (let run = 0; run < runs; run++) {
    for (const [tool, seconds] of taken) {
      const { status, stdout, stderr } = await place(process.execPath, [program, tool, family, cacheDir]);
      if (status !== 0) throw new Error(`${tool} failed: ${stderr}`);
      seconds.push(Number(stdout));
    }
  }
  return Object.fromEntries([...taken].map(([tool, seconds]) => [tool, median(seconds)])) as Record<
    Tool,
    number
  >;
}

/** iprange reads files and is measured as a whole process. */
async function iprangeSeconds(place: Place, runs: number, { cacheDir }: Data): Promise<number | undefined> {
  if (!existsSync(IPRANGE)) return undefined;
  const folder = join(cacheDir, 'ipv4');
  const files = (await readdir(folder)).map((name) => join(folder, name));
  const { iprange } = await costs(place, runs, { iprange: { command: [IPRANGE, '--optimize', ...files] } });
  return cpuOf(iprange);
}

/** From lines in memory to the fewest CIDRs, against the peers. */
export async function aggregationRows(place: Place, runs: number, data: Data): Promise<Row[]> {
  const four = await measure(place, runs, data, 'ipv4', [
    'geofence',
    'cidr-tools',
    'fast-cidr-tools',
    'parse',
    'ip-cidr',
  ]);
  const six = await measure(place, runs, data, 'ipv6', ['geofence', 'cidr-tools']);
  const iprange = await iprangeSeconds(place, runs, data);
  return [
    {
      what: 'all IPv4 lines merged, CPU / cidr-tools',
      value: four.geofence / four['cidr-tools'],
      unit: 'x',
      bar: 1 / 3,
    },
    {
      what: 'all IPv4 lines merged, CPU / fast-cidr-tools',
      value: four.geofence / four['fast-cidr-tools'],
      unit: 'x',
      bar: 1 / 8,
    },
    {
      what: 'all IPv6 lines merged, CPU / cidr-tools',
      value: six.geofence / six['cidr-tools'],
      unit: 'x',
      bar: 1 / 3,
    },
    { what: 'all IPv4 lines parsed, CPU / ip-cidr', value: four.parse / four['ip-cidr'], unit: 'x' },
    ...(iprange === undefined
      ? []
      : [
          {
            what: 'all IPv4 lines merged, CPU / iprange (C, process)',
            value: four.geofence / iprange,
            unit: 'x',
          },
        ]),
  ];
}
