import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDays,
  formatList,
  formatPlural,
  formatShare,
  formatShortened,
  formatTable,
  formatTime,
  listRows,
  wrap,
} from '../../src/words/format.ts';

const cases: readonly [what: string, got: string, want: string][] = [
  ['formatCount() groups thousands', formatCount(1234567), '1,234,567'],
  ['formatCount() rounds', formatCount(1.6), '2'],
  ['formatCount() gives up on digits nobody reads', formatCount(1.5e30), '1.50e30'],
  ['formatPlural() knows one', formatPlural(1, 'zone'), '1 zone'],
  ['formatPlural() knows none', formatPlural(0, 'zone'), '0 zones'],
  ['formatPlural() takes another plural', formatPlural(2, 'address', 'addresses'), '2 addresses'],
  ['formatShare() of nothing', formatShare(0), '0 %'],
  ['formatShare() of little', formatShare(0.00001), 'under 0.01 %'],
  ['formatShare() of some', formatShare(0.0016), '0.16 %'],
  ['formatShare() of much', formatShare(0.119), '11.9 %'],
  ['formatAge() in days', formatAge(2.9 * 86_400_000), '2 days'],
  ['formatAge() in one hour', formatAge(3_600_000), '1 hour'],
  ['formatAge() of nothing', formatAge(0), '0 seconds'],
  [
    'formatAge() of what came from the future',
    formatAge(Infinity),
    'an unknown time (the clock was set back)',
  ],
  ['formatBytes() of a few', formatBytes(999), '999 B'],
  ['formatBytes() of many', formatBytes(1536), '1.5 KiB'],
  ['formatDays() of one', formatDays(1), '1 day'],
  ['formatDays() of half a day', formatDays(0.5), '0.5 days'],
  ['formatTime() to the minute', formatTime('2026-11-20T10:30:05.123Z'), '2026-11-20 10:30 UTC'],
  ['formatTime() to the second', formatTime('2026-11-20T10:30:05.123Z', 'second'), '2026-11-20 10:30:05 UTC'],
  ['formatList() of none', formatList([]), ''],
  ['formatList() of one', formatList(['a']), 'a'],
  ['formatList() of three', formatList(['a', 'b', 'c']), 'a, b and c'],
  ['formatShortened() of a few', formatShortened(['a', 'b']), 'a, b'],
  ['formatShortened() of many', formatShortened('abcdefghij'.split('')), 'a, b, c, d, e, f, g, h and 2 more'],
  ['wrap() leaves what fits', wrap('a bc', 4).join('|'), 'a bc'],
  ['wrap() breaks between words', wrap('a bc def', 4).join('|'), 'a bc|def'],
  ['wrap() breaks words that are wider', wrap('a bcdefghi j', 3).join('|'), 'a|bcd|efg|hi|j'],
  ['wrap() of nothing is an empty line', wrap('', 3).join('|'), ''],
  [
    'formatTable() aligns',
    formatTable([
      ['a', '1'],
      ['', '2'],
      ['long', '3'],
    ]),
    'a     1\n      2\nlong  3\n',
  ],
];

for (const [name, got, want] of cases) {
  test(name, () => {
    assert.equal(got, want);
  });
}

test('listRows() labels the first item, or says that there is none', () => {
  assert.deepEqual(listRows('zones', ['x', 'y']), [
    ['zones', 'x'],
    ['', 'y'],
  ]);
  assert.deepEqual(listRows('zones', [], 'none'), [['zones', 'none']]);
  assert.deepEqual(listRows('zones', []), []);
});
