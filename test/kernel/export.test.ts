import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { parseSavedSets } from '../helpers/saved-sets.ts';
import { families } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import type { ExportFormat } from '../../src/report/export-formats.ts';
import { loadScript } from '../../src/firewall/load-script.ts';
import { renderExport } from '../../src/report/export.ts';
import { kernelSkip, nftSkip } from '../helpers/kernel-skip.ts';
import type { Namespace } from '../helpers/netns.ts';
import { createNamespace } from '../helpers/netns.ts';
import { boundsIn } from '../helpers/states.ts';

const many = Array.from({ length: 300 }, (_, i) => `198.18.${i >> 2}.${(i & 3) * 64}/27`);
const lists = [
  ['192.0.2.0/24', '198.51.100.7/32', '2001:db8::/32', '2001:db8:1::/47', '2001:db9::1/128'],
  [...many, '192.0.2.0/25', '2001:db8:8000::/33', '2001:db8:0:1::/64'],
  ['203.0.113.0/24'],
  [],
];

/** More than half of what a set takes unless it is told: such a set is sized otherwise. */
const crowd = Array.from({ length: 40_000 }, (_, i) => `2001:db8:${i & 1}:${(i & ~1).toString(16)}::/64`);

/** As long as may be. */
const name = 'us-and_2'.padEnd(25, '-x');

const bounds = (networks: readonly string[]) => families.map((family) => boundsIn(family, networks));
const text = (format: ExportFormat, networks: readonly string[]): string =>
  renderExport(format, { title: 'CA (Canada)', name, sets: bounds(networks) }, loadScript);
/** The networks of each family. */
const wanted = (networks: readonly string[]): string[][] => bounds(networks).map(formatBounds);

async function namespaceFor(t: TestContext): Promise<Namespace> {
  const namespace = await createNamespace();
  t.after(namespace.close);
  return namespace;
}

const skip = await kernelSkip('nft', 'legacy');

const loadSets = async ({ run }: Namespace, input: string): Promise<void> =>
  void (await run('ipset', ['restore'], { input }));

const heldSets = async ({ run }: Namespace): Promise<string[][]> =>
  await Promise.all(
    families.map(async ({ version }) => {
      const { stdout } = await run('ipset', ['save', `${name}-${version}`]);
      return parseSavedSets(stdout).flatMap((set) => formatBounds(set.bounds!));
    }),
  );

test(
  'zones export --format ipset is loaded by ipset restore again and again, while rules look at the sets',
  { skip },
  async (t) => {
    const namespace = await namespaceFor(t);
    const { run } = namespace;
    for (const [i, networks] of [...lists, crowd, lists[0]!].entries()) {
      await loadSets(namespace, text('ipset', networks));
      assert.deepEqual(await heldSets(namespace), wanted(networks));
      const names = (await run('ipset', ['list', '-n'])).stdout.toString().trim().split('\n').sort();
      assert.deepEqual(names, [`${name}-4`, `${name}-6`]);
      if (i === 0) await run('iptables', ['-A', 'INPUT', '-m', 'set', '--match-set', `${name}-4`, 'src']);
    }
  },
);

test('zones export --format ipset is loaded whatever a killed ipset restore left', { skip }, async (t) => {
  const namespace = await namespaceFor(t);
  const lines = text('ipset', lists[0]!).split('\n');
  for (const [i, line] of lines.entries()) {
    if (line.startsWith('#')) continue;
    await loadSets(namespace, `${lines.slice(0, i).join('\n')}\n`);
    await loadSets(namespace, text('ipset', lists[1]!));
    assert.deepEqual(await heldSets(namespace), wanted(lists[1]!), line);
  }
});

for (const variant of ['nft', 'legacy'])
  test(
    `zones export --format iptables is loaded by both iptables-${variant}-restore, twice`,
    { skip },
    async (t) => {
      const { run } = await namespaceFor(t);
      for (const networks of lists) {
        const found = await Promise.all(
          ['iptables', 'ip6tables'].map(async (tool) => {
            // Both families of iptables-legacy have one lock.
            const args = ['--noflush', '--wait'];
            await run(`${tool}-${variant}-restore`, args, { input: text('iptables', networks) });
            const saved = (await run(`${tool}-${variant}-save`, ['-t', 'filter'])).stdout.toString();
            assert.match(saved, new RegExp(`^:${name} `, 'm'));
            return [...saved.matchAll(new RegExp(`^-A ${name} -s (\\S+) -j ACCEPT$`, 'gm'))].map(
              ([, network]) => network,
            );
          }),
        );
        assert.deepEqual(found, wanted(networks));
      }
    },
  );

test(
  'zones export --format nft is loaded by nft -f, again and again, while a chain looks at the sets',
  { skip: await nftSkip() },
  async (t) => {
    const { run } = await namespaceFor(t);
    const table = ['inet', 'geofence-zones'];
    for (const [i, networks] of lists.entries()) {
      const input = text('nft', networks);
      await run('nft', ['--check', '--file', '-'], { input });
      await run('nft', ['--file', '-'], { input });
      const found = await Promise.all(
        families.map(async (family) => {
          const { stdout } = await run('nft', ['list', 'set', ...table, `${name}-${family.version}`]);
          const elements = /elements = \{([^}]*)\}/.exec(stdout.toString())?.[1] ?? '';
          // A single address has no prefix length.
          return formatBounds(boundsIn(family, elements.split(/[\s,]+/).filter(Boolean)));
        }),
      );
      assert.deepEqual(found, wanted(networks));
      if (i > 0) continue;
      await run('nft', ['add', 'chain', ...table, 'input', '{ type filter hook input priority -10; }']);
      await run('nft', ['add', 'rule', ...table, 'input', 'ip', 'saddr', `@${name}-4`, 'accept']);
    }
    const { stdout } = await run('nft', ['list', 'chain', ...table, 'input']);
    assert.match(stdout.toString(), new RegExp(`ip saddr @${name}-4 accept`));
  },
);
