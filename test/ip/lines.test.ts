import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipv6 } from '../../src/ip/family.ts';
import { formatLines } from '../../src/ip/lines.ts';
import { formatBounds, prefixes } from '../../src/ip/prefixes.ts';
import { boundsIn } from '../helpers/states.ts';

test('formatLines() writes each network between two texts, however many there are', () => {
  const networks = Array.from({ length: 5000 }, (_, i) => `2001:db8:${(2 * i).toString(16)}::/48`);
  const bounds = boundsIn(ipv6, networks);
  const want = formatBounds(bounds).map((network) => `add "${network}" now\n`);
  assert.equal(want.length, 5000);
  assert.equal(formatLines(prefixes(bounds), 'add "', '" now'), want.join(''));
  assert.equal(formatLines(prefixes(boundsIn(ipv6, [])), 'add "', '" now'), '');
});
