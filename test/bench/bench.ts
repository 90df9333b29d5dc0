import { parseArgs } from 'node:util';
import { runProgram } from '../helpers/cli.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import { createNamespace } from '../helpers/netns.ts';
import { aggregationRows } from './aggregation.ts';
import { kernelRows, startRows } from './commands.ts';
import type { Data } from './data.ts';
import { prepareData } from './data.ts';
import { fetchRows } from './fetching.ts';
import type { Place } from './measure.ts';
import { packetRows } from './packets.ts';
import type { Row } from './table.ts';
import { twentyRows } from './twenty-fences.ts';
import { formatRows, isMet } from './table.ts';

/**
 * npm run bench -- [--json] [--quick] [--packets]
 *
 * Measures what geofence promises about its speed, as medians of runs that take turns with their peers: ratios, which
 * another machine can be compared by. --quick does it with few runs on little data: to see that it works, not how fast
 * it is. --packets measures what the fence costs a packet instead: best by root, whose sender other programs wait for.
 */
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    packets: { type: 'boolean', default: false },
  },
});
const runs = options.quick ? 2 : 7;

const host: Place = async (program, args) => {
  const { exitCode, ...rest } = await runProgram([program, ...args]);
  return { status: exitCode, ...rest };
};

async function commandRows(data: Data, hasKernel: boolean): Promise<Row[]> {
  if (!hasKernel) return await startRows(host, runs, data);
  const namespace = await createNamespace();
  try {
    const place = namespace.finish;
    return [
      ...(await startRows(place, runs, data)),
      ...(await kernelRows(place, runs, data)),
      ...(await twentyRows(place, runs, data)),
    ];
  } finally {
    await namespace.close();
  }
}

const reason = await kernelSkip();
if (reason !== false) process.stderr.write(`bench: left out what needs a namespace: ${reason}\n`);
const data = await prepareData(options.quick);
try {
  const rows: Row[] = [];
  if (options.packets) {
    if (reason === false) rows.push(...(await packetRows(runs, data)));
  } else {
    rows.push(...(await commandRows(data, reason === false)));
    rows.push(...(await aggregationRows(host, runs, data)));
    rows.push(...(await fetchRows(host, runs, data)));
  }
  // On little data a bar says nothing.
  const shown = options.quick ? rows.map(({ what, value, unit }) => ({ what, value, unit })) : rows;
  const facts = { node: process.version, runs, zones: data.origin };
  if (options.json) {
    const results = shown.map((row) => ({ ...row, met: isMet(row) }));
    console.log(JSON.stringify({ ...facts, rows: results }, undefined, 2));
  } else {
    const how = options.packets
      ? 'paired medians of the calmer half of the rounds'
      : `medians of ${runs} runs`;
    console.log(`Node ${facts.node}, ${how}, zones: ${facts.zones}\n`);
    process.stdout.write(formatRows(shown));
  }
} finally {
  await data.close();
}
