import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fenceOf } from '../helpers/fences.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import type { Layer } from '../../src/config/resolve.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { Settings } from '../../src/config/settings.ts';
import { contains } from '../../src/ip/bounds.ts';
import { familyOf, parseAddress } from '../../src/ip/cidr.ts';

const layers = (...all: Settings[]): Layer[] =>
  all.map((settings, i) => ({ origin: ['flags', 'environment', 'file', 'memory'][i]!, settings }));

async function isEscape(address: string, ...all: Settings[]): Promise<boolean> {
  const family = familyOf(address);
  const { policy } = await resolveConfig(layers(...all));
  return contains(policy!.escapes.get(family)!, parseAddress(family, address)!);
}

test('resolveConfig() takes each setting from the strongest layer that has it', async () => {
  const { settings } = await resolveConfig(
    layers(
      { max_zone_age_days: 1 },
      { max_zone_age_days: 2, concurrency: 4 },
      { mirror: 'http://m', concurrency: 8 },
    ),
  );
  assert.equal(settings.max_zone_age_days, 1);
  assert.equal(settings.concurrency, 4);
  assert.equal(settings.mirror, 'http://m');
});

test('resolveConfig() has defaults for what no layer says', async () => {
  const { settings, policy, origin } = await resolveConfig([]);
  assert.equal(settings.max_zone_age_days, 6);
  assert.deepEqual(settings.sources, ['ipdeny', 'ipverse']);
  assert.equal(policy, undefined);
  assert.equal(origin, undefined);
});

test("resolveConfig() lets a stronger layer's mode silence the other mode of a weaker one", async () => {
  const { policy, origin } = await resolveConfig(layers({ allow: ['ca'] }, {}, { deny: ['RU'] }));
  assert.deepEqual(policy?.fences, [fenceOf()]);
  assert.equal(origin, 'flags');
});

test('resolveConfig() keeps the escapes of a weaker layer when a stronger one changes only the mode', async () => {
  assert.equal(
    await isEscape(
      '192.0.2.9',
      { allow: ['DE'] },
      {},
      {},
      { allow: ['CA'], allow_subnets: ['192.0.2.0/24'] },
    ),
    true,
  );
});

test('resolveConfig() refuses both modes in one layer', async () => {
  await assert.rejects(resolveConfig(layers({ allow: ['CA'], deny: ['RU'] })), /--allow and --deny together/);
});

test('resolveConfig() makes local addresses escapes unless they are turned off', async () => {
  for (const address of ['10.1.2.3', '192.168.0.1', '100.64.0.1', '169.254.1.1', 'fe80::1', 'fd00::1']) {
    assert.equal(await isEscape(address, { allow: ['CA'] }), true, address);
    assert.equal(await isEscape(address, { allow: ['CA'], local: false }), false, address);
  }
  for (const address of ['192.0.2.1', '8.8.8.8', '2001:db8::1', '2600::1']) {
    assert.equal(await isEscape(address, { allow: ['CA'] }), false, address);
  }
});

test('resolveConfig() warns of an escape that is the whole family', async () => {
  const { warnings } = await resolveConfig(layers({ allow: ['CA'], allow_subnets: ['0.0.0.0/0'] }));
  assert.deepEqual(warnings, ['ALLOWSUBNET holds all of IPv4: nothing of it is fenced']);
});

test('resolveConfig() remembers escapes in canonical form, so that a warning comes once', async () => {
  const first = await resolveConfig(layers({ allow: ['CA'], allow_subnets: ['192.0.2.7/24'] }));
  assert.equal(first.warnings.length, 1);
  const second = await resolveConfig(layers(first.stated));
  assert.deepEqual(second.stated.allow_subnets, ['192.0.2.0/24']);
  assert.deepEqual(second.warnings, []);
});

test('readEnvironment() reads ALLOWSUBNET with spaces and commas, and MAXZONEAGE', () => {
  assert.deepEqual(
    readEnvironment({ ALLOWSUBNET: ' 192.0.2.0/24, 198.51.100.7\t2001:db8::/32 ', MAXZONEAGE: '3.5' }),
    {
      allow_subnets: ['192.0.2.0/24', '198.51.100.7', '2001:db8::/32'],
      max_zone_age_days: 3.5,
    },
  );
});

test('readEnvironment() takes an empty variable as unset', () => {
  assert.deepEqual(readEnvironment({ ALLOWSUBNET: '', MAXZONEAGE: ' ', GEOFENCE_MIRROR: '' }), {});
});
