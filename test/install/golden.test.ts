import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { describedProgram, examples } from '../../src/cli/program.ts';
import { completions } from '../../src/install/templates/completions.ts';
import { serviceFiles } from '../../src/install/manifest.ts';
import { manual } from '../../src/install/templates/manual.ts';
import { settingsTemplate } from '../../src/install/templates/settings-template.ts';
import { comments } from '../../src/config/comments.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { assertGolden, projectRoot } from '../helpers/golden.ts';
import { runProgram } from '../helpers/cli.ts';

const program = await describedProgram('0.0.0');
const shells = completions(program);

/** The name of an installed file in cron/, for people who copy it by hand. */
const nameInCron = (path: string): string =>
  path === '/etc/cron.weekly/geofence' ? 'geofence.weekly' : path.replace(/^.*\//, '');

for (const { path, text, kind } of serviceFiles('/usr/local')) {
  test(`cron/${nameInCron(path)} is what install writes`, () => {
    assertGolden(kind === 'block' ? `${text}\n` : text, `../../cron/${nameInCron(path)}`);
  });
}

test('manual() and completions() say what the command tree says', () => {
  assertGolden(manual(program, examples), 'geofence.8');
  assertGolden(shells.bash, 'completion.bash');
  assertGolden(shells.zsh, 'completion.zsh');
  assertGolden(shells.fish, 'completion.fish');
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

test('manual() tells every environment variable that README.md tells', async () => {
  const readme = await readFile(join(projectRoot(), 'README.md'), 'utf8');
  const names = new Set(readme.match(/GEOFENCE_[A-Z_]+|\bALLOWSUBNET\b|\bMAXZONEAGE\b|\bNO_PROXY\b/g));
  assert.ok(names.size > 6);
  for (const name of names)
    assert.match(manual(program, examples), new RegExp(`^\\\\fB(.*, )?${name}\\b`, 'm'));
});

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
  const settings = settingsTemplate.replaceAll(/^# (?=\w+ = )/gm, '').replace(/^deny = .*$/m, '');
  assert.equal(Object.keys(parseConfig('all of it', settings)).length, Object.keys(comments).length - 1);
  assertGolden(settingsTemplate, 'geofence.toml');
});
