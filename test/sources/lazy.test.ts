import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { ca4, startFetching } from '../helpers/fetching.ts';

const loaded = (): boolean =>
  Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('/undici/'));

test('fetchZones() loads the HTTP client only when something is to be fetched', async (t) => {
  const f = await startFetching(t, { ipv4: { ca: ['192.0.2.0/24'] } });
  const facts = {
    source: 'ipdeny',
    url: '',
    fetchedAt: new Date(f.now).toISOString(),
    networks: 1,
    addresses: 256,
  };
  await f.store.write(ca4, Buffer.from('192.0.2.0/24\n'), facts);
  assert.equal((await f.fetchOne()).state, 'fresh');
  assert.equal(loaded(), false);
  assert.equal((await f.fetchOne({ maxAgeDays: 0 })).state, 'unchanged');
  assert.equal(loaded(), true);
});
