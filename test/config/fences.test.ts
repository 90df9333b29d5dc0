import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { LoadedConfig } from '../../src/context/load-config.ts';
import { loadConfig } from '../../src/context/load-config.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { formatBounds } from '../../src/ip/prefixes.ts';
import { everything } from '../../src/policy/scope.ts';
import { fenceOf } from '../helpers/fences.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** Loads a configuration of these files, and reads "DIR" in messages for their folder. */
async function load(t: TestContext, files: Readonly<Record<string, string>>): Promise<LoadedConfig> {
  const dir = await tempDir(t);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  try {
    return await loadConfig({
      flags: {},
      configFile: join(dir, 'geofence.toml'),
      env: { GEOFENCE_STATE_DIR: join(dir, 'state') },
      defaultCacheDir: join(dir, 'cache'),
      now: 0,
      isRoot: false,
      sleep: async () => {},
      usesMemory: true,
    });
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replaceAll(dir, 'DIR');
    throw error;
  }
}

const tcp = (from: number, to = from) => ({ protocol: 'tcp', ranges: [{ from, to }] }) as const;

test('fences stand in the configuration file and in fences.d, and all of them count', async (t) => {
  const { policy } = await load(t, {
    'geofence.toml': `
allow = ["CA"]
log_drops = true
[[fence]]
name = "cameras"
deny = ["@asia", "!JP"]
interfaces = ["wan0", "ppp*", "!ppp9"]
preview = true
allow_subnets = "192.0.2.0/24 2001:db8::/32"
description = "what they send home"
[[fence]]
name = "ssh"
allow = ["DE"]
ports = "ssh, tcp/2222"
log = false
`,
    'fences.d/web.toml': 'allow = "*"\nports = ["tcp/80", "tcp/443", "udp/443"]\n',
  });
  const [main, cameras, ssh, web, ...others] = policy?.fences ?? [];
  assert.deepEqual(main, fenceOf({ logs: true }));
  assert.deepEqual(
    ssh,
    fenceOf({
      name: 'ssh',
      countries: ['DE'],
      scope: {
        interfaces: [],
        ports: [{ protocol: 'tcp', ranges: [tcp(22).ranges[0], tcp(2222).ranges[0]] }],
      },
    }),
  );
  assert.equal(web?.name, 'web');
  assert.equal(web.countries, 'everyone');
  assert.equal(cameras?.isPreview, true);
  assert.ok(!cameras.countries.includes('JP') && cameras.countries.includes('CN'));
  assert.deepEqual(cameras.scope, {
    ...everything,
    interfaces: [{ name: 'wan0' }, { name: 'ppp*' }, { name: 'ppp9', not: true }],
  });
  assert.deepEqual(formatBounds(cameras.spared.get(ipv4)!), ['192.0.2.0/24']);
  assert.deepEqual(formatBounds(cameras.spared.get(ipv6)!), ['2001:db8::/32']);
  assert.deepEqual(others, []);
});

test('fences need no fence at the top level', async (t) => {
  const { policy } = await load(t, { 'fences.d/ssh.toml': 'allow = ["CA"]\nports = ["tcp/22"]\n' });
  assert.deepEqual(
    policy?.fences.map(({ name }) => name),
    ['ssh'],
  );
});

test('the fence at the top level may have ports and interfaces', async (t) => {
  for (const file of ['geofence.toml', 'fences.d/main.toml']) {
    const { policy } = await load(t, { [file]: 'allow = "CA"\nports = "tcp/1-9"\ninterfaces = "eth0"\n' });
    assert.deepEqual(policy?.fences, [
      fenceOf({ scope: { interfaces: [{ name: 'eth0' }], ports: [tcp(1, 9)] } }),
    ]);
  }
});

const main = { 'geofence.toml': 'allow = "CA"\n' };

