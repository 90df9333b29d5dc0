import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChecksums } from '../../src/sources/checksums.ts';

const sum = 'b25086e53da09e3d407eb222e20fcf0c';

const cases = [
  { name: 'the text of md5sum', text: `${sum}  ca.zone\n`, want: [['ca.zone', sum]] },
  { name: 'a binary mark', text: `${sum} *ca.zone\n`, want: [['ca.zone', sum]] },
  { name: 'a path in the folder', text: `${sum}  ./ca.zone\n`, want: [['ca.zone', sum]] },
  { name: 'capital digits', text: `${sum.toUpperCase()}  ca.zone\n`, want: [['ca.zone', sum]] },
  {
    name: 'CRLF and no last newline',
    text: `${sum}  a\r\n${sum}  b`,
    want: [
      ['a', sum],
      ['b', sum],
    ],
  },
  {
    name: 'malformed lines among good ones',
    text: `# sums\n${sum}\n\n${sum} ca.zone\nabc  us.zone\n${sum}  x/y\n${sum}  b\n`,
    want: [['b', sum]],
  },
];
for (const { name, text, want } of cases)
  test(`parseChecksums() reads ${name}`, () => {
    const sums = parseChecksums(Buffer.from(text));
    assert.ok(typeof sums !== 'string');
    assert.deepEqual([...sums], want);
  });

for (const text of ['', '<html>\n<body>\n', '\0\0\0'])
  test(`parseChecksums() refuses ${JSON.stringify(text)}`, () =>
    assert.equal(parseChecksums(Buffer.from(text)), 'it holds no checksum'));
