import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { LoadedConfig } from '../../src/context/load-config.ts';
import { loadConfig } from '../../src/context/load-config.ts';
import { DEFAULT_FILE } from '../../src/config/stated-config.ts';
import type { Settings } from '../../src/config/settings.ts';
import { tempDir } from '../helpers/temp-dir.ts';

type Files = Readonly<Record<string, string>>;

const common = {
  now: Date.parse('2026-11-15T12:00:00Z'),
  isRoot: false,
  sleep: () => Promise.resolve(),
};

/** A folder with these files, and what is loaded from there. */
async function folderWith(
  t: TestContext,
  files: Files,
): Promise<{ dir: string; load: (flags?: Settings) => Promise<LoadedConfig> }> {
  const dir = await tempDir(t);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  const env = { GEOFENCE_CONFIG: join(dir, 'geofence.toml') };
  const options = { ...common, env, defaultCacheDir: join(dir, 'cache'), usesMemory: true };
  const load = async (flags: Settings = {}): Promise<LoadedConfig> => await loadConfig({ ...options, flags });
  return { dir, load };
}

const own = {
  'fences.d/main.toml': 'allow = ["CA"]\n',
  'escapes.toml': '[[escape]]\ncidr = "198.51.100.0/24"\n',
  'settings.toml': 'max_zone_age_days = 3\n',
};

test('loadConfig() takes the files of our own and that of a person together', async (t) => {
  const { dir, load } = await folderWith(t, { ...own, 'geofence.toml': 'local = false\n' });
  const { settings, origin, originOf, fileOf, policyFile, filePolicy, path, files } = await load();
  assert.deepEqual(settings.allow, ['CA']);
  assert.deepEqual(settings.allow_subnets, ['198.51.100.0/24']);
  assert.equal(settings.max_zone_age_days, 3);
  assert.equal(settings.local, false);
  assert.equal(origin, join(dir, 'fences.d/main.toml'));
  assert.equal(policyFile, origin);
  assert.equal(originOf('max_zone_age_days'), join(dir, 'settings.toml'));
  assert.equal(fileOf('local'), join(dir, 'geofence.toml'));
  assert.equal(fileOf('ipv6'), undefined);
  assert.equal(path, join(dir, 'geofence.toml'));
  assert.equal(files.length, 4);
  assert.deepEqual(filePolicy, {
    allow: ['CA'],
    allow_subnets: ['198.51.100.0/24'],
    local: false,
    max_zone_age_days: 3,
  });
});

test('loadConfig() needs no file of a person beside those of our own', async (t) => {
  const { load } = await folderWith(t, own);
  assert.deepEqual((await load()).settings.allow, ['CA']);
});

test('loadConfig() takes flags before the files of our own', async (t) => {
  const { dir, load } = await folderWith(t, own);
  const { settings, origin, originOf, fileOf, policyFile } = await load({ deny: ['RU'], allow_subnets: [] });
  assert.deepEqual([settings.allow, settings.deny, settings.allow_subnets], [undefined, ['RU'], []]);
  assert.deepEqual([origin, originOf('allow_subnets')], ['the command line', 'the command line']);
  assert.equal(fileOf('allow', 'deny'), undefined);
  assert.equal(policyFile, join(dir, 'fences.d/main.toml'));
});

test('loadConfig() adds up what always gets in, and leaves out what has ended', async (t) => {
  const { load } = await folderWith(t, {
    'geofence.toml': 'allow = "CA"\nallow_subnets = ["192.0.2.7", "198.51.100.0/24"]\n',
    'escapes.toml': [
      '[[escape]]\ncidr = "198.51.100.0/24"\nnote = "twice"\n',
      '[[escape]]\ncidr = "203.0.113.1"\nuntil = 2026-11-15T13:00:00Z\n',
      '[[escape]]\ncidr = "203.0.113.2"\nuntil = 2026-11-15T12:30:00+01:00\n',
      '[[escape]]\ncidr = "203.0.113.3"\nuntil = "2026-11-15T12:00:01Z"\n',
      '[[escape]]\ncidr = "203.0.113.4"\nuntil = "2026-11-15T12:00:00Z"\n',
    ].join(''),
  });
  const { settings, stated, filePolicy } = await load();
  const wanted = ['192.0.2.7/32', '198.51.100.0/24', '203.0.113.1/32', '203.0.113.3/32'];
  assert.deepEqual(settings.allow_subnets, wanted);
  assert.deepEqual(stated.allow_subnets, wanted);
  assert.equal(filePolicy?.allow_subnets?.length, 5);
});

for (const empty of ['', ' ']) {
  test(`loadConfig() takes GEOFENCE_CONFIG="${empty}" for unset: nothing of the working folder counts`, async (t) => {
    const { dir } = await folderWith(t, own);
    const before = process.cwd();
    t.after(() => process.chdir(before));
    process.chdir(dir);
    const env = { GEOFENCE_CONFIG: empty };
    const options = { ...common, env, defaultCacheDir: join(dir, 'cache'), usesMemory: true };
    const { path, files } = await loadConfig({ ...options, flags: {} });
    assert.equal(path, DEFAULT_FILE);
    assert.deepEqual(
      files.filter((file) => !file.path.startsWith(dirname(DEFAULT_FILE))),
      [],
    );
  });
}

interface Refused {
  readonly name: string;
  readonly files: Files;
  /** With DIR for the folder. */
  readonly message: string;
  readonly hint?: string;
}

