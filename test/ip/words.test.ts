import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPowerOfTwo, compareWords, log2Distance, trailingZeros } from '../../src/ip/words.ts';
import { numberOfWords, wordsOfNumber } from './model.ts';

const widths = [1, 4];

/** Numbers at and beside every word boundary, both ends, and a few between. */
function numbers(width: number): bigint[] {
  const space = 2n ** BigInt(32 * width);
  const edges = [0n, 31n, 32n, 63n, 64n, 95n, 96n, 127n, 128n].map((bit) => 2n ** bit);
  const around = edges.flatMap((edge) => [edge - 1n, edge, edge + 1n, space - edge, space - edge - 1n]);
  const between = [5n, 0xf0n, 0x80000000n, 0xfffffff0n, 0x20010db8_0000ffff_ffffffff_fffffff0n];
  return [...new Set([...around, ...between].map((value) => BigInt.asUintN(32 * width, value)))];
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

for (const width of widths) {
  const samples = numbers(width);

  test(`compareWords() orders like numbers, width ${width}`, () => {
    for (const a of samples) {
      for (const b of samples) {
        const words = new Int32Array([0xffffffff, ...wordsOfNumber(a, width), 0]);
        const other = new Int32Array([...wordsOfNumber(b, width), 0xffffffff]);
        const want = a < b ? -1 : Number(a > b);
        assert.equal(Math.sign(compareWords(words, 1, other, 0, width)), want, `${hex(a)} ${hex(b)}`);
      }
    }
  });

  test(`addPowerOfTwo() adds and wraps round, width ${width}`, () => {
    for (const value of samples) {
      for (let exponent = 0; exponent <= 32 * width; exponent++) {
        const words = new Int32Array([7, ...wordsOfNumber(value, width), 7]);
        addPowerOfTwo(words, 1, width, exponent);
        const want = wordsOfNumber(value + 2n ** BigInt(exponent), width);
        assert.deepEqual([...words], [7, ...want, 7], `${hex(value)} + 2^${exponent}`);
      }
    }
  });
}

test('trailingZeros() counts the lowest zero bits', () => {
  for (const value of numbers(4)) {
    const text = value.toString(2);
    const want = value === 0n ? 128 : text.length - text.lastIndexOf('1') - 1;
    assert.equal(trailingZeros(wordsOfNumber(value, 4)), want, hex(value));
  }
});

test('trailingZeros() finds every single bit', () => {
  for (let bit = 0; bit < 128; bit++) {
    assert.equal(trailingZeros(wordsOfNumber(2n ** BigInt(bit), 4)), bit);
  }
});

test('log2Distance() is the whole logarithm of the difference', () => {
  for (const from of numbers(4)) {
    for (const to of numbers(4)) {
      const difference = BigInt.asUintN(128, to - from);
      const want = difference === 0n ? 128 : difference.toString(2).length - 1;
      const got = log2Distance(wordsOfNumber(from, 4), wordsOfNumber(to, 4));
      assert.equal(got, want, `${hex(from)} to ${hex(to)}`);
    }
  }
});

test('numberOfWords() undoes wordsOfNumber()', () => {
  for (const value of numbers(4)) assert.equal(numberOfWords(wordsOfNumber(value, 4), 0, 4), value);
});
