import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStyle, wantsColour } from '../../src/words/style.ts';

test('createStyle() writes codes only where colours are seen, and none around plain text', () => {
  assert.equal(createStyle(true)('bad', 'x'), '\u001B[1;31mx\u001B[0m');
  assert.equal(createStyle(true)('plain', 'x'), 'x');
  assert.equal(createStyle(false)('bad', 'x'), 'x');
});

const cases: readonly [isTTY: boolean, env: Record<string, string>, want: boolean][] = [
  [true, {}, true],
  [true, { TERM: 'xterm' }, true],
  [false, { TERM: 'xterm' }, false],
  [true, { TERM: 'dumb' }, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '0' }, false],
  // https://no-color.org: "when present and not an empty string".
  [true, { NO_COLOR: '' }, true],
];

for (const [isTTY, env, want] of cases) {
  test(`wantsColour() ${isTTY ? 'on a terminal' : 'in a pipe'} with ${JSON.stringify(env)} is ${want}`, () => {
    assert.equal(wantsColour(isTTY, env), want);
  });
}
