import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffLines } from '../../src/words/line-diff.ts';

const cases: readonly [name: string, before: string, after: string, want: string[]][] = [
  ['nothing for equal texts', 'a\nb\n', 'a\nb\n', []],
  ['every line of a new text', '', 'a\n\nb\n', ['+ a', '+ ', '+ b']],
  ['changes in several places', 'a\nb\nc\nd\n', 'a\nB\nc\nd\ne\n', ['- b', '+ B', '+ e']],
  ['a line that moved', 'a\nb\nc\n', 'b\nc\na\n', ['- a', '+ a']],
  ['no line ends', 'a\r\nb', 'a\nb\nc', ['+ c']],
];

for (const [name, before, after, want] of cases) {
  test(`diffLines() tells ${name}`, () => {
    assert.deepEqual(diffLines(before, after), want);
  });
}
