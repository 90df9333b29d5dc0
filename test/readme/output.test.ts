import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { Store } from '../../src/cache/store.ts';
import { countAddresses } from '../../src/ip/bounds.ts';
import { families } from '../../src/ip/family.ts';
import { aggregate } from '../../src/zones/aggregate.ts';
import { generateZones } from '../bench/generate.ts';
import { projectRoot } from '../helpers/golden.ts';
import { runInProcess } from '../helpers/in-process.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import { createNamespace } from '../helpers/netns.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** A block of the README that shows what a command prints; the command stands in the comment before it. */
const BLOCK = /(<!-- printed by: geofence (.+) -->\n```\n)([^]*?)(?=```\n)/g;

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

async function fillCache(dir: string): Promise<void> {
  const store = new Store(dir);
  const zones = generateZones(0.2);
  for (const family of families) {
    for (const code of ['ca', 'de', 'us']) {
      const lines = [zones[family.name]?.[code] ?? assert.fail(code)].flat();
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

test('the README shows what the commands print', { skip: await kernelSkip() }, async (t) => {
  const path = join(projectRoot(), 'README.md');
  const readme = await readFile(path, 'utf8');
  const print = await startServer(t);
  let real = readme;
  let count = 0;
  for (const [block, head = '', words = ''] of readme.matchAll(BLOCK)) {
    real = real.replace(block, () => head);
    const printed = await print(words);
    real = real.replace(head, () => `${head}${printed}`);
    count++;
  }
  assert.ok(count >= 4, `${count} blocks`);
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(path, real);
  else assert.equal(readme, real, 'README.md: if the change is meant, run the tests with UPDATE_GOLDEN=1');
});
