import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderHeader } from '../../src/firewall/ipset/set-header.ts';
import { parseListedSets } from '../../src/firewall/ipset/parse-sets.ts';
import { parseSavedSets } from '../helpers/saved-sets.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';

const parse = (...lines: string[]): { name: string; header: string; networks: string[] } => {
  const [set] = parseSavedSets(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  const { name, shape, bounds } = set ?? assert.fail('no set');
  return {
    name,
    header: shape.kind === 'other' ? shape.extras : renderHeader(shape),
    networks: bounds === undefined ? [] : formatBounds(bounds),
  };
};

const create = (name: string, options: string): string =>
  `create ${name} ${options} hashsize 1024 maxelem 65536 bucketsize 12 initval 0x3e74bf5c`;

const name = 'geofence-main-allow-4';
const header = 'hash:net family inet';

const cases: { title: string; lines: string[]; want: ReturnType<typeof parse> }[] = [
  { title: 'an empty set', lines: [create(name, header)], want: { name, header, networks: [] } },
  {
    title: 'networks and single addresses in any order',
    lines: [create(name, header), `add ${name} 198.51.100.7`, `add ${name} 192.0.2.0/24`],
    want: { name, header, networks: ['192.0.2.0/24', '198.51.100.7/32'] },
  },
  {
    title: 'networks inside others as one',
    lines: [create(name, header), `add ${name} 192.0.2.0/25`, `add ${name} 192.0.2.0/24`],
    want: { name, header, networks: ['192.0.2.0/24'] },
  },
  {
    title: 'two halves as everything',
    lines: [create(name, header), `add ${name} 0.0.0.0/1`, `add ${name} 128.0.0.0/1`],
    want: { name, header, networks: ['0.0.0.0/0'] },
  },
  {
    title: 'IPv6',
    lines: [
      create('geofence-escape-6', 'hash:net family inet6'),
      'add geofence-escape-6 2001:db8::/32',
      'add geofence-escape-6 ::1',
    ],
    want: {
      name: 'geofence-escape-6',
      header: 'hash:net family inet6',
      networks: ['::1/128', '2001:db8::/32'],
    },
  },
  {
    title: 'IPv6 with a dotted quad, as inet_ntop(3) writes some',
    lines: [
      create('geofence-escape-6', 'hash:net family inet6'),
      'add geofence-escape-6 ::ffff:192.0.2.0/120',
      'add geofence-escape-6 ::198.51.100.7',
    ],
    want: {
      name: 'geofence-escape-6',
      header: 'hash:net family inet6',
      networks: ['::c633:6407/128', '::ffff:c000:200/120'],
    },
  },
  {
    title: 'exceptions',
    lines: [create(name, header), `add ${name} 192.0.2.64/26 nomatch`, `add ${name} 192.0.2.0/24`],
    want: { name, header, networks: ['192.0.2.0/26', '192.0.2.128/25'] },
  },
  {
    title: 'counters and comments of entries',
    lines: [
      'create geofence-main-allow-4 hash:net family inet hashsize 1024 maxelem 65536 counters comment bucketsize 12 initval 0x1',
      `add ${name} 192.0.2.0/24 packets 3 bytes 252 comment "all"`,
      `add ${name} 192.0.2.0/25 packets 0 bytes 0 nomatch comment "but these"`,
    ],
    want: { name, header: 'hash:net family inet counters comment', networks: ['192.0.2.128/25'] },
  },
  {
    title: 'the header of a set whose entries are no networks',
    lines: [
      'create geofence-main-allow-4 hash:net,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1',
      `add ${name} 192.0.2.0/24,tcp:80`,
    ],
    want: { name, header: 'hash:net,port', networks: [] },
  },
  {
    title: 'a set of another type',
    lines: [create(name, 'hash:ip family inet'), `add ${name} 192.0.2.1`],
    want: { name, header: 'hash:ip family inet', networks: ['192.0.2.1/32'] },
  },
];

for (const { title, lines, want } of cases) {
  test(`parseSavedSets() reads ${title}`, () => assert.deepEqual(parse(...lines), want));
}

test('parseSavedSets() reads a last line without its end', () => {
  const text = `${create(name, header)}\nadd ${name} 192.0.2.0/24`;
  const sets = parseSavedSets(Buffer.from(text));
  assert.deepEqual(
    sets.map(({ bounds }) => formatBounds(bounds!)),
    [['192.0.2.0/24']],
  );
});

test('parseSavedSets() reads one set after the other', () => {
  const sets = [
    [create('geofence-escape-6', 'hash:net family inet6'), 'add geofence-escape-6 2001:db8::/32'],
    [create('empty', header)],
    [create(name, header), `add ${name} 192.0.2.0/24`, `add ${name} 198.51.100.7`],
  ];
  const text = sets.map((lines) => `${lines.join('\n')}\n`).join('');
  assert.deepEqual(
    parseSavedSets(Buffer.from(text)).map((set) => [set.name, formatBounds(set.bounds!)]),
    [
      ['geofence-escape-6', ['2001:db8::/32']],
      ['empty', []],
      [name, ['192.0.2.0/24', '198.51.100.7/32']],
    ],
  );
  assert.deepEqual(parseSavedSets(Buffer.from('')), []);
});

test('SavedSets reads the same from chunks, wherever they are cut', () => {
  const text = Buffer.from(
    [
      create(name, header),
      `add ${name} 192.0.2.0/24`,
      `add ${name} 198.51.100.7`,
      `add ${name} 192.0.2.128/25 nomatch`,
      create('geofence-escape-6', 'hash:net family inet6'),
      'add geofence-escape-6 2001:db8::/32',
      'add geofence-escape-6 2001:db8:1::1',
      'add geofence-escape-6 2001:dc8::/33',
      '',
    ].join('\n'),
  );
  const whole = parseSavedSets(text);
  assert.deepEqual(
    whole.map(({ bounds }) => formatBounds(bounds!)),
    [
      ['192.0.2.0/25', '198.51.100.7/32'],
      ['2001:db8::/32', '2001:dc8::/33'],
    ],
  );
  for (let cut = 0; cut <= text.length; cut++)
    assert.deepEqual(parseSavedSets(text.subarray(0, cut), text.subarray(cut)), whole, `cut at ${cut}`);
  assert.deepEqual(parseSavedSets(...Array.from(text, (byte) => Uint8Array.of(byte))), whole);
});

const listed = (set: string, entries: number): string => `Name: ${set}
Type: hash:net
Revision: 7
Header: family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0xd35e9b5c
Size in memory: 504
References: 0
Number of entries: ${entries}
`;

test('parseListedSets() reads what list -t tells of each set', () => {
  const found = parseListedSets(`${listed('a', 70_000)}\n${listed('b', 0)}`);
  assert.deepEqual(
    [...found].map(([set, { shape, entries }]) => [set, renderHeader(shape), entries]),
    [
      ['a', 'hash:net family inet', 70_000],
      ['b', 'hash:net family inet', 0],
    ],
  );
  assert.match(found.get('a')?.text ?? '', /^Name: a\n.*Number of entries: 70000\n\n$/s);
});
