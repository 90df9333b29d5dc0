import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collector } from '../../src/ip/collect.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import type { ParsedZone } from '../../src/zones/parse.ts';
import { MAX_PROBLEMS, parseZone } from '../../src/zones/parse.ts';
import { bytesOf } from '../ip/model.ts';

function parse(body: string | Uint8Array, family: Family = ipv4): ParsedZone & { cidrs: string[] } {
  const collector = new Collector(family);
  const parsed = parseZone(typeof body === 'string' ? bytesOf(body) : body, family, collector);
  return { ...parsed, cidrs: formatBounds(collector.bounds()) };
}

const both = ['192.0.2.0/24', '198.51.100.0/24'];
const good = [
  { name: 'LF', body: '192.0.2.0/24\n198.51.100.0/24\n', cidrs: both },
  { name: 'CRLF', body: '192.0.2.0/24\r\n198.51.100.0/24\r\n', cidrs: both },
  { name: 'a last line without a newline', body: '192.0.2.0/24\n198.51.100.0/24', cidrs: both },
  { name: 'a last line with only a CR', body: '192.0.2.0/24\n198.51.100.0/24\r', cidrs: both },
  { name: 'blank lines', body: '\n\n192.0.2.0/24\n\r\n \t\n198.51.100.0/24\n\n', cidrs: both },
  { name: 'blanks around a line', body: ' 192.0.2.0/24\t\n\t 198.51.100.0/24 \r\n', cidrs: both },
  { name: 'comments', body: '# ipverse\n192.0.2.0/24\n  # CC0, 1.2.3.0/24\n198.51.100.0/24\n#', cidrs: both },
  { name: 'one line', body: '192.0.2.0/24', cidrs: ['192.0.2.0/24'] },
  { name: 'the widest there may be', body: '64.0.0.0/6\n', cidrs: ['64.0.0.0/6'] },
  { name: 'IPv6', body: '2001:db8::/32\n2001:DB9::/32\n', family: ipv6, cidrs: ['2001:db8::/31'] },
  { name: 'the widest there may be of IPv6', body: '2000::/12\n', family: ipv6, cidrs: ['2000::/12'] },
  { name: 'single addresses', body: '2001:db8::1/128\n', family: ipv6, cidrs: ['2001:db8::1/128'] },
  { name: 'nothing', body: '', cidrs: [] },
  { name: 'only newlines', body: '\n\r\n\n', cidrs: [] },
  { name: 'only comments', body: '# nothing here\n#', cidrs: [] },
];

for (const { name, body, family, cidrs } of good) {
  test(`parseZone() reads ${name}`, () => {
    const parsed = parse(body, family);
    assert.deepEqual(parsed.refused, []);
    assert.deepEqual(parsed.masked, []);
    assert.deepEqual(parsed.cidrs, cidrs);
  });
}

test('parseZone() counts lines with a network, not merged CIDRs', () => {
  assert.equal(parse('# two lines\n10.0.0.0/9\n\n10.128.0.0/9\n').networks, 2);
});

const badLines = [
  { text: '192.0.2.0', reason: 'the prefix length is missing' },
  { text: '192.0.2.0/33', reason: 'prefix length 33 is above 32' },
  { text: '192.0.2.0/24 # office', reason: 'the prefix length is not a number' },
  { text: '192.0.2.0/24,198.51.100.0/24', reason: 'not an IPv4 address' },
  { text: '192.0.2.0/24 198.51.100.0/24', reason: 'not an IPv4 address' },
  { text: '192.0.2.0/24\r198.51.100.0/24', reason: 'not an IPv4 address' },
  { text: '2001:db8::/32', reason: 'an octet is above 255' },
  { text: '192.0.2.0/24', family: ipv6, reason: 'not an IPv6 address' },
  { text: '::ffff:192.0.2.0/120', family: ipv6, reason: 'not an IPv6 address' },
  { text: '<html>', reason: 'the prefix length is missing' },
  { text: '</html>', reason: 'the prefix length is not a number' },
  { text: '192.0.2.0/24\0', reason: 'the prefix length is not a number' },
  { text: '0.0.0.0/5', reason: 'a /5 is wider than /6, the widest a zone may hold' },
  { text: '0.0.0.0/0', reason: 'a /0 is wider than /6, the widest a zone may hold' },
  { text: '2000::/11', family: ipv6, reason: 'a /11 is wider than /12, the widest a zone may hold' },
  { text: '::/0', family: ipv6, reason: 'a /0 is wider than /12, the widest a zone may hold' },
];