for (const { name, files, message } of [
  {
    name: 'two owners of one port',
    files: {
      'geofence.toml': 'allow = "CA"\n[[fence]]\nname = "ssh"\nallow = "DE"\nports = "tcp/20-30"\n',
      'fences.d/web.toml': 'allow = "*"\nports = "tcp/25-80"\n',
    },
    message:
      'Cannot use fence "web" from DIR/fences.d/web.toml: it and fence "ssh" from DIR/geofence.toml:2 would both decide who gets in to tcp/25-30',
  },
  {
    name: 'two owners of one interface',
    files: {
      'fences.d/a.toml': 'allow = "CA"\ninterfaces = "ppp*"\n',
      'fences.d/b.toml': 'allow = "DE"\ninterfaces = "ppp1"\n',
    },
    message:
      'Cannot use fence "b" from DIR/fences.d/b.toml: it and fence "a" from DIR/fences.d/a.toml would both decide who gets in to every port on ppp1',
  },
  {
    name: 'a second fence for everything',
    files: { ...main, 'fences.d/b.toml': 'allow = "DE"\n' },
    message:
      'Cannot use fence "b" from DIR/fences.d/b.toml: it and fence "main" from DIR/geofence.toml would both decide who gets in to every port',
  },
  {
    name: 'two fences of one name',
    files: { 'geofence.toml': '[[fence]]\nname = "b"\ndeny = "RU"\n', 'fences.d/b.toml': 'deny = "CN"\n' },
    message:
      'Cannot use fence "b" from DIR/fences.d/b.toml: DIR/geofence.toml:1 has a fence of that name, too',
  },
  {
    name: 'a long name',
    files: { 'fences.d/abcdefghijk.toml': 'deny = "RU"\n' },
    message:
      'Cannot use fence "abcdefghijk" from DIR/fences.d/abcdefghijk.toml: it cannot be part of the name of a set, of which the kernel takes 31 characters',
  },
  {
    name: 'a name that is taken',
    files: { 'fences.d/ban.toml': 'deny = "RU"\n' },
    message: 'Cannot use fence "ban" from DIR/fences.d/ban.toml: that name is taken',
  },
  {
    name: 'deny = "*"',
    files: { 'fences.d/b.toml': 'deny = "*"\nports = "tcp/22"\n' },
    message: 'Cannot use fence "b" from DIR/fences.d/b.toml: deny = "*" would shut out everybody',
  },
  {
    name: '"*" among others',
    files: { 'fences.d/b.toml': 'allow = ["*", "!CN"]\n' },
    message: 'Cannot use fence "b" from DIR/fences.d/b.toml: "*" is everybody, and stands alone',
  },
  {
    name: 'neither mode',
    files: { ...main, 'fences.d/b.toml': 'ports = "tcp/22"\n' },
    message: 'Cannot use fence "b" from DIR/fences.d/b.toml: it states neither allow nor deny',
  },
  {
    name: 'both modes',
    files: { 'fences.d/b.toml': 'allow = "CA"\ndeny = "RU"\n' },
    message: 'Cannot use fence "b" from DIR/fences.d/b.toml: it states both allow and deny',
  },
  {
    name: 'a port that is none',
    files: { 'geofence.toml': '\n[[fence]]\nname = "b"\ndeny = "RU"\nports = "22"\n' },
    message: 'Cannot use port "22" from DIR/geofence.toml:2: it names no protocol',
  },
  {
    name: 'what no fence has',
    files: { 'fences.d/b.toml': 'deny = "RU"\nname = "c"\nlog = 1\n' },
    message:
      'Cannot use configuration "DIR/fences.d/b.toml":\n  line 2: name: unknown setting\n  line 3: log: expected true or false, got 1',
  },
  {
    name: 'a table without a name',
    files: { 'geofence.toml': '[[fence]]\ndeny = "RU"\n' },
    message: 'Cannot use configuration "DIR/geofence.toml":\n  line 1: fence: name: missing',
  },
]) {
  test(`loadConfig() refuses ${name}`, async (t) => {
    await assert.rejects(load(t, { 'geofence.toml': '', ...files }), { message, exitCode: 2 });
  });
}

test('a preview owns nothing: it may stand beside the fence that does', async (t) => {
  const { policy } = await load(t, { ...main, 'fences.d/b.toml': 'allow = "DE"\npreview = true\n' });
  assert.equal(policy?.fences.length, 2);
});
