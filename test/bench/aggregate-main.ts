import { mergeCidr } from 'cidr-tools';
import { merge } from 'fast-cidr-tools';
import IPCIDR from 'ip-cidr';
import { Collector } from '../../src/ip/collect.ts';
import { families } from '../../src/ip/family.ts';
import { prefixes } from '../../src/ip/prefixes.ts';
import { aggregate } from '../../src/zones/aggregate.ts';
import { parseZone } from '../../src/zones/parse.ts';
import { readZones } from './data.ts';

/** aggregate-main TOOL FAMILY CACHE: lets one tool work on the zones of a family; prints the CPU time in seconds. */
const [tool = '', familyName = '', cacheDir = ''] = process.argv.slice(2);
const family = families.find(({ name }) => name === familyName);
if (family === undefined) throw new Error(`no such family: ${familyName}`);
const bodies = (await readZones(cacheDir, family)).map(({ body }) => body);

/** The peers take texts, and are not charged for making them; ours is charged for reading bytes. */
const lines = (): string[] =>
  tool === 'geofence' || tool === 'parse'
    ? []
    : bodies.flatMap((body) => Buffer.from(body).toString('latin1').trimEnd().split('\n'));

const works: Record<string, (texts: string[]) => unknown> = {
  geofence: () => prefixes(aggregate(family, bodies)),
  'cidr-tools': (texts) => mergeCidr(texts),
  'fast-cidr-tools': (texts) => merge(texts),
  parse: () => bodies.map((body) => parseZone(body, family, new Collector(family))),
  'ip-cidr': (texts) => texts.map((text) => new IPCIDR(text)),
};

const texts = lines();
const start = process.cpuUsage();
works[tool]?.(texts);
const { user, system } = process.cpuUsage(start);
console.log((user + system) / 1e6);
