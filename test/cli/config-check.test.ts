import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { settingNames } from '../../src/config/settings.ts';
import type { ConfigReport } from '../../src/report/config.ts';
import type { CliResult } from '../helpers/cli.ts';
import { runCli } from '../helpers/cli.ts';
import { tempDir } from '../helpers/temp-dir.ts';

async function check(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<CliResult & { dir: string }> {
  const dir = await tempDir(t);
  await mkdir(join(dir, 'fences.d'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  const variables = { GEOFENCE_CONFIG: join(dir, 'geofence.toml'), GEOFENCE_STATE_DIR: '/nonexistent/state' };
  const result = await runCli(['config', 'check', ...args], { ...variables, ...env });
  return { ...result, stdout: result.stdout.replaceAll(dir, '/etc/geofence'), dir };
}

const files = {
  'geofence.toml': '# mine\nallow_subnets = [\n  "192.0.2.7", # the office\n]\nsources = ["ipverse"]\n',
  'fences.d/main.toml': '# ours\n\nallow = ["CA"]\n',
  'escapes.toml': '# ours\n\n[[escape]]\ncidr = "2001:db8::/32"\n',
};

test('geofence config check says what each setting is, and where it is stated', async (t) => {
  const { stdout, stderr, exitCode } = await check(t, files, ['--no-local', '--cache-dir', '/x'], {
    MAXZONEAGE: '3',
  });
  const rows = stdout.split('\n');
  const byDefault = rows.filter((row) => row.endsWith('  default'));
  assert.ok(byDefault.includes('ipv6                       true                  default'));
  assert.ok(byDefault.includes('deny                       none                  default'));
  assert.equal(byDefault.length, settingNames.length - 7);
  assert.equal(
    rows.filter((row) => !byDefault.includes(row)).join('\n'),
    `\
allow                      CA                    /etc/geofence/fences.d/main.toml:3
allow_subnets              192.0.2.7/32, 2001:db8::/32
                                                 /etc/geofence/geofence.toml:2
                                                 /etc/geofence/escapes.toml:3
local                      false                 --no-local
sources                    ipverse               /etc/geofence/geofence.toml:5
max_zone_age_days          3                     MAXZONEAGE
cache_dir                  /x                    --cache-dir
state_dir                  /nonexistent/state    GEOFENCE_STATE_DIR
`,
  );
  assert.equal(stderr, '');
  assert.equal(exitCode, 0);
});

test('geofence config check --json tells the same', async (t) => {
  const { stdout, exitCode } = await check(t, files, ['--json']);
  const { ok, settings, problems, files: read } = JSON.parse(stdout) as ConfigReport;
  assert.deepEqual([ok, problems, exitCode], [true, [], 0]);
  assert.deepEqual(
    read,
    ['geofence.toml', 'fences.d/main.toml', 'escapes.toml'].map((name) => `/etc/geofence/${name}`),
  );
  const row = settings.find(({ name }) => name === 'allow');
  assert.deepEqual(row?.value, ['CA']);
  assert.deepEqual(row?.origins, [{ kind: 'file', file: '/etc/geofence/fences.d/main.toml', line: 3 }]);
  assert.equal(row?.changesFence, true);
  assert.deepEqual(
    settings.find(({ name }) => name === 'mirror'),
    { name: 'mirror', value: null, otherwise: 'none', origins: [{ kind: 'default' }], changesFence: false },
  );
});

test('geofence config check tells all that is wrong, with file and line', async (t) => {
  const { stdout, stderr, exitCode } = await check(t, {
    'geofence.toml': '\nallow_subnet = []\nlocal = 1\n',
    'fences.d/main.toml': 'allow = [\n  "CA",\n  "XX",\n]\n',
    'fences.d/web.toml': 'allow = "*"\nports = "tcp/70000"\n',
    'fences.d/Web.toml': 'allow = "*"\n',
    'fences.d/mail.toml': 'alow = "*"\n',
    'escapes.toml': '\n[[escape]]\ncidr = "192.0.2.7/64"\n',
    'settings.toml': 'ipv6 = \n',
  });
  assert.equal(
    stdout,
    `\
/etc/geofence/geofence.toml:2: allow_subnet: unknown setting (did you mean allow_subnets?)
/etc/geofence/geofence.toml:3: local: expected true or false, got 1
/etc/geofence/settings.toml:1: column 8: invalid value
/etc/geofence/fences.d/mail.toml:1: alow: unknown setting (did you mean allow?)
/etc/geofence/fences.d/main.toml:1: Cannot select country "XX" from /etc/geofence/fences.d/main.toml: not an ISO 3166-1 alpha-2 code
  hint: codes have two letters, such as CA or DE; groups start with "@", such as @eu
/etc/geofence/escapes.toml:2: Cannot use ALLOWSUBNET from /etc/geofence/escapes.toml "192.0.2.7/64": prefix length 64 is above 32
  hint: examples: 192.0.2.7, 192.0.2.0/24, 2001:db8::/32
/etc/geofence/fences.d/Web.toml: Cannot use fence "Web" from /etc/geofence/fences.d/Web.toml: it cannot be part of the name of a set, of which the kernel takes 31 characters
  hint: a name has 1 to 10 of a to z, 0 to 9 and "-", and does not begin with "-"
/etc/geofence/fences.d/web.toml: Cannot use port "tcp/70000" from /etc/geofence/fences.d/web.toml: ports go from 1 to 65535
`,
  );
  assert.equal(stderr, '');
  assert.equal(exitCode, 2);
});

test('geofence config check shows the line to remove where two files state the same', async (t) => {
  const { stdout, exitCode } = await check(t, { ...files, 'geofence.toml': 'deny = "RU" # them\n' });
  assert.equal(
    stdout,
    `\
/etc/geofence/geofence.toml:1: deny: "/etc/geofence/fences.d/main.toml" states the policy, too
  hint: remove this line:
    /etc/geofence/geofence.toml:1: deny = "RU" # them
`,
  );
  assert.equal(exitCode, 2);
});

for (const { name, args, env = {}, wanted } of [
  {
    name: 'a variable',
    args: [],
    env: { MAXZONEAGE: 'often' },
    wanted: 'Cannot use MAXZONEAGE "often": expected a number of days, at least 0\n',
  },
  {
    name: 'options together',
    args: ['--allow', 'CA', '--deny', 'RU'],
    wanted: 'Cannot use --allow and --deny together: a policy has one of the two\n',
  },
]) {
  test(`geofence config check tells what is wrong with ${name}`, async (t) => {
    const { stdout, exitCode } = await check(t, {}, [...args, '--config', '/dev/null'], env);
    assert.equal(stdout, wanted);
    assert.equal(exitCode, 2);
  });
}

test('geofence config without a command shows what there is', async () => {
  const { exitCode, stderr } = await runCli(['config']);
  assert.match(stderr, /Usage: geofence config .*\n[^]*check \[options\]/);
  assert.equal(exitCode, 2);
});
