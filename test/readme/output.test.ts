import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { Store } from '../../src/cache/store.ts';
import { countAddresses } from '../../src/ip/bounds.ts';
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4 } from '../../src/ip/family.ts';
import { aggregate } from '../../src/zones/aggregate.ts';
import { generateZones } from '../bench/generate.ts';
import { projectRoot } from '../helpers/golden.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import { createNamespace } from '../helpers/netns.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** A block of the README that shows what a command prints; the command stands in the comment before it. */
const BLOCK = /(<!-- printed by: geofence (.+) -->\n```\n)([^]*?)(?=```\n)/g;

/** With the real zones of this folder (ipdeny's layout) the README is written; without it generated ones must do. */
const realZones = process.env['ZONES_DIR'];

const generated = generateZones(0.2);

const FETCHED = '2026-11-13T03:25:00.000Z';
const NOW = Date.parse('2026-11-15T09:40:00Z');

/** A line of /proc/net/tcp: something waits at a port of every address. */
const waiting = (port: number): string =>
  `   0: 00000000:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A\n`;

/** A server as it may be. */
const files = {
  '/proc/net/tcp': ['header\n', ...[22, 80, 443].map(waiting)].join(''),
  '/proc/sys/kernel/random/boot_id': '00000000-0000-4000-8000-000000000000\n',
  '/etc/cron.weekly/geofence': Date.parse('2026-11-08T03:25:00Z'),
};

/** The lines of a zone. */
async function linesOf(family: Family, code: string): Promise<readonly string[]> {
  if (realZones === undefined) return [generated[family.name]?.[code] ?? assert.fail(code)].flat();
  const folder = family === ipv4 ? 'ipblocks/data/countries' : 'ipv6/ipaddresses/blocks';
  const text = await readFile(join(realZones, folder, `${code}.zone`), 'utf8');
  return text.trimEnd().split('\n');
}

async function fillCache(dir: string): Promise<void> {
  const store = new Store(dir);
  for (const family of families) {
    for (const code of ['ca', 'de', 'us']) {
      const lines = await linesOf(family, code);
      const body = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      await store.write({ country: code.toUpperCase(), family }, body, {
        source: 'ipdeny',
        url: 'https://www.ipdeny.com/',
        fetchedAt: FETCHED,
        networks: lines.length,
        addresses: countAddresses(aggregate(family, [body])),
      });
    }
  }
}

/** Runs commands on that server, whose kernel is a namespace of its own. */
async function startServer(t: TestContext): Promise<(words: string) => Promise<string>> {
  const namespace = await createNamespace();
  t.after(namespace.close);
  const dir = await tempDir(t);
  await fillCache(dir);
  await writeFile(join(dir, 'geofence.toml'), '');
  const env = { GEOFENCE_CACHE_DIR: dir, GEOFENCE_CONFIG: join(dir, 'geofence.toml') };
  return async (words) => {
    const args = [...words.split(' '), ...(/^(plan|refresh)/.test(words) ? ['--offline', '--verbose'] : [])];
    const { stdout } = await runInProcess(args, { run: namespace.run, env, files, now: () => NOW });
    return stdout;
  };
}

/** Text without what the data decides: numbers, networks, and where lines are broken because of them. */
const withoutData = (text: string): string =>
  text
    .replaceAll(/[\d,.]*\d(?:\/\d+)?/g, '#')
    .replaceAll(/^#(?= {2})/gm, '#')
    .replaceAll(/\s+/g, ' ');

/** 8.8.8.8 is in no generated zone; another address of the same country stands for it. */
async function standIns(words: string): Promise<string> {
  if (realZones !== undefined) return words;
  const [first = ''] = await linesOf(ipv4, 'us');
  return words.replace('8.8.8.8', first.replace(/\/.*/, ''));
}

test('the README shows what the commands print', { skip: await kernelSkip() }, async (t) => {
  const path = join(projectRoot(), 'README.md');
  const readme = await readFile(path, 'utf8');
  const print = await startServer(t);
  const isWriting = process.env['UPDATE_GOLDEN'] === '1' && realZones !== undefined;
  let written = readme;
  let count = 0;
  for (const [block, head = '', words = '', shown = ''] of readme.matchAll(BLOCK)) {
    const printed = await print(await standIns(words));
    if (isWriting) written = written.replace(block, () => `${head}${printed}`);
    else
      assert.equal(
        withoutData(shown),
        withoutData(printed),
        'README.md: if the change is meant, run this with UPDATE_GOLDEN=1 and ZONES_DIR=FOLDER',
      );
    count++;
  }
  assert.ok(count >= 2, `${count} blocks`);
  if (isWriting) await writeFile(path, written);
});

test('the README is read in a few screens', async () => {
  const readme = await readFile(join(projectRoot(), 'README.md'), 'utf8');
  assert.ok(readme.split('\n').length <= 200, `${readme.split('\n').length} lines`);
});
