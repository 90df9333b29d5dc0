import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import IPCIDR from 'ip-cidr';
import { newCidr, parseAddress, parseCidr } from '../../src/ip/cidr.ts';
import type { Family } from '../../src/ip/family.ts';
import { families, ipv4, ipv6 } from '../../src/ip/family.ts';
import { bytesOf, numberOf, numberOfWords, wordsOfNumber } from '../ip/model.ts';

/** Addresses with whole groups of zeros and ones: a random number of 128 bits hardly ever has one. */
function addressOf({ bits, width }: Family): fc.Arbitrary<Int32Array> {
  const size = bits === 32 ? 8 : 16;
  const group = fc.oneof(fc.constantFrom(0, 1, 2 ** size - 1), fc.nat(2 ** size - 1));
  return fc
    .array(group, { minLength: bits / size, maxLength: bits / size })
    .map((groups) => groups.reduce((number, value) => (number << BigInt(size)) + BigInt(value), 0n))
    .map((number) => wordsOfNumber(number, width));
}

for (const family of families) {
  const { bits, width, label } = family;

  test(`parseAddress() reads what format() writes, ${label}`, () => {
    fc.assert(
      fc.property(addressOf(family), (words) => {
        assert.deepEqual(parseAddress(family, family.format(words, 0)), words);
      }),
      { numRuns: 2000 },
    );
  });

  test(`parseCidr() reads every CIDR, ${label}, and ip-cidr finds the same first and last address`, () => {
    fc.assert(
      fc.property(addressOf(family), fc.integer({ min: 0, max: bits }), (words, length) => {
        const text = `${family.format(words, 0)}/${length}`;
        const cidr = newCidr();
        assert.equal(parseCidr(family, bytesOf(text), 0, text.length, cidr), undefined);
        assert.equal(cidr.length, length);
        const first = numberOfWords(cidr.words, 0, width);
        const oracle = new IPCIDR(text);
        assert.equal(first, numberOf(family, oracle.start()));
        assert.equal(first + 2n ** BigInt(bits - length) - 1n, numberOf(family, oracle.end()));
        assert.equal(cidr.hadHostBits, first !== numberOfWords(words, 0, width));
      }),
      { numRuns: 1000 },
    );
  });
}

test('writeIPv6() writes what the URL standard calls canonical', () => {
  fc.assert(
    fc.property(addressOf(ipv6), (words) => {
      const text = ipv6.format(words, 0);
      assert.equal(`[${text}]`, new URL(`http://[${text}]/`).hostname);
      const groups = Array.from({ length: 8 }, (_, i) =>
        ((words[i >> 1] ?? 0) >>> (i & 1 ? 0 : 16)).toString(16).slice(-4).padStart(4, '0'),
      );
      assert.equal(`[${text}]`, new URL(`http://[${groups.join(':')}]/`).hostname);
    }),
    { numRuns: 2000 },
  );
});

/** One change to a text: a character put in, taken out, replaced or doubled. */
const mutation = fc.record({
  at: fc.nat(45),
  remove: fc.nat(2),
  insert: fc.oneof(
    fc.constantFrom(
      '',
      ':',
      '::',
      '.',
      '0',
      '00',
      '1',
      '255',
      '256',
      'ffff',
      'g',
      'G',
      'F',
      ' ',
      '/',
      '%',
      '-',
    ),
    fc.string({ maxLength: 2 }),
  ),
});

const mutated = (valid: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(valid, fc.array(mutation, { maxLength: 3 }))
    .map(([text, changes]) =>
      changes.reduce(
        (result, { at, remove, insert }) => result.slice(0, at) + insert + result.slice(at + remove),
        text,
      ),
    );

const groups = fc
  .array(fc.constantFrom('0', '1', '00', '0001', 'abcd', 'FFFF', '12345', ''), {
    minLength: 1,
    maxLength: 10,
  })
  .map((list) => list.join(':'));
const octets = fc
  .array(fc.constantFrom('0', '1', '9', '10', '99', '100', '199', '249', '255', '256', '01', ''), {
    minLength: 3,
    maxLength: 5,
  })
  .map((list) => list.join('.'));
const texts = fc.oneof(
  mutated(fc.ipV4()),
  mutated(fc.ipV6()),
  mutated(addressOf(ipv6).map((words) => ipv6.format(words, 0))),
  mutated(groups),
  mutated(octets),
);

test('parseAddress() agrees with node:net about what an IPv4 address is', () => {
  fc.assert(
    fc.property(texts, (text) => {
      assert.equal(parseAddress(ipv4, text) !== undefined, net.isIPv4(text), text);
    }),
    { numRuns: 10_000 },
  );
});

test('parseAddress() agrees with node:net about IPv6, but for embedded IPv4 and zone ids, which it refuses', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const want = net.isIPv6(text) && !/[.%]/.test(text);
      assert.equal(parseAddress(ipv6, text) !== undefined, want, text);
    }),
    { numRuns: 10_000 },
  );
});

test('parseAddress() reads an IPv6 address as the URL standard does', () => {
  fc.assert(
    fc.property(
      texts.filter((text) => net.isIPv6(text) && !/[.%]/.test(text)),
      (text) => {
        const words = parseAddress(ipv6, text);
        assert.ok(words);
        assert.equal(`[${ipv6.format(words, 0)}]`, new URL(`http://[${text}]/`).hostname);
      },
    ),
    { numRuns: 1000 },
  );
});
