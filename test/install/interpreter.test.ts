import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withInterpreter } from '../../src/install/interpreter.ts';

test('withInterpreter() changes the first line alone', () => {
  const program = '#!/usr/bin/env node\n#!/usr/bin/env node\n';
  assert.equal(withInterpreter(program, '/opt/n/node'), '#!/opt/n/node\n#!/usr/bin/env node\n');
});

test('withInterpreter() refuses a path that the kernel would cut', () => {
  for (const path of ['/opt/my node/node', `/${'n'.repeat(256)}`]) {
    assert.throws(() => withInterpreter('#!/usr/bin/env node\n', path), /Cannot start geofence by "/);
  }
});
