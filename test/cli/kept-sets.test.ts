import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft', 'legacy');

const ok = { status: 0, stdout: '', stderr: '' };

for (const variant of ['nft', 'legacy'])
  test(
    `a ruleset of iptables-${variant} that was saved before a switch loads after it, and means what it meant`,
    { skip },
    async (t) => {
      const host = await startHost(t);
      await host.configure(`sources = ["ipdeny"]\niptables = "${variant}"\n`);
      const tools = [`iptables-${variant}`, `ip6tables-${variant}`];
      assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
      const before = await host.inForce();
      const saved = await Promise.all(
        tools.map(async (tool) =>
          (
            await Promise.all(
              ['raw', 'mangle'].map(async (table) => await host.tool(`${tool}-save`, '-t', table)),
            )
          ).join(''),
        ),
      );
      assert.deepEqual(await host.geofence(['refresh', '--deny', 'RU']), ok);
      const unfenced = ['198.51.100.1', '2001:db8:bad::1'];
      const passing = await host.geofence(['check', ...unfenced]);
      assert.equal(passing.stdout.match(/^\S+ +passes$/gm)?.length, 2, passing.stdout);
      for (const [i, tool] of tools.entries())
        await host.namespace.run(`${tool}-restore`, [], { input: saved[i]! });
      const dropped = await host.geofence(['check', ...unfenced, '192.0.2.1', '2001:db8:ca::1']);
      assert.equal(dropped.stdout.match(/^\S+ +is dropped$/gm)?.length, 2, dropped.stdout);
      assert.equal(dropped.stdout.match(/^\S+ +passes$/gm)?.length, 2, dropped.stdout);
      if (variant === 'nft') assert.equal(await host.inForce(), before);
      assert.equal((await host.geofence(['status'])).status, 3, 'and is not what the policy says');
      assert.deepEqual(await host.geofence(['restore']), ok);
      assert.equal((await host.geofence(['status'])).status, 0);
    },
  );
