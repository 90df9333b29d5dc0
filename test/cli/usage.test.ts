import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCli } from '../helpers/cli.ts';
import { tempDir } from '../helpers/temp-dir.ts';

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  readonly config?: string;
  readonly exitCode?: number;
  readonly stderr: RegExp;
}

const cases: readonly Case[] = [
  {
    name: 'no mode anywhere',
    args: ['refresh'],
    stderr:
      /Cannot tell whom to let in: .*\n.*hint: for example:\n.*refresh --allow CA .*\n.*refresh --deny RU,CN/,
  },
  {
    name: 'both modes at once',
    args: ['refresh', '--allow', 'CA', '--deny', 'RU'],
    stderr: /^geofence: Cannot use --allow and --deny together: a policy has one of the two\n$/,
  },
  {
    name: 'a country code that people confuse',
    args: ['refresh', '--allow', 'UK'],
    stderr:
      /Cannot select country "UK" from the command line: not an ISO 3166-1 alpha-2 code\n {2}hint: did you mean GB \(United Kingdom\)\?\n$/,
  },
  {
    name: 'a country by its name',
    args: ['refresh', '--allow', 'canada'],
    stderr: /Cannot select country "canada" .*\n {2}hint: did you mean CA \(Canada\)\?/,
  },
  {
    name: 'a pseudo code of the sources',
    args: ['refresh', '--deny', 'ZZ'],
    stderr: /Cannot select country "ZZ" from the command line/,
  },
  {
    name: 'a group without its sign',
    args: ['refresh', '--allow', 'eu'],
    stderr: /hint: did you mean @eu\?/,
  },
  {
    name: 'an unknown group',
    args: ['refresh', '--allow', '@europ'],
    stderr:
      /Cannot select countries "@europ" .*: no such group\n {2}hint: did you mean @europe\? groups are @africa/,
  },
  {
    name: 'a selection that is empty after taking away',
    args: ['refresh', '--allow', 'CA !CA'],
    stderr: /Cannot use allow "CA !CA" from the command line: it names no country/,
  },
  {
    name: 'a malformed CIDR',
    args: ['refresh', '--allow', 'CA', '--allow-subnet', '192.0.2.0/33'],
    stderr:
      /Cannot use ALLOWSUBNET from the command line "192.0.2.0\/33": prefix length 33 is above 32\n {2}hint: examples: /,
  },
  {
    name: 'a malformed ALLOWSUBNET in the environment',
    args: ['refresh', '--allow', 'CA'],
    env: { ALLOWSUBNET: '192.0.2.0/24 nonsense' },
    stderr: /Cannot use ALLOWSUBNET from the environment "nonsense": not an IPv4 or IPv6 address or CIDR/,
  },
  {
    name: 'a negative age',
    args: ['refresh', '--allow', 'CA', '--max-zone-age', '-1'],
    stderr: /Cannot use --max-zone-age "-1": expected a number of days, at least 0/,
  },
  {
    name: 'a negative age in the environment',
    args: ['refresh', '--allow', 'CA'],
    env: { MAXZONEAGE: '-6' },
    stderr: /Cannot use MAXZONEAGE "-6": expected a number of days, at least 0/,
  },
  {
    name: 'a deadline beyond what a timer can hold',
    config: 'deadline_seconds = 2147484\n',
    args: ['refresh', '--allow', 'CA'],
    stderr: /deadline_seconds: expected a number of seconds above 0, at most 2147483, got 2147484/,
  },
  {
    name: 'no concurrency at all',
    args: ['refresh', '--allow', 'CA', '--concurrency', '0'],
    stderr: /Cannot use --concurrency "0": expected a whole number, 1 to 64/,
  },
  {
    name: 'an unknown guard',
    args: ['refresh', '--allow', 'CA', '--force', 'everything'],
    stderr:
      /Cannot use --force "everything": no such guard\n {2}hint: guards are empty-set, too-wide, zone-shrank, /,
  },
  {
    name: 'an unknown option, with the one that was meant',
    args: ['refresh', '--alow', 'CA'],
    stderr: /^geofence: unknown option '--alow'\n\(Did you mean --allow\?\)\n$/,
  },
  {
    name: 'an unknown command',
    args: ['refrehs'],
    stderr: /^geofence: unknown command 'refrehs'\n\(Did you mean refresh\?\)\n$/,
  },
  {
    name: 'check of something else',
    args: ['check', '--allow', 'CA', '192.0.2.300'],
    stderr: /Cannot check "192.0.2.300": not an IPv4 or IPv6 address, nor a host name/,
  },
  {
    name: 'a configuration with many mistakes: all at once, with line and suggestion',
    args: ['refresh', '--allow', 'CA'],
    config:
      '# mine\nallow_subnet = ["192.0.2.0/24"]\nmax_zone_age_days = -1\nipv6 = "yes"\nsources = ["ipdny"]\n',
    stderr: new RegExp(
      [
        'Cannot use configuration ".*geofence.toml":',
        '  line 2: allow_subnet: unknown setting \\(did you mean allow_subnets\\?\\)',
        '  line 3: max_zone_age_days: expected a number of days, at least 0, got -1',
        '  line 4: ipv6: expected true or false, got "yes"',
        '  line 5: sources: expected one of ipdeny, ipverse, got "ipdny"',
      ].join('\n'),
    ),
  },
  {
    name: 'a configuration with both modes',
    args: ['refresh'],
    config: 'allow = ["CA"]\ndeny = ["RU"]\n',
    stderr: /line 2: deny: allow stands in the same file/,
  },
  {
    name: 'a configuration that is no TOML',
    args: ['refresh'],
    config: 'allow = [CA]\n',
    stderr: /Cannot read configuration ".*geofence.toml": line 1, column 10: /,
  },
  {
    name: 'a country in the configuration that is none',
    args: ['refresh'],
    config: 'deny = "RU, XX"\n',
    stderr: /Cannot select country "XX" from .*geofence.toml: not an ISO 3166-1 alpha-2 code/,
  },
  {
    name: 'a configuration that is not there',
    args: ['refresh', '--config', '/nonexistent/geofence.toml'],
    stderr: /Cannot read configuration "\/nonexistent\/geofence.toml": no such file/,
  },
];

