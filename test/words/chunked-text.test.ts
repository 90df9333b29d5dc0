import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkedText } from '../../src/words/chunked-text.ts';

test('a ChunkedText is made when it is read, and anew each time', () => {
  let made = 0;
  const text = new ChunkedText(
    () => 2,
    function* () {
      made++;
      yield 'a\n';
      yield 'b\n';
    },
  );
  assert.equal(text.lines, 2);
  assert.equal(made, 0);
  assert.deepEqual([...text], ['a\n', 'b\n']);
  assert.equal(String(text), 'a\nb\n');
  assert.equal(made, 2);
});

test('ChunkedText.join() puts texts one after the other, and makes none of them', () => {
  let made = 0;
  const last = new ChunkedText(
    () => 1,
    () => {
      made++;
      return ['d\n'];
    },
  );
  const text = ChunkedText.join(['a\n', ChunkedText.of('b\nc\n'), last]);
  assert.equal(text.lines, 4);
  assert.equal(made, 0);
  const [first] = text;
  assert.equal(first, 'a\n');
  assert.equal(made, 0, 'what nobody reads');
  assert.equal(JSON.stringify({ script: text }), '{"script":"a\\nb\\nc\\nd\\n"}');
});
