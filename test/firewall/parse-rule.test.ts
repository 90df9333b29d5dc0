import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRule } from '../../src/firewall/ipset/parse-rule.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';

const cases: readonly { name: string; family: Family; network: string; want: string | undefined }[] = [
  { name: 'a network', family: ipv4, network: '192.0.2.0/24', want: '192.0.2.0/24' },
  { name: 'an address', family: ipv4, network: '192.0.2.1/32', want: '192.0.2.1/32' },
  { name: 'everything', family: ipv4, network: '0.0.0.0/0', want: '0.0.0.0/0' },
  { name: 'host bits', family: ipv6, network: '2001:db8::1/32', want: '2001:db8::/32' },
  {
    name: 'a dotted quad',
    family: ipv6,
    network: '64:ff9b::192.0.2.0/120',
    want: '64:ff9b::c000:200/120',
  },
  { name: 'an address without its length', family: ipv4, network: '192.0.2.1', want: undefined },
  { name: 'a mask with holes', family: ipv4, network: '192.0.2.0/255.0.255.0', want: undefined },
  { name: 'the other family', family: ipv4, network: '2001:db8::/32', want: undefined },
];

for (const { name, family, network, want } of cases)
  test(`parseRule() ${want === undefined ? 'does not understand' : 'reads'} ${name} in a condition`, () => {
    const text = `! -s ${network} -j DROP`;
    const action = { do: 'drop' };
    assert.deepEqual(
      parseRule(text, family),
      want === undefined
        ? { text, match: undefined, action }
        : { match: [{ on: 'address', side: 'source', network: want, not: true }], action },
    );
  });
