import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggestEscapes } from '../../src/setup/suggest-escapes.ts';
import type { TypedNetwork } from '../../src/config/network.ts';
import { parseNetwork } from '../../src/config/network.ts';
import { defaults } from '../../src/config/settled.ts';

interface Case {
  readonly name: string;
  readonly current?: readonly string[];
  readonly local?: boolean;
  readonly peer?: string;
  readonly networks?: readonly string[];
  readonly escapes: readonly string[];
  readonly remarks: readonly string[];
}

const LOCAL = 'Local addresses (private, link-local, ...) get in anyway';

const cases: readonly Case[] = [
  { name: 'nothing where there is nothing to say', escapes: [], remarks: [`${LOCAL}.`] },
  {
    name: 'the address one is connected from, after what is there',
    current: ['198.51.100.0/24'],
    peer: '203.0.113.5',
    escapes: ['198.51.100.0/24', '203.0.113.5/32'],
    remarks: [`${LOCAL}.`, 'You are connected from 203.0.113.5.'],
  },
  {
    name: 'no local networks, for they are covered',
    peer: '10.1.2.3',
    networks: ['10.1.0.0/16', 'fe80::/64'],
    escapes: [],
    remarks: [
      `${LOCAL}, and this host is on 10.1.0.0/16, fe80::/64.`,
      'You are connected from 10.1.2.3, which gets in anyway.',
    ],
  },
  {
    name: 'local networks where they are fenced',
    local: false,
    peer: '10.1.2.3',
    networks: ['10.1.0.0/16'],
    escapes: ['10.1.2.3/32', '10.1.0.0/16'],
    remarks: ['This host is on 10.1.0.0/16.', 'You are connected from 10.1.2.3.'],
  },
  {
    name: 'no network that may be shared, nor one that is among the escapes',
    current: ['198.51.100.0/24', '2001:db8::/32'],
    peer: '2001:db8::5',
    networks: ['192.0.2.0/24', '198.51.100.64/26', '2001:db8:1::/64'],
    escapes: ['198.51.100.0/24', '2001:db8::/32'],
    remarks: [
      `${LOCAL}.`,
      'You are connected from 2001:db8::5, which gets in anyway.',
      'This host is on 192.0.2.0/24 too: name it only if you trust everybody there.',
    ],
  },
];

const read = (text: string): TypedNetwork => parseNetwork(text, 'the network');

for (const { name, current = [], local = true, peer, networks = [], ...want } of cases) {
  test(`suggestEscapes() suggests ${name}`, () => {
    const settings = { ...defaults, allow_subnets: [...current], local };
    const around = { peer: peer === undefined ? undefined : read(peer), networks: networks.map(read) };
    assert.deepEqual(suggestEscapes(settings, around), want);
  });
}
