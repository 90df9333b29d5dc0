import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskHostBits, newCidr, parseCidr } from '../../src/ip/cidr.ts';
import { Collector } from '../../src/ip/collect.ts';
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';
import { LONGEST_KEY } from '../../src/ip/key.ts';
import { scanLines } from '../../src/ip/scan.ts';
import { boundaryTexts, bytesOf, setOf } from './model.ts';

const all = { lead: 0, shortest: 0 };

/** How many bytes of the text are taken. */
const taken = (family: Family, text: string, usual = all): number =>
  scanLines(bytesOf(text), 0, usual, new Collector(family));

const usual: [Family, string][] = [
  [ipv4, '192.0.2.0/24\n'],
  [ipv4, '0.0.0.0/1\n'],
  [ipv4, '255.255.255.255/32\n'],
  [ipv4, '128.0.0.0/9\n'],
  [ipv6, '2001:db8::/32\n'],
  [ipv6, '2001:db8:ffff::/48\n'],
  [ipv6, '2001:DB8::/33\n'],
  [ipv6, '8000::/1\n'],
  [ipv6, 'fd00:1:2:300::/56\n'],
];

for (const [family, text] of usual) {
  test(`scanLines() takes ${JSON.stringify(text)}`, () => assert.equal(taken(family, text), text.length));
}

const left: [Family, string][] = [
  [ipv4, '192.0.2.0/24'],
  [ipv4, '192.0.2.0/24\r\n'],
  [ipv4, ' 192.0.2.0/24\n'],
  [ipv4, '192.0.2.1/24\n'],
  [ipv4, '192.0.2.0/024\n'],
  [ipv4, '192.0.2.0/33\n'],
  [ipv4, '192.0.2.0/\n'],
  [ipv4, '192.0.2.0\n'],
  [ipv4, '192.0.02.0/24\n'],
  [ipv4, '192.0.256.0/24\n'],
  [ipv4, '192.0..0/24\n'],
  [ipv4, '192.0.2/24\n'],
  [ipv4, '192.0.2.0.0/24\n'],
  [ipv4, '# 192.0.2.0/24\n'],
  [ipv4, '192.0.2.0/0256\n'],
  [ipv4, '0192.0.2.0/24\n'],
  [ipv4, '192.0.2.1000/24\n'],
  [ipv4, '192.0.2.0/-1\n'],
  [ipv4, '-1.0.2.0/24\n'],
  [ipv4, '/24\n'],
  [ipv4, '\n'],
  [ipv4, '192.0.2.0/2'],
  [ipv4, '192.0'],
  [ipv6, '2001:db8::/32'],
  [ipv6, '2001:db8::1/32\n'],
  [ipv6, '2001:db8::/16\n'],
  [ipv6, '2001:db8::/129\n'],
  [ipv6, '2001::db8::/32\n'],
  [ipv6, '2001:db8::/'],
  [ipv6, '2001:db8:'],
  [ipv6, '2001:db8::/032\n'],
  [ipv6, '2001:db8::/:\n'],
  [ipv6, '2001:db8:::/32\n'],
  [ipv6, ':2001:db8::/32\n'],
  [ipv6, '200g:db8::/32\n'],
  [ipv6, 'fd00:1:2:3::/57\n'],
  [ipv6, 'fd00:1:2:3::/64\n'],
  [ipv6, 'fd00:1:2:3:4::/80\n'],
  [ipv6, 'fd00:1:2:3:4:5:6::/112\n'],
  [ipv6, '2001:0db80::/32\n'],
  [ipv6, '1:2:3:4:5:6:7:8/128\n'],
  [ipv6, '1:2:3:4:5:6:7:8::/128\n'],
  [ipv6, '::/1\n'],
  [ipv6, '192.0.2.0/24\n'],
];

for (const [family, text] of left) {
  test(`scanLines() leaves ${JSON.stringify(text)} to parseCidr()`, () => {
    assert.equal(taken(family, text), 0);
  });
}

test('scanLines() stops where the first line starts that is not usual', () => {
  const text = '192.0.2.0/24\n198.51.100.0/25\n203.0.113.7/24\n203.0.113.0/24\n';
  const into = new Collector(ipv4);
  assert.equal(scanLines(bytesOf(text), 0, all, into), text.indexOf('203.0.113.7'));
  assert.equal(into.count, 2);
  assert.equal(scanLines(bytesOf(text), text.indexOf('203.0.113.0'), all, into), text.length);
  assert.equal(into.count, 3);
  const want = setOf(ipv4, '192.0.2.0/24', '198.51.100.0/25', '203.0.113.0/24');
  assert.deepEqual(boundaryTexts(into.bounds()), boundaryTexts(want));
});

test('scanLines() leaves a prefix that is shorter than it should be', () => {
  assert.equal(taken(ipv4, '10.0.0.0/7\n', { lead: 0, shortest: 8 }), 0);
  assert.equal(taken(ipv4, '11.0.0.0/8\n10.0.0.0/7\n', { lead: 0, shortest: 8 }), 11);
  assert.equal(taken(ipv6, '2001:db8::/32\n2001::/16\n', { lead: 0, shortest: 17 }), 14);
});

test('scanLines() passes over what stands before each network', () => {
  const text = 'add it 192.0.2.0/24\nadd it 198.51.100.0/24\ncreate that hash:net family inet\n';
  assert.equal(taken(ipv4, text, { lead: 'add it '.length, shortest: 0 }), text.indexOf('create'));
});

/** Lines of which many are networks, and most others nearly are. */
function lineOf({ bits, width, format }: Family): fc.Arbitrary<string> {
  const word = fc.oneof(fc.constant(0), fc.integer(), fc.constant(0x20010000));
  const network = fc
    .tuple(fc.array(word, { minLength: width, maxLength: width }), fc.nat(bits / 2 + 1), fc.nat(20))
    .map(([values, length, more]) => {
      const words = Int32Array.from(values);
      if (more > 0) maskHostBits(words, length, width);
      return `${format(words, 0)}/${length + Math.max(0, more - 18)}`;
    });
  const typo = fc.tuple(network, fc.nat(20), fc.constantFrom('', '0', ':', '.', '/', 'g', ' ', '\r', '-'));
  const mistyped = typo.map(([text, at, what]) => text.slice(0, at) + what + text.slice(at + 1));
  return fc.oneof(network, mistyped).map((text) => `${text}\n`);
}

for (const family of families) {
  test(`what scanLines() takes, parseCidr() reads alike, ${family.label}`, () => {
    let count = 0;
    fc.assert(
      fc.property(lineOf(family), (line) => {
        const [scanned, parsed] = [new Collector(family), new Collector(family)];
        const bytes = bytesOf(`xx${line}yy`);
        const next = scanLines(bytes, 2, all, scanned);
        if (next === 2) return assert.equal(scanned.count, 0);
        count++;
        assert.equal(next, 2 + line.length);
        const cidr = newCidr();
        assert.equal(parseCidr(family, bytes, 2, next - 1, cidr), undefined);
        assert.equal(cidr.hadHostBits, false);
        assert.ok(cidr.length <= LONGEST_KEY);
        parsed.add(cidr.words, cidr.length);
        assert.deepEqual(scanned.bounds(), parsed.bounds());
        assert.equal(scanned.longestPrefix(cidr.words), cidr.length);
      }),
      { numRuns: 3000 },
    );
    assert.ok(count > 500, `only ${count} were taken`);
  });
}
