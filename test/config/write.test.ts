import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from '../../src/config/parse.ts';
import type { Settings } from '../../src/config/settings.ts';
import { writeConfig } from '../../src/config/write.ts';

const PATH = 'geofence.toml';

test('writeConfig() writes a new file with a comment above each setting', () => {
  const text = writeConfig(PATH, undefined, { allow: ['CA', 'US'], allow_subnets: [], ipv6: true });
  assert.equal(
    text,
    `\
# What geofence keeps the firewall of this host to. "geofence init" edits this
# file and leaves your comments alone; "geofence refresh" applies it.

# "allow": only these countries get in; "deny": these do not. One of the two.
allow = ["CA", "US"]

# Addresses and networks that always get in.
allow_subnets = []

# Whether IPv6 is fenced too; it stays open with false.
ipv6 = true
`,
  );
});

interface Case {
  readonly name: string;
  readonly before: string;
  readonly wanted: Settings;
  readonly after: string;
}

const cases: readonly Case[] = [
  {
    name: 'leaves a file alone that says the same in other words',
    before: 'deny = "cn, RU"\nallow_subnets = ["192.0.2.7", "2001:DB8::/32"]\n',
    wanted: { deny: ['RU', 'CN'], allow_subnets: ['192.0.2.7/32', '2001:db8::/32'], ipv6: true },
    after: 'deny = "cn, RU"\nallow_subnets = ["192.0.2.7", "2001:DB8::/32"]\n',
  },
  {
    name: 'changes a value between its key and its comment',
    before: '# ours\n  "allow"  =\t[ "CA" ]   # since May\nlocal=true\n',
    wanted: { allow: ['CA', 'US'] },
    after: '# ours\n  "allow"  =\t["CA", "US"]   # since May\nlocal=true\n',
  },
  {
    name: 'puts the other mode in the place of the one',
    before: 'ipv6 = true\n# who\nallow = ["CA"] # friends\nlocal = false\n',
    wanted: { deny: ['RU'] },
    after: 'ipv6 = true\n# who\ndeny = ["RU"] # friends\nlocal = false\n',
  },
  {
    name: 'adds a setting at the end, with its comment',
    before: 'allow = "CA"',
    wanted: { ipv6: false },
    after: 'allow = "CA"\n\n# Whether IPv6 is fenced too; it stays open with false.\nipv6 = false\n',
  },
  {
    name: 'adds a setting where it stands commented out, but not in a text over several lines',
    before:
      'mirror = \'http://m/#ipv6\'\nallow = """CA\n# ipv6 = true\\\n"""\n# why\n#ipv6 = true\nlocal = true\n',
    wanted: { ipv6: false },
    after:
      'mirror = \'http://m/#ipv6\'\nallow = """CA\n# ipv6 = true\\\n"""\n# why\nipv6 = false\n#ipv6 = true\nlocal = true\n',
  },
  {
    name: 'edits a list with an item on each line, line by line',
    before:
      'allow_subnets = [ # always\n    # people\n    "192.0.2.7", # the office\n\n    \'198.51.100.0/24\' # branches\n  ] # end\nipv6 = true\n',
    wanted: { allow_subnets: ['198.51.100.0/24', '203.0.113.9/32'] },
    after:
      'allow_subnets = [ # always\n    # people\n\n    \'198.51.100.0/24\', # branches\n    "203.0.113.9/32",\n  ] # end\nipv6 = true\n',
  },
  {
    name: 'writes a list anew that stands on several lines without comments',
    before: 'allow = ["CA",\n  "US", "GB"\n]\nlocal = true\n',
    wanted: { allow: ['CA'] },
    after: 'allow = ["CA"]\nlocal = true\n',
  },
  {
    name: 'keeps the line ends of Windows',
    before: '# mine\r\nallow_subnets = [\r\n  "192.0.2.7"\r\n]\r\n# ipv6 = true\r\n',
    wanted: { allow_subnets: ['192.0.2.7/32', '192.0.2.8/32'], ipv6: false, local: false },
    after:
      '# mine\r\nallow_subnets = [\r\n  "192.0.2.7",\r\n  "192.0.2.8/32",\r\n]\r\nipv6 = false\r\n# ipv6 = true\r\n\r\n# Whether local addresses (private, link-local, ...) always get in.\r\nlocal = false\r\n',
  },
];

for (const { name, before, wanted, after } of cases) {
  test(`writeConfig() ${name}`, () => {
    assert.equal(writeConfig(PATH, before, wanted), after);
  });
}

