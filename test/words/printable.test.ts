import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  isPlainLine,
  printable,
  printableAnswer,
  printableMessage,
  shortenLine,
} from '../../src/words/printable.ts';

for (const { name, text, shown } of [
  { name: 'what is plain', text: 'Côte d’Ivoire\tCI\n', shown: 'Côte d’Ivoire\tCI\n' },
  { name: 'an escape sequence', text: '\u001B[2J', shown: '\\u001b[2J' },
  { name: 'a control of C1', text: 'a\u009B31m', shown: 'a\\u009b31m' },
  { name: 'a carriage return and a delete', text: 'a\rb\u007F', shown: 'a\\u000db\\u007f' },
  { name: 'what turns the order around', text: '\u202Etxt.exe', shown: '\\u202etxt.exe' },
  { name: 'a line separator', text: 'a\u2028b', shown: 'a\\u2028b' },
  { name: 'what has two units', text: '\u{E0041}', shown: '\\udb40\\udc41' },
]) {
  test(`printable() of ${name}`, () => {
    assert.equal(printable(text), shown);
    assert.equal(isPlainLine(text), text === shown && !/[\n\t]/.test(text));
  });
}

test('printable() keeps JSON what it is', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const value: unknown = JSON.parse(json);
      assert.deepEqual(JSON.parse(printable(JSON.stringify(value, undefined, 2))), value);
    }),
  );
});

test('shortenLine() shows the start and the end of a long line, and how much is between', () => {
  assert.equal(shortenLine('a'.repeat(1000)), 'a'.repeat(1000));
  const line = shortenLine(`"${'a'.repeat(1_000_000)}": it is no country`);
  assert.match(line, /^"a{599} \.\.\.\(999220 characters left out\)\.\.\. a{181}": it is no country$/);
});

test('printableMessage() lets no line begin at the left edge but the first', () => {
  assert.equal(printableMessage('a\n  b'), 'a\n  b');
  assert.equal(printableMessage('a\ngeofence: b'), 'a\\u000ageofence: b');
  assert.equal(printableMessage('\n  a'.repeat(200)).split('\n').at(-1), '  and 101 more lines');
});

test('printableAnswer() keeps colours, and nothing else that a terminal obeys', () => {
  const coloured = '\u001B[1;32mup\u001B[0m';
  assert.equal(printableAnswer(`${coloured}\u001B[2J\n`), `${coloured}\\u001b[2J\n`);
});
