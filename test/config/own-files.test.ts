import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findConflicts } from '../../src/config/conflicts.ts';
import type { ConfigFile, FileRole } from '../../src/config/files.ts';
import { ownPaths } from '../../src/config/files.ts';
import { changeOwnFiles } from '../../src/config/own-files.ts';
import { parseConfig, parseEscapes, parseFence, parseOthers } from '../../src/config/parse.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { Settings } from '../../src/config/settings.ts';
import { defined } from '../../src/config/settled.ts';
import { UsageError } from '../../src/errors.ts';

/** Of one file each. */
type Role = Exclude<FileRole, 'further-fence'>;

const PATH = '/etc/geofence/geofence.toml';
const own = ownPaths(PATH);

/** The files as they are read. */
function read(texts: Partial<Record<Role, string | undefined>>): ConfigFile[] {
  const paths = { config: PATH, ...own };
  return (Object.entries(texts) as [Role, string | undefined][]).flatMap(([role, text]) => {
    if (text === undefined) return [];
    const path = paths[role];
    const escapes = role === 'escapes' ? parseEscapes(path, text) : [];
    const settings = {
      config: () => parseConfig(path, text),
      fence: () => parseFence(path, text),
      settings: () => parseOthers(path, text),
      escapes: () => (escapes.length === 0 ? {} : { allow_subnets: escapes.map(({ cidr }) => cidr) }),
    }[role]();
    return [{ role, path, text, settings, escapes }];
  });
}

/** What files of our own hold once `wanted` stands in them. */
function changed(files: readonly ConfigFile[], wanted: Settings): Partial<Record<Role, string | undefined>> {
  const changes = changeOwnFiles({ path: PATH, files, now: 0 }, wanted);
  return Object.fromEntries(
    Object.entries(own).map(([role, path]) => [role, changes.find((change) => change.path === path)?.after]),
  );
}

/** What files come to together. */
async function effective(files: readonly ConfigFile[]): Promise<Settings> {
  const { settings } = await resolveConfig(
    files.map(({ path, settings: stated }) => ({ origin: path, settings: stated, isFile: true as const })),
  );
  return settings;
}

test('changeOwnFiles() breaks a long list into lines', () => {
  const allow = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT'.split(' ');
  const { fence = '' } = changed([], { allow });
  assert.ok(fence.split('\n').every((line) => line.length <= 80));
  assert.deepEqual(parseFence(own.fence, fence), { allow });
});

test('changeOwnFiles() leaves files alone that say the same in other words', () => {
  const before = {
    config: 'allow_subnets = "192.0.2.7, 2001:DB8::/32"\nipv6 = true\n',
    fence: '# why\ndeny = "cn, RU"\n',
    escapes: '[[escape]]\ncidr = "198.51.100.9/24"\n',
    settings: 'local = true # as ever\n',
  };
  const { config: _config, ...untouched } = before;
  const wanted = {
    deny: ['RU', 'CN'],
    allow_subnets: ['198.51.100.0/24', '192.0.2.7/32', '2001:db8::/32'],
    ipv6: true,
    local: true,
  };
  assert.deepEqual(changed(read(before), wanted), untouched);
});

test('changeOwnFiles() states again what was stated otherwise, though it is the default', () => {
  const { settings } = changed(read({ settings: 'ipv6 = false\nmirror = "http://m/"\n' }), { ipv6: true });
  assert.deepEqual(parseOthers(own.settings, settings ?? ''), { ipv6: true, mirror: 'http://m/' });
});

const countries = fc.subarray(['CA', 'US', '@eu', '!HU', 'RU'], { minLength: 1 });
const subnets = fc.subarray(['192.0.2.7/32', '198.51.100.0/24', '2001:db8::/32', '203.0.113.9/32']);
const wantedSettings = fc
  .record({
    mode: fc.constantFrom('allow', 'deny'),
    countries: countries.filter((words) => words.some((word) => !word.startsWith('!'))),
    allow_subnets: subnets,
    ipv6: fc.boolean(),
    local: fc.boolean(),
    mirror: fc.option(fc.constantFrom('https://mirror.example/#a', 'http://m/"quoted"\\'), {
      nil: undefined,
    }),
    max_zone_age_days: fc.option(fc.constantFrom(1.5, 6), { nil: undefined }),
  })
  .map(({ mode, countries: codes, ...rest }): Settings => defined({ [mode]: codes, ...rest }));

const sorted = (words: readonly string[] | undefined): string[] => [...(words ?? [])].sort();

/** Lines of the configuration file, and whether they say otherwise than what is wanted. */
const handLines: Readonly<Record<string, (wanted: Settings) => boolean>> = {
  'allow = "CA"': ({ allow }) => sorted(allow).join() !== 'CA',
  'allow_subnets = ["192.0.2.7"]': ({ allow_subnets = [] }) => !allow_subnets.includes('192.0.2.7/32'),
  'ipv6 = false': ({ ipv6 }) => ipv6 !== false,
  'local = true': ({ local }) => local !== true,
  'ssh_ports = [22]': () => false,
};
const byHand = fc.subarray(Object.keys(handLines));

test('what changeOwnFiles() writes is what is wanted, once and for all, and nobody contradicts it', async () => {
  await fc.assert(
    fc.asyncProperty(byHand, wantedSettings, wantedSettings, async (lines, first, second) => {
      const config = lines.join('\n');
      let files = read({ config });
      for (const wanted of [first, second]) {
        const contradicting = lines.filter((line) => handLines[line]?.(wanted));
        let texts;
        try {
          texts = changed(files, wanted);
        } catch (error) {
          assert.ok(error instanceof UsageError);
          const named = [...(error.hint ?? '').matchAll(/geofence\.toml:\d: (.+)$/gm)].map(
            ([, line = '']) => line,
          );
          assert.notDeepEqual(contradicting, []);
          assert.deepEqual(sorted(named), sorted(contradicting));
          return;
        }
        assert.deepEqual(contradicting, []);
        files = read({ config, ...texts });
        const settings = await effective(files);
        assert.deepEqual(findConflicts(files), []);
        assert.deepEqual(sorted(settings.allow_subnets), sorted(wanted.allow_subnets));
        for (const name of ['allow', 'deny'] as const)
          assert.deepEqual(sorted(settings[name]), sorted(wanted[name]));
        for (const name of ['ipv6', 'local', 'mirror', 'max_zone_age_days'] as const)
          if (wanted[name] !== undefined) assert.equal(settings[name], wanted[name]);
        assert.deepEqual(changed(files, wanted), texts, 'a second time changes nothing');
      }
    }),
  );
});