for (const { name, args, env = {}, config, exitCode = 2, stderr } of cases) {
  test(`geofence refuses ${name}`, async (t) => {
    const dir = await tempDir(t);
    const cache = join(dir, 'cache');
    await mkdir(cache);
    const file = join(dir, 'geofence.toml');
    if (config !== undefined) await writeFile(file, config);
    const result = await runCli(args, {
      GEOFENCE_CACHE_DIR: cache,
      ...(config === undefined ? {} : { GEOFENCE_CONFIG: file }),
      ...env,
    });
    assert.match(result.stderr, stderr);
    assert.equal(result.exitCode, exitCode);
    assert.equal(result.stdout, '');
    assert.doesNotMatch(result.stderr, /\n {4}at /, 'an expected error has no stack');
    assert.deepEqual(await readdir(cache), [], 'nothing was written');
  });
}

test('geofence says that a configuration is a folder', async (t) => {
  const dir = await tempDir(t);
  const result = await runCli(['status', '--config', dir]);
  assert.match(result.stderr, /Cannot read configuration ".*": it is a folder/);
  assert.equal(result.exitCode, 2);
});

test('geofence --help and --version answer on stdout with exit code 0', async () => {
  const help = await runCli(['--help']);
  assert.match(help.stdout, /refresh \[options\]/);
  assert.deepEqual(
    help.stdout.split('\n').filter((line) => line.length > 80),
    [],
    'no line is longer than a terminal is wide',
  );
  const version = await runCli(['--version']);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  for (const { exitCode, stderr } of [help, version]) {
    assert.equal(exitCode, 0);
    assert.equal(stderr, '');
  }
});

test('geofence without a command shows its help and fails', async () => {
  const { exitCode, stderr } = await runCli([]);
  assert.match(stderr, /Usage: geofence/);
  assert.equal(exitCode, 2);
});
