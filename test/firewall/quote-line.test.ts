import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quoteLine } from '../../src/firewall/ipset/quote-line.ts';
import { CommandError } from '../../src/system/run.ts';
import { ChunkedText } from '../../src/words/chunked-text.ts';

const input = '*mangle\n:GEOFENCE - [0:0]\n-A GEOFENCE -j DROP\nCOMMIT\n';
const errorOf = (stderr: string): CommandError =>
  new CommandError(['tool', 'restore'], { status: 1, stderr });

for (const stderr of [
  'ipset v7.17: Error in line 3: The set with the given name does not exist\n',
  'iptables-restore: line 3 failed\n',
  'iptables-nft-restore: line 3 failed: No chain/target/match by that name.\n',
  'iptables-restore v1.8.9 (nf_tables): \nline 3: CHAIN_DEL failed (Device or resource busy): chain GEOFENCE\n',
  "iptables-restore v1.8.9 (legacy): Set nope doesn't exist.\n\nError occurred at line: 3\nTry `iptables-restore -h' for more information.\n",
]) {
  test(`quoteLine() finds the line in ${JSON.stringify(stderr)}`, () => {
    const quoted = quoteLine(errorOf(stderr), ChunkedText.of(input));
    assert.ok(quoted instanceof CommandError);
    assert.ok(quoted.message.endsWith(' (line 3: -A GEOFENCE -j DROP)'), quoted.message);
    assert.equal(quoted.status, 1);
  });
}

test('quoteLine() leaves errors that name no line of ours', () => {
  for (const error of [errorOf('out of memory'), errorOf('Error in line 99: what?'), new Error('line 3')])
    assert.equal(quoteLine(error, ChunkedText.of(input)), error);
});
