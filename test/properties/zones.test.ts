import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { Collector } from '../../src/ip/collect.ts';
import type { Family } from '../../src/ip/family.ts';
import { families } from '../../src/ip/family.ts';
import { acceptZone } from '../../src/sources/accept.ts';
import { MAX_PROBLEMS, parseZone } from '../../src/zones/parse.ts';

const line = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: -1, max: 34 })).map(([address, length]) => `${address}/${length}`),
  fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 130 })).map(([address, length]) => `${address}/${length}`),
  fc.constantFrom(
    '',
    ' ',
    '\t',
    '#',
    '# 1.2.3.0/24',
    '1.2.3.0/24',
    ' 2001:db8::/32 ',
    '/',
    '1.2.3.4',
    '::/0',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 6 }).map((text) => text.replaceAll('\n', '')),
);
const zone = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n')), { maxLength: 40 })
  .map((lines) => lines.flat().join(''))
  .chain((text) => fc.constantFrom(text, text.trimEnd()));
const body = fc.oneof(
  zone.map((text) => Uint8Array.from(Buffer.from(text, 'latin1'))),
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ maxLength: 300, max: 0x3b, min: 0x20 }),
);

/** What a line is, said with strings, regular expressions and node:net. */
function kindOf(family: Family, text: string): 'nothing' | 'network' | 'problem' {
  const trimmed = text.replaceAll(/^[ \t\r]+|[ \t\r]+$/g, '');
  if (trimmed === '' || trimmed.startsWith('#')) return 'nothing';
  const [, address = '', length = ''] = /^([^/%]*)\/(0|[1-9]\d{0,2})$/.exec(trimmed) ?? [];
  const widest = family.version === 4 ? 6 : 12;
  const isPlain = family.version === 4 || !address.includes('.');
  const isNetwork = net.isIP(address) === family.version && isPlain;
  return isNetwork && Number(length) >= widest && Number(length) <= family.bits ? 'network' : 'problem';
}

for (const family of families) {
  test(`parseZone() of any bytes reports the right lines, ${family.label}`, () => {
    fc.assert(
      fc.property(body, (bytes) => {
        const lines = Buffer.from(bytes).toString('latin1').split('\n');
        const kinds = lines.map((text) => kindOf(family, text));
        const problems = [...kinds.keys()].filter((i) => kinds[i] === 'problem').map((i) => i + 1);
        const { networks, refused, masked } = parseZone(bytes, family, new Collector(family));
        assert.equal(networks, kinds.filter((kind) => kind === 'network').length);
        assert.deepEqual(
          refused.map((problem) => problem.line),
          problems.slice(0, MAX_PROBLEMS),
        );
        for (const problem of masked) assert.equal(kinds[problem.line - 1], 'network');
        for (const { text } of [...refused, ...masked]) assert.match(text, /^[ -~]{1,63}$/);
      }),
      { numRuns: 1500 },
    );
  });

  test(`acceptZone() of any bytes gives a zone or one printable sentence, ${family.label}`, () => {
    fc.assert(
      fc.property(body, (bytes) => {
        const answer = acceptZone(bytes, { country: 'CA', family });
        if (typeof answer === 'string') assert.match(answer, /^[ -~]{1,250}$/);
        else assert.ok(answer.addresses > 0 && answer.networks > 0);
      }),
      { numRuns: 500 },
    );
  });
}
