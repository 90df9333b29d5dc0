import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeProblem } from '../../src/zones/judge-change.ts';

const limits = { shrink: 0.2, growth: 0.5 };

for (const { before, after, want } of [
  { before: 1000, after: 1000, want: undefined },
  { before: 1000, after: 800, want: undefined },
  { before: 1000, after: 799, want: 'zone-shrank' },
  { before: 1000, after: 1500, want: undefined },
  { before: 1000, after: 1501, want: 'zone-grew' },
  { before: 2 ** 100, after: 2 ** 99, want: 'zone-shrank' },
]) {
  test(`changeProblem() from ${before} to ${after} addresses: ${want ?? 'none'}`, () => {
    assert.equal(changeProblem(before, after, limits)?.guard, want);
  });
}

test('changeProblem() gives the figures', () => {
  assert.equal(
    changeProblem(67_391_488, 33_695_744, limits)?.reason,
    'it shrank from 67,391,488 to 33,695,744 addresses, by 50 % (limit: 20 %)',
  );
});
