import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Arena } from '../soak/arena.ts';
import { createArena } from '../soak/arena.ts';
import { Traffic } from '../soak/traffic.ts';
import { escapeLines } from '../soak/world.ts';

/** A fence: what its file states. */
type Fences = Readonly<Record<string, string>>;

/**
 * Policies of which each keeps Russia out of the three ports, and lets Canada and the escape in, for other reasons than
 * the others do.
 */
const policies: readonly Fences[] = [
  { main: 'allow = ["CA"]' },
  // Whoever owns ports stands before who owns all.
  { main: 'allow = ["RU"]', ports: 'allow = ["CA"]\nports = ["udp/7000-7002"]' },
  { web: 'allow = "*"\nports = ["udp/7000-7001"]', noru: 'deny = ["RU"]' },
  // On the interface that they come in on; what others own is not about them.
  {
    main: 'allow = ["RU"]',
    out: 'allow = ["CA", "NL"]\ninterfaces = ["f*"]',
    x: 'allow = ["RU"]\ninterfaces = ["x0"]',
  },
  {
    main: 'deny = ["NL"]',
    ru: 'deny = ["RU"]\nports = ["udp/7000"]\ninterfaces = ["f0"]',
    rest: 'allow = ["CA", "NL"]\nports = ["udp/1-6999", "udp/7001-65535"]',
  },
  {
    host: 'allow = ["CA"]\nports = ["udp/7000"]\ninterfaces = ["!x0"]',
    behind: 'allow = ["CA", "NL"]\nports = ["udp/7001", "udp/7002"]',
    seen: 'deny = ["CA"]\npreview = true',
    main: 'deny = ["RU"]',
  },
];

/** A way over all pairs: each policy comes after each other once, and the first is the last. */
function* tour(): Generator<number> {
  const count = policies.length;
  const left = policies.map((_, i) => policies.flatMap((_policy, j) => (i === j ? [] : [j])));
  const stack = [0];
  const way: number[] = [];
  while (stack.length > 0) {
    const next = left[stack.at(-1) ?? 0]?.pop();
    if (next === undefined) way.push(stack.pop() ?? count);
    else stack.push(next);
  }
  yield* way;
}

/** Of each variant: the first of the tour under one, the last under the other, all of it under both. */
const SWITCHES = 20;
const PAUSE_MILLISECONDS = 20;

/** Lets fences.d hold these fences and no others, and puts them in force; something must change. */
async function switchTo(arena: Arena, fences: Fences): Promise<void> {
  const folder = join(arena.dir, 'fences.d');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  for (const [name, text] of Object.entries(fences))
    await writeFile(join(folder, `${name}.toml`), `${text}\n`);
  const { status, stdout, stderr } = await arena.geofence({ args: ['refresh', '--json'] });
  assert.equal(status, 0, stderr);
  assert.equal((JSON.parse(stdout) as { applied: boolean }).applied, true, Object.keys(fences).join());
}

for (const variant of ['nft', 'legacy'] as const) {
  test(
    `iptables-${variant}: not one packet is let in or lost by mistake during ${SWITCHES} switches between policies of several fences`,
    { skip: await kernelSkip(variant) },
    async (t) => {
      const arena = await createArena(t, variant);
      await arena.configure(escapeLines('escape'));
      const steps = [...tour()];
      const [first = 0, ...way] =
        variant === 'nft' ? steps.slice(0, SWITCHES + 1) : steps.slice(-SWITCHES - 1);
      await switchTo(arena, policies[first] ?? assert.fail());
      const traffic = await Traffic.start(arena.network, PAUSE_MILLISECONDS);
      t.after(() => traffic.stop());
      for (const to of way) await switchTo(arena, policies[to] ?? assert.fail());
      const { sent, perSecond, leaked, lost, overflows } = await traffic.finish(
        ['home', 'escape'],
        ['foreign'],
      );
      assert.deepEqual({ leaked, lost: Math.max(0, lost - overflows) }, { leaked: 0, lost: 0 });
      assert.ok(sent >= SWITCHES * 100, `${sent} packets`);
      t.diagnostic(`${sent} packets, ${perSecond} a second`);
    },
  );
}
