import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadZones } from '../../src/cache/load-zones.ts';
import { Store } from '../../src/cache/store.ts';
import { ipv4 } from '../../src/ip/family.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const facts = { source: 'ipdeny', url: '', fetchedAt: '2025-09-04T12:00:00.000Z', networks: 0, addresses: 0 };

test('loadZones() reads no more once zones have more than 64 MiB together', async (t) => {
  const store = new Store(await tempDir(t));
  const body = Buffer.alloc(15 * 2 ** 20, '#\n');
  const wanted = ['AR', 'AT', 'AU', 'BE', 'BG', 'BR', 'CA'].map((country) => ({ country, family: ipv4 }));
  for (const id of wanted) await store.write(id, body, facts);
  const { zones, missing } = await loadZones(store, wanted, Date.now());
  assert.equal(zones.length, 5);
  assert.deepEqual(
    missing,
    wanted.slice(5).map((id) => ({
      id,
      reason: 'the zones before it have more than 64 MiB',
    })),
  );
});