test('writeConfig() breaks a long list into lines', () => {
  const codes = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT'.split(' ');
  const text = writeConfig(PATH, '', { allow: codes });
  assert.ok(text.split('\n').every((line) => line.length <= 80));
  assert.deepEqual(parseConfig(PATH, text), { allow: codes });
});

for (const { name, before, reason } of [
  {
    name: 'a list whose comments would be lost',
    before: 'allow = ["US", # one\n"CA", "GB"]\n',
    reason: /the list "allow" has comments, and not one item on each line/,
  },
  {
    name: 'a key written with escapes',
    before: '"all\\u006Fw" = ["US"]\n',
    reason: /trying to redefine an already defined|allow stands in the same file|layout/,
  },
]) {
  test(`writeConfig() refuses ${name}, and says what to write`, () => {
    assert.throws(() => writeConfig(PATH, before, { allow: ['CA'], ipv6: false }), {
      exitCode: 2,
      message: new RegExp(`^Cannot edit "geofence.toml": .*(${reason.source})`, 's'),
      hint: 'write this there by hand:\n    allow = ["CA"]\n    ipv6 = false',
    });
  });
}

const countries = fc.subarray(['CA', 'US', '@eu', '!HU', 'RU'], { minLength: 1 });
const subnets = fc.subarray(['192.0.2.7/32', '198.51.100.0/24', '2001:db8::/32', '203.0.113.9/32']);
const wantedSettings = fc
  .record({
    mode: fc.constantFrom('allow', 'deny'),
    countries,
    allow_subnets: subnets,
    ipv6: fc.boolean(),
    local: fc.boolean(),
    mirror: fc.constantFrom('https://mirror.example/#a', 'http://m/"quoted"\\'),
  })
  .map(({ mode, countries: codes, ...rest }): Settings => ({ [mode]: codes, ...rest }));

/** Lists as people lay them out. */
const listText = (items: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(
    JSON.stringify(items),
    `[ ${items.map((item) => `'${item}',`).join(' ')} ]`,
    `[\n${items.map((item) => `\t"${item}", # ${item}]"\n`).join('')}] # list`,
    `[ # "\n\n${items.map((item) => `"${item}"`).join(',\n')}\n]`,
    `"""${items.join(', \\\n')}"""`,
  );

const statement = fc.oneof(
  countries.chain(listText).map((text) => `allow = ${text}`),
  subnets.chain(listText).map((text) => `  'allow_subnets'=${text}`),
  fc.constantFrom('ipv6 = false # for now', '"ipv6" = true', 'local = false', 'max_zone_age_days = 1_0.5'),
  fc.constantFrom('ssh_ports = [\n22, # one\n2222]', "mirror = 'http://m/#[' # ]", 'iptables = "nft"'),
);
const filler = fc.constantFrom('', '# remark', '#ipv6 = true', '  # allow = ["CA"]', '\t', '# "');
const document = fc
  .tuple(
    fc.uniqueArray(statement, { selector: (text) => /\w+/.exec(text)?.[0] }),
    fc.array(filler),
    fc.boolean(),
    fc.constantFrom('', '\n'),
  )
  .chain(([statements, fillers, isWindows, end]) =>
    fc
      .shuffledSubarray([...statements, ...fillers], { minLength: statements.length + fillers.length })
      .map((lines) => (lines.join('\n') + end).replaceAll('\n', isWindows ? '\r\n' : '\n')),
  );

/** Lists as sets of words, as they are understood. */
const meaning = (settings: Settings): unknown =>
  Object.fromEntries(
    Object.entries({ allow_subnets: [], ipv6: true, local: true, ...settings }).map(([key, value]) => [
      key,
      Array.isArray(value) && key !== 'ssh_ports'
        ? value
            .map(String)
            .flatMap((text) => text.split(/[\s,]+/))
            .filter((word) => word !== '')
            .sort()
        : value,
    ]),
  );

const remarksIn = (text: string): string[] => text.split(/\r?\n/).filter((line) => /^\s*#/.test(line));

test('writeConfig() makes any file say what is wanted, keeps what else it says, and its remarks', () => {
  fc.assert(
    fc.property(document, wantedSettings, (before, wanted) => {
      const stated = parseConfig(PATH, before);
      const after = writeConfig(PATH, before, wanted);
      const { allow: _allow, deny: _deny, ...others } = stated;
      assert.deepEqual(meaning(parseConfig(PATH, after)), meaning({ ...others, ...wanted }));
      const remarks = remarksIn(after);
      for (const line of remarksIn(before)) assert.ok(remarks.includes(line), line);
      assert.equal(writeConfig(PATH, after, wanted), after, 'nothing is left to do');
    }),
    { numRuns: 500 },
  );
});
