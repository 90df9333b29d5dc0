import assert from 'node:assert/strict';
import { test } from 'node:test';
import { block, withBlock, withoutBlock } from '../../src/install/block.ts';

const ours = block('echo ours\n');
const BLOCK = '# >>> geofence >>>\necho ours\n# <<< geofence <<<';

const cases = [
  { name: 'an empty file', before: '', after: `${BLOCK}\n` },
  { name: 'a script', before: '#!/bin/sh\necho 1\n', after: `#!/bin/sh\necho 1\n${BLOCK}\n` },
  { name: 'a script whose last line is not ended', before: 'echo 1', after: `echo 1\n${BLOCK}` },
  { name: 'a script that ends with exit', before: 'echo 1\nexit 0\n', after: `echo 1\n${BLOCK}\nexit 0\n` },
  { name: 'nothing but exit', before: 'exit 0', after: `${BLOCK}\nexit 0` },
  { name: 'an exit that is not the last', before: 'exit 1\necho 1\n', after: `exit 1\necho 1\n${BLOCK}\n` },
  { name: 'lines of Windows', before: 'echo 1\r\n', after: `echo 1\r\n${BLOCK}\n` },
  { name: 'empty lines at the end', before: 'echo 1\n\n\n', after: `echo 1\n\n\n${BLOCK}\n` },
];

for (const { name, before, after } of cases) {
  test(`withBlock() puts lines in ${name}, and withoutBlock() takes them out again`, () => {
    assert.equal(withBlock(before, ours), after);
    assert.equal(withBlock(after, ours), after, 'again');
    assert.equal(withoutBlock(after), before);
    assert.equal(withoutBlock(before), before);
  });
}

test('withBlock() changes lines of another version in their place', () => {
  const text = 'echo 1\n# >>> geofence >>>\nold\n# <<< geofence <<<\necho 2\n';
  assert.equal(withBlock(text, ours), `echo 1\n${BLOCK}\necho 2\n`);
  assert.equal(withoutBlock(text), 'echo 1\necho 2\n');
});

test('withBlock() takes text that looks like a pattern as it is', () => {
  const odd = block("echo $& $1 $'\n");
  assert.equal(withBlock(`${BLOCK}\n`, odd), `${odd}\n`);
});

test('withBlock() and withoutBlock() do not guess where a block ends', () => {
  const text = '# >>> geofence >>>\necho 1\n';
  assert.throws(() => withBlock(text, ours), /Cannot find the end of the lines of geofence/);
  assert.throws(() => withoutBlock(text), /Cannot find the end of the lines of geofence/);
});