const refused: readonly Refused[] = [
  {
    name: 'a policy in two files',
    files: { ...own, 'geofence.toml': '# mine\nlocal = true\ndeny = [\n  "RU", # them\n]\n' },
    message: 'Cannot use "DIR/geofence.toml" together with "DIR/fences.d/main.toml": both state the policy',
    hint: 'remove these lines:\n    DIR/geofence.toml:3: deny = [\n    DIR/geofence.toml:4:   "RU", # them\n    DIR/geofence.toml:5: ]',
  },
  {
    name: 'a setting in two files, also with the same value',
    files: { ...own, 'geofence.toml': '\n"max_zone_age_days" = 3 # days\n' },
    message: 'Cannot use "DIR/geofence.toml" together with "DIR/settings.toml": both state max_zone_age_days',
    hint: 'remove this line:\n    DIR/geofence.toml:2: "max_zone_age_days" = 3 # days',
  },
  {
    name: 'another setting in the file of the fence',
    files: { 'fences.d/main.toml': 'allow = ["CA"]\nlocal = true\n' },
    message:
      'Cannot use configuration "DIR/fences.d/main.toml":\n  line 2: local: only what a fence has may stand here',
  },
  {
    name: 'a fence that says nothing',
    files: { 'fences.d/main.toml': '# allow = ["CA"]\n' },
    message: 'Cannot use configuration "DIR/fences.d/main.toml":\n  neither allow nor deny stands here',
  },
  {
    name: 'both modes in the file of the fence',
    files: { 'fences.d/main.toml': 'allow = "CA"\ndeny = "RU"\n' },
    message:
      'Cannot use configuration "DIR/fences.d/main.toml":\n  line 2: deny: allow stands in the same file; a policy has one of the two',
  },
  {
    name: 'the policy and what nobody knows in the file of the other settings',
    files: { 'settings.toml': 'allow = "CA"\nip6 = true\nlocal = 1\nb = 1\n' },
    message: [
      'Cannot use configuration "DIR/settings.toml":',
      'line 1: allow: it has a file of its own: fences.d/main.toml or escapes.toml',
      'line 2: ip6: unknown setting (did you mean ipv6?)',
      'line 3: local: expected true or false, got 1',
      'line 4: b: unknown setting',
    ].join('\n  '),
  },
  {
    name: 'escapes that cannot be understood',
    files: {
      'escapes.toml':
        '[[escape]]\ncidr = "192.0.2.7"\n\n[[escape]]\nuntil = 2027-01-01\nby = "me"\n[other]\n',
    },
    message: [
      'Cannot use configuration "DIR/escapes.toml":',
      'line 4: escape: cidr: missing',
      'line 4: escape: until: expected a time such as "2027-01-31T12:00:00Z", got "2027-01-01"',
      'line 4: escape: by: unknown setting',
      'line 7: other: unknown setting',
    ].join('\n  '),
  },
  {
    name: 'an escape that is no address',
    files: { 'escapes.toml': '[[escape]]\ncidr = "192.0.2.0/33"\n' },
    message: 'Cannot use ALLOWSUBNET from DIR/escapes.toml "192.0.2.0/33": prefix length 33 is above 32',
    hint: 'examples: 192.0.2.7, 192.0.2.0/24, 2001:db8::/32',
  },
  {
    name: 'no file where one was named',
    files: { 'fences.d/main.toml~': 'allow = ["CA"]\n' },
    message: 'Cannot read configuration "DIR/geofence.toml": no such file',
  },
];

for (const { name, files, message, hint } of refused) {
  test(`loadConfig() refuses ${name}`, async (t) => {
    const { dir, load } = await folderWith(t, files);
    const inDir = (text: string): string => text.replaceAll('DIR', dir);
    await assert.rejects(load({ concurrency: 1 }), {
      message: inDir(message),
      hint: hint === undefined ? undefined : inDir(hint),
      exitCode: 2,
    });
    for (const [file, text] of Object.entries(files))
      assert.equal(await readFile(join(dir, file), 'utf8'), text);
  });
}

test('loadConfig() refuses a configuration file with a name that is for ours', async (t) => {
  const { dir } = await folderWith(t, own);
  const loading = loadConfig({
    ...common,
    flags: {},
    configFile: join(dir, 'settings.toml'),
    env: {},
    defaultCacheDir: dir,
    usesMemory: false,
  });
  await assert.rejects(loading, { exitCode: 2, message: /that name is for what geofence writes/ });
});

test('loadConfig() names the files that state fences where no fence is stated at the top level', async (t) => {
  const ssh = { 'fences.d/ssh.toml': 'allow = ["CA"]\nports = ["tcp/22"]\n' };
  const one = await folderWith(t, ssh);
  assert.equal((await one.load()).origin, join(one.dir, 'fences.d/ssh.toml'));
  const web = { 'fences.d/web.toml': 'allow = "*"\nports = ["tcp/80"]\n' };
  const two = await folderWith(t, { ...ssh, ...web });
  assert.equal((await two.load()).origin, `2 files in ${join(two.dir, 'fences.d')}`);
  const three = await folderWith(t, {
    ...ssh,
    ...web,
    'geofence.toml': '[[fence]]\nname = "ftp"\nallow = "CA"\nports = ["tcp/21"]\n',
  });
  assert.equal(
    (await three.load()).origin,
    `${join(three.dir, 'geofence.toml')} and 2 files in ${join(three.dir, 'fences.d')}`,
  );
});

test('loadConfig() keeps the fence that the last refresh was told beside further ones in files', async (t) => {
  const { load } = await folderWith(t, { 'fences.d/ssh.toml': 'allow = "CA"\nports = ["tcp/22"]\n' });
  const { memory } = await load();
  const settings = { allow: ['DE'] };
  await memory.policy.write({ settings, inForce: settings, forced: [] });
  const { policy, origin } = await load();
  assert.deepEqual(
    policy?.fences.map(({ name }) => name),
    ['main', 'ssh'],
  );
  assert.equal(origin, 'the last refresh');
});
