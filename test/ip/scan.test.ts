import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newCidr, parseCidr } from '../../src/ip/cidr.ts';
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';
import { UNUSUAL, scanLine } from '../../src/ip/scan.ts';
import { bytesOf } from './model.ts';

const takes = (family: Family, text: string): boolean =>
  scanLine(family, bytesOf(text), 0, newCidr()) === text.length;

const taken: [Family, string][] = [
  [ipv4, '192.0.2.0/24\n'],
  [ipv4, '0.0.0.0/1\n'],
  [ipv4, '255.255.255.255/32\n'],
  [ipv4, '128.0.0.0/9\n'],
  [ipv6, '2001:db8::/32\n'],
  [ipv6, '2001:db8:ffff::/48\n'],
  [ipv6, 'fd00:1:2:3:4:5:6::/112\n'],
];

for (const [family, text] of taken) {
  test(`scanLine() takes ${JSON.stringify(text)}`, () => assert.ok(takes(family, text)));
}

const left: [Family, string][] = [
  [ipv4, ''],
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
  [ipv6, '2001:db8::/32'],
  [ipv6, '2001:db8::1/32\n'],
  [ipv6, '2001:db8::/16\n'],
  [ipv6, '2001:db8::/129\n'],
  [ipv6, '2001::db8::/32\n'],
  [ipv6, '2001:0db80::/32\n'],
  [ipv6, '1:2:3:4:5:6:7:8/128\n'],
  [ipv6, '1:2:3:4:5:6:7:8::/128\n'],
  [ipv6, '::/1\n'],
  [ipv6, '192.0.2.0/24\n'],
];

for (const [family, text] of left) {
  test(`scanLine() leaves ${JSON.stringify(text)} to parseCidr()`, () => {
    assert.equal(scanLine(family, bytesOf(text), 0, newCidr()), UNUSUAL);
  });
}

/** Lines of which many are networks, and most others nearly are. */
function lineOf({ bits, width, format }: Family): fc.Arbitrary<string> {
  const word = fc.oneof(fc.constant(0), fc.integer(), fc.constant(0x20010000));
  const address = fc
    .array(word, { minLength: width, maxLength: width })
    .map((words) => format(Int32Array.from(words), 0));
  const network = fc
    .tuple(address, fc.nat(bits + 1))
    .map(
      ([text, length]) =>
        `${text.replace(/(?<=\.\d+\.)\d+\.\d+$|(?<=:)[^:]*$/, width === 1 ? '0.0' : ':')}/${length}`,
    );
  const typo = fc.tuple(network, fc.nat(20), fc.constantFrom('', '0', ':', '.', '/', 'g', ' ', '\r', '-'));
  const mistyped = typo.map(([text, at, what]) => text.slice(0, at) + what + text.slice(at + 1));
  return fc.oneof(network, mistyped).map((text) => `${text}\n`);
}

for (const family of families) {
  test(`what scanLine() takes, parseCidr() reads alike, ${family.label}`, () => {
    let count = 0;
    fc.assert(
      fc.property(lineOf(family), (line) => {
        const [scanned, parsed] = [newCidr(), newCidr()];
        const bytes = bytesOf(`xx${line}yy`);
        const next = scanLine(family, bytes, 2, scanned);
        if (next === UNUSUAL) return;
        count++;
        assert.equal(next, 2 + line.length);
        assert.equal(parseCidr(family, bytes, 2, next - 1, parsed), undefined);
        assert.deepEqual(scanned, parsed);
      }),
      { numRuns: 3000 },
    );
    assert.ok(count > 20, `only ${count} were taken`);
  });
}
