import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import { allowCanada, denyRussia, none } from './fences.ts';
import { Siege } from './siege.ts';
import { Tally } from './tally.ts';

const skip = await kernelSkip('nft', 'legacy');

interface Loss {
  readonly name: string;
  /** What it does in the folder of the cache, as a script. */
  readonly script: string;
  /** What restore says, where it cannot bring the fence back. */
  readonly restore?: RegExp;
  /** What rollback says, where it cannot take the last change back. */
  readonly rollback?: RegExp;
  /** What `restore` warns of. */
  readonly told?: RegExp;
}

const damaged = (why: string): RegExp =>
  new RegExp(
    `^geofence: Cannot use zone CA IPv4(?:, CA IPv6; the first)?: ${why}.*\\n  hint: fetch what is missing with "geofence refresh"`,
  );
/** Root's copy of a zone takes the place of one that cannot be used. */
const standsIn = (why: string): RegExp =>
  new RegExp(
    `^geofence: warning: zone CA IPv4: ${why}.*; the copy that was in force before stands in\\n(?:geofence: warning: zone CA IPv6: .*\\n)?$`,
  );
const pending = {
  id: 'of-before',
  until: '2025-09-04T12:00:00.000Z',
  bootId: 'earlier',
  policy: { settings: { deny: ['RU'] }, inForce: { deny: ['RU'] }, forced: [] },
  isTakenBack: false,
};

const losses: readonly Loss[] = [
  {
    name: 'files that were not finished',
    script:
      'mkdir -p refused; for f in . ipv4 ipv6 refused state; do head -c 500 ipv4/ca.zone >$f/.tmp-5a2c; : >$f/.tmp-empty; done',
  },
  {
    name: 'a zone cut in the middle',
    script: 'truncate -s 20000 ipv4/ca.zone',
    told: standsIn('the cached copy is damaged: its SHA-256 is not the noted one'),
  },
  {
    name: 'a zone cut in the middle, and no copy of ours',
    script:
      'truncate -s 20000 ipv4/ca.zone; rm -f ipv4/ca.zone.previous state/zones.json state/zone-texts.json',
    restore: damaged('the cached copy is damaged: its SHA-256 is not the noted one'),
  },
  {
    name: 'a zone cut in its first line',
    script: 'truncate -s 40 ipv4/ca.zone',
    told: standsIn('the cached copy is damaged: its first line is'),
  },
  {
    name: 'an empty zone',
    script: ': >ipv4/ca.zone',
    told: standsIn('the cached copy is damaged: its first line is not ours'),
  },
  {
    name: 'a zone of zeros, and a cut one',
    script:
      's=$(stat -c %s ipv4/ca.zone); truncate -s 0 ipv4/ca.zone; truncate -s $s ipv4/ca.zone; truncate -s 9000 ipv6/ca.zone',
    told: standsIn('the cached copy is damaged: its first line is not ours'),
  },
  { name: 'a zone that is gone', script: 'rm ipv4/ca.zone', told: standsIn('it is not in the cache') },
  {
    name: 'an empty former.json',
    script: ': >state/former.json',
    rollback: /^geofence: Cannot roll back: the former fence ".*\/former\.json" cannot be used: /,
  },
  {
    name: 'a former.json cut in the middle',
    script: 'truncate -s 200 state/former.json',
    rollback: /^geofence: Cannot roll back: the former fence ".*\/former\.json" cannot be used: /,
  },
  { name: 'a change that waited to be confirmed', script: 'cp ../pending.json state/pending.json' },
  {
    name: 'an empty pending.json',
    script: ': >state/pending.json',
    told: /^geofence: warning: the change to be confirmed ".*" cannot be used: it is empty; it counts as absent\n$/,
  },
];

test(
  'after a loss of power restore brings the whole fence or none and says why, refresh heals',
  {
    skip,
  },
  async (t) => {
    const tally = new Tally();
    const siege = await Siege.start(t, 'nft', denyRussia, tally);
    await siege.bring(none);
    await siege.bring(allowCanada);
    await writeFile(join(siege.arena.dir, 'pending.json'), JSON.stringify(pending));
    const { sh, cache } = siege.arena;
    for (const { name, script, restore, rollback, told } of losses) {
      await t.test(name, async () => {
        // So that there is a change to take back.
        await siege.bring(denyRussia);
        await siege.bring(allowCanada);
        await sh(`cd ${cache}; ${script}`);
        const afterRestore = async (): Promise<unknown> => {
          const { stderr } = await siege.call({ args: ['restore'] }, [restore === undefined ? 0 : 1], {
            isTold: told !== undefined,
          });
          for (const said of [restore, told]) if (said !== undefined) assert.match(stderr, said);
          return await siege.sidesNow([allowCanada, none]);
        };
        assert.deepEqual(await afterRestore(), [allowCanada, allowCanada], 'the fence in force stays');
        if (rollback !== undefined) {
          assert.match((await siege.call({ args: ['rollback'] }, [1])).stderr, rollback);
          assert.deepEqual(await siege.sidesNow([allowCanada]), [allowCanada, allowCanada]);
        }
        await sh(
          'for t in iptables-nft ip6tables-nft; do for table in raw mangle; do $t -t $table -F; $t -t $table -X; done; done; ipset destroy',
        );
        const side = restore === undefined ? allowCanada : none;
        assert.deepEqual(await afterRestore(), [side, side], 'the whole fence, or none');
        await siege.call({ args: ['refresh'] }, [0], { isTold: true });
        assert.deepEqual(await siege.sidesNow([allowCanada]), [allowCanada, allowCanada]);
        await siege.call({ args: ['status'] });
        assert.deepEqual(await siege.litter(), []);
      });
    }
    t.diagnostic(`${losses.length} losses, ${tally.line()}`);
  },
);
