import assert from 'node:assert/strict';
import { test } from 'node:test';
import { destroyLine, fillScript, renameLine, swapLine } from '../../src/firewall/ipset/set-script.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { networksOf, noExtraEntries } from '../../src/firewall/set-shape.ts';
import { boundsIn } from '../helpers/states.ts';

const script = (family: typeof ipv4, ...networks: string[]): string[] =>
  String(
    fillScript({
      name: 'geofence-main-allow-4',
      owner: 'plan',
      shape: networksOf(family),
      extraEntries: noExtraEntries,
      bounds: boundsIn(family, networks),
    }).script,
  )
    .trimEnd()
    .split('\n');

const sized = (hashsize: number, maxelem: number): string =>
  `create geofence-main-allow-4.new hash:net family inet hashsize ${hashsize} maxelem ${maxelem}`;

test('fillScript() creates the set beside the one in use and adds the fewest networks, in order', () => {
  assert.deepEqual(script(ipv4, '198.51.100.7', '192.0.2.128/25', '192.0.2.0/25'), [
    sized(4096, 65536),
    'add geofence-main-allow-4.new 192.0.2.0/24',
    'add geofence-main-allow-4.new 198.51.100.7/32',
  ]);
});

test('fillScript() makes an empty set', () => {
  assert.deepEqual(script(ipv4), [sized(4096, 65536)]);
});

test('fillScript() says everything as two halves: hash:net takes no /0', () => {
  assert.deepEqual(script(ipv4, '0.0.0.0/0').slice(1), [
    'add geofence-main-allow-4.new 0.0.0.0/1',
    'add geofence-main-allow-4.new 128.0.0.0/1',
  ]);
  assert.deepEqual(script(ipv6, '::/0').slice(1), [
    'add geofence-main-allow-4.new ::/1',
    'add geofence-main-allow-4.new 8000::/1',
  ]);
});

const everyOther = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${20 + (i >> 15)}.${(i >> 7) & 255}.${(i & 127) * 2}.0/24`);

for (const { count, hashsize, maxelem } of [
  { count: 1024, hashsize: 4096, maxelem: 65536 },
  { count: 1025, hashsize: 8192, maxelem: 65536 },
  { count: 32_768, hashsize: 131_072, maxelem: 65536 },
  { count: 32_769, hashsize: 262_144, maxelem: 131_072 },
]) {
  test(`fillScript() sizes a set of ${count} entries with room for as many again`, () => {
    const filled = fillScript({
      name: 'geofence-main-allow-4',
      owner: 'plan',
      shape: networksOf(ipv4),
      extraEntries: noExtraEntries,
      bounds: boundsIn(ipv4, everyOther(count)),
    });
    assert.equal(filled.entries, count);
    assert.equal(String(filled.script).split('\n', 1)[0], sized(hashsize, maxelem));
    assert.equal(String(filled.script).split('\n').length, count + 2);
  });
}

test('fillScript() tells what to look for when it is done', () => {
  const { name, shape, entries } = fillScript({
    name: 'geofence-escape-6',
    owner: 'plan',
    shape: networksOf(ipv6),
    extraEntries: noExtraEntries,
    bounds: boundsIn(ipv6, ['::/0']),
  });
  assert.deepEqual(
    { name, shape, entries },
    { name: 'geofence-escape-6.new', shape: networksOf(ipv6), entries: 2 },
  );
});

test('swapLine(), renameLine() and destroyLine() are a line each', () => {
  assert.equal(swapLine('geofence-escape-4'), 'swap geofence-escape-4.new geofence-escape-4\n');
  assert.equal(renameLine('geofence-escape-4'), 'rename geofence-escape-4.new geofence-escape-4\n');
  assert.equal(destroyLine('geofence-escape-4'), 'destroy geofence-escape-4\n');
});