for (const { text, family = ipv4, reason } of badLines) {
  test(`parseZone() refuses ${JSON.stringify(text)} of ${family.label}, with its line number`, () => {
    const fine = family === ipv4 ? '192.0.2.0/24' : '2001:db8::/32';
    const { networks, refused, cidrs } = parse(`# comment\n\n${fine}\r\n${text}\n${fine}`, family);
    assert.deepEqual(refused, [{ line: 4, text: text.replaceAll(/[\0\r]/g, '?'), reason }]);
    assert.equal(networks, 2);
    assert.deepEqual(cidrs, [fine]);
  });
}

test('parseZone() takes the whole network where host bits are set, and says so', () => {
  const { networks, refused, masked, cidrs } = parse('192.0.2.0/24\n198.51.100.77/24\n');
  assert.deepEqual(masked, [{ line: 2, text: '198.51.100.77/24', reason: 'host bits are set' }]);
  assert.deepEqual(refused, []);
  assert.equal(networks, 2);
  assert.deepEqual(cidrs, both);
});

test('parseZone() does not call a line masked that it refuses', () => {
  const { refused, masked } = parse('1.2.3.4/5\n');
  assert.equal(refused.length, 1);
  assert.deepEqual(masked, []);
});

test('parseZone() remembers the first problems only', () => {
  const { networks, refused, masked } = parse('x\n198.51.100.77/24\n'.repeat(1000));
  const lines = Array.from({ length: MAX_PROBLEMS }, (_, i) => 2 * i);
  assert.deepEqual(
    refused.map(({ line }) => line),
    lines.map((line) => line + 1),
  );
  assert.deepEqual(
    masked.map(({ line }) => line),
    lines.map((line) => line + 2),
  );
  assert.equal(networks, 1000);
});

const quoted = [
  { name: 'a terminal escape', line: '\u001b]0;owned\u0007\u001b[2J', text: '?]0;owned??[2J' },
  { name: 'a C1 escape', line: Uint8Array.of(0x9b, 0x32, 0x4a), text: '?2J' },
  { name: 'UTF-8', line: 'caf\u00e9 \u202e', text: 'caf?? ???' },
  { name: 'DEL, NUL, backspace and tab', line: 'a\u007fb\0c\bd\te', text: 'a?b?c?d?e' },
  { name: 'a line of 60 characters', line: 'x'.repeat(60), text: 'x'.repeat(60) },
  { name: 'a line of 61 characters', line: 'x'.repeat(61), text: `${'x'.repeat(60)}...` },
  { name: 'a line of a million characters', line: '1'.repeat(1e6), text: `${'1'.repeat(60)}...` },
  { name: 'all of printable ASCII', line: '~ !"$%&\'()*+,-', text: '~ !"$%&\'()*+,-' },
];

for (const { name, line, text } of quoted) {
  test(`parseZone() quotes ${name} as printable ASCII`, () => {
    assert.deepEqual(
      parse(line).refused.map((problem) => problem.text),
      [text],
    );
  });
}

/** The bytes, counting how often one is looked at; a native method that searches them counts as all of them. */
function counted(bytes: Uint8Array): { bytes: Uint8Array; reads: () => number } {
  let reads = 0;
  const proxy = new Proxy(bytes, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value === 'function') {
        if (key !== 'subarray') reads += target.length;
        return value.bind(target) as unknown;
      }
      if (key !== 'length') reads++;
      return value;
    },
  });
  return { bytes: proxy, reads: () => reads };
}

for (const { name, body } of [
  { name: 'addresses without a length', body: '192.0.2.1\n'.repeat(2000) },
  { name: 'one long line', body: '1'.repeat(20_000) },
  { name: 'one long line of slashes', body: '/'.repeat(20_000) },
  { name: 'blanks', body: ' '.repeat(20_000) },
  { name: 'newlines', body: '\n'.repeat(20_000) },
  { name: 'a zone', body: '192.0.2.0/24\r\n'.repeat(2000) },
  { name: 'colons', body: ':/\n'.repeat(7000) },
]) {
  test(`parseZone() looks at a byte a few times only: ${name}`, () => {
    const { bytes, reads } = counted(bytesOf(body));
    parseZone(bytes, ipv6, new Collector(ipv6));
    assert.ok(reads() < 12 * body.length, `${reads()} reads of ${body.length} bytes`);
  });
}
