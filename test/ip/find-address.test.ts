import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAddress } from '../../src/ip/find-address.ts';
import { bytesOf } from './model.ts';

const find = (line: string): string | undefined => {
  const words = new Int32Array(4);
  // What stands around the line must not be read.
  const family = findAddress(bytesOf(`9.9.9.9 ${line}9`), 8, 8 + bytesOf(line).length, words);
  return family?.format(words, 0);
};

const cases: readonly { line: string; want: string | undefined }[] = [
  { line: '192.0.2.7', want: '192.0.2.7' },
  { line: '  192.0.2.7\t\r', want: '192.0.2.7' },
  { line: '2001:DB8::7', want: '2001:db8::7' },
  { line: '::ffff:192.0.2.7', want: '192.0.2.7' },
  { line: '::FFFF:192.0.2.7', want: '192.0.2.7' },
  { line: '::ffff:c000:207', want: '192.0.2.7' },
  { line: '192.0.2.7:51034', want: '192.0.2.7' },
  { line: '[2001:db8::7]:443 closed', want: '2001:db8::7' },
  {
    line: '192.0.2.7 - - [20/Nov/2026:10:00:00 +0000] "GET /from/198.51.100.1 HTTP/1.1" 200 5',
    want: '192.0.2.7',
  },
  {
    line: 'Nov 20 10:00:00 a sshd[7]: Failed password for root from 192.0.2.7 port 22 ssh2',
    want: '192.0.2.7',
  },
  {
    line: 'geofence drop: IN=eth0 OUT= MAC=00:11:22:33:44:55:66:77:88:99:aa:bb:08:00 SRC=192.0.2.7 DST=192.0.2.9',
    want: '192.0.2.7',
  },
  { line: '{"time":1763632800,"ip":"2001:db8::7","port":443}', want: '2001:db8::7' },
  { line: 'a,192.0.2.7;b', want: '192.0.2.7' },
  { line: 'relay=mail.example[192.0.2.7]:25', want: '192.0.2.7' },
  { line: '192.0.2.300 192.0.2.7', want: '192.0.2.7' },
  { line: '', want: undefined },
  { line: '10:00:00', want: undefined },
  { line: '192.0.2.0/24', want: undefined },
  { line: 'x192.0.2.7', want: undefined },
  { line: '192.0.2.7x', want: undefined },
  { line: '01.2.3.4', want: undefined },
  { line: '1:ffff:192.0.2.7', want: undefined },
  { line: '::fffe:192.0.2.7', want: undefined },
  { line: 'fe80::1%eth0', want: undefined },
  { line: 'nobody here', want: undefined },
  { line: '...', want: undefined },
  { line: ':', want: undefined },
];

for (const { line, want } of cases) {
  test(`findAddress() finds ${want ?? 'none'} in "${line.trim().slice(0, 60)}"`, () => {
    assert.equal(find(line), want);
  });
}
