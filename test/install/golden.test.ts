import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { test } from 'node:test';
import { describedProgram, examples } from '../../src/cli/program.ts';
import { completions } from '../../src/install/templates/completions.ts';
import type { Manifest } from '../../src/install/manifest.ts';
import { artifacts, atPrefix, manifestOf } from '../../src/install/manifest.ts';
import { manual } from '../../src/install/templates/manual.ts';
import { shareTexts } from '../../src/install/templates/share.ts';
import { settingsTemplate } from '../../src/install/templates/settings-template.ts';
import { settingNames } from '../../src/config/settings.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { assertGolden, projectRoot } from '../helpers/golden.ts';
import { runProgram } from '../helpers/cli.ts';

const program = await describedProgram('0.0.0');
const texts = shareTexts(program, examples);

/** Of the schedules there are copies in cron/, for people who put them in place by hand. */
for (const { source, schedule } of artifacts) {
  if (schedule === undefined) continue;
  const name = basename(source);
  test(`cron/${name} is what install writes`, () => {
    assertGolden(atPrefix(texts.get(source) ?? '', '/usr/local'), `../../cron/${name}`);
  });
}

test('the manifest places every text that the build makes, and no other', () => {
  assert.deepEqual(artifacts.map(({ source }) => source).sort(), [...texts.keys()].sort());
});

test('dist/share/manifest.json tells every file of the program, the one that is started at the end', async () => {
  const dist = join(projectRoot(), 'dist');
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dist, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('build/'));
  const manifest = JSON.parse(await readFile(join(dist, 'share', 'manifest.json'), 'utf8')) as Manifest;
  assert.deepEqual([...manifest.program.files].sort(), files.sort());
  assert.deepEqual(manifest, manifestOf(['geofence.cjs', ...manifest.program.files.slice(0, -1)]));
});

test('manual() says what the command tree says', () => {
  assertGolden(manual(program, examples), 'geofence.8');
});

test('the completions of each shell ask the program', () => {
  for (const [name, text] of completions) assertGolden(text, `completions/${name}`);
});

test('manual() leaves out no command and no option', () => {
  const page = manual(program, examples);
  for (const command of program.commands) {
    assert.ok(page.includes(`.SS "geofence ${command.name()} `), command.name());
    for (const { long, hidden } of command.options) {
      assert.equal(page.includes(`\n\\fB${(long ?? '').replaceAll('-', '\\-')}\\fR`), !hidden, long);
    }
  }
});

test('manual() tells every environment variable that the program, its jobs and README.md name', async () => {
  const root = projectRoot();
  const paths = (
    await Promise.all(['src', 'cron'].map(async (name) => await filesIn(join(root, name))))
  ).flat();
  const contents = await Promise.all(
    [...paths, join(root, 'README.md')].map(async (path) => await readFile(path, 'utf8')),
  );
  const names = new Set(
    contents.join('\n').match(/\bGEOFENCE_[A-Z_]*[A-Z]\b|\bALLOWSUBNET\b|\bMAXZONEAGE\b|\bNO_PROXY\b/g),
  );
  assert.ok(names.size > 6);
  for (const name of names)
    assert.match(manual(program, examples), new RegExp(`^\\\\fB(.*, )?${name}\\b`, 'm'));
});

const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

const groff = await runProgram(['groff', '--version']).catch(() => undefined);
if (groff === undefined && (process.env['CI'] ?? '') !== '') throw new Error('In CI groff must be installed');
const skip = groff === undefined ? 'groff is not installed' : false;

test('manual() is read without a warning', { skip }, async () => {
  const path = join(projectRoot(), 'test', 'golden', 'geofence.8');
  const { stdout, stderr, exitCode } = await runProgram(['groff', '-man', '-Tutf8', '-ww', '-z', path]);
  assert.deepEqual({ stdout, stderr, exitCode }, { stdout: '', stderr: '', exitCode: 0 });
});

test('settingsTemplate sets nothing, and every line of it can be uncommented', () => {
  assert.deepEqual(parseConfig('the template', settingsTemplate), {});
  const settings = settingsTemplate.replaceAll(/^# (?=\w+ = |\[\[)/gm, '').replace(/^deny = .*$/m, '');
  assert.equal(Object.keys(parseConfig('all of it', settings)).length, settingNames.length - 1);
  assertGolden(settingsTemplate, 'geofence.toml');
});
