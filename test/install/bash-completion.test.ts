import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { completions } from '../../src/install/templates/completions.ts';
import { cliPath, runProgram } from '../helpers/cli.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** What bash offers for a line when Tab is pressed at its end. */
async function complete(line: string, breaks = ' \t\n"\'@><=;|&(:'): Promise<string[]> {
  const script = `${completions.get('geofence.bash')}
geofence() { '${process.execPath}' '${cliPath}' "$@"; }
complete -p geofence >/dev/null || exit 1
COMP_WORDBREAKS=$2 COMP_LINE=$1 COMP_POINT=\${#1}
_geofence
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const command = ['bash', '--norc', '-c', script, 'bash', line, breaks];
  const { stdout, stderr, exitCode } = await runProgram(command);
  assert.deepEqual({ stderr, exitCode }, { stderr: '', exitCode: 0 });
  return stdout.split('\n').filter((word) => word !== '');
}

const cases: readonly { line: string; want: readonly string[] }[] = [
  { line: 'geofence ref', want: ['refresh'] },
  { line: 'geofence r', want: ['refresh', 'restore', 'rollback', 'remove'] },
  { line: 'geofence refresh --al', want: ['--allow', '--allow-subnet'] },
  { line: 'geofence check --f', want: [] },
  { line: 'geofence refresh --deny RU,B', want: 'ABDEFGHIJLMNOQRSTVWYZ'.split('').map((c) => `RU,B${c}`) },
  { line: 'geofence refresh --deny=NO,P', want: 'AEFGHKLMNRSTWY'.split('').map((c) => `NO,P${c}`) },
  { line: 'geofence status --iptables ', want: ['auto', 'nft', 'legacy'] },
  { line: 'geofence refresh --wait ', want: [] },
];

for (const { line, want } of cases) {
  test(`bash completes "${line}"`, async () => {
    assert.deepEqual(await complete(line), want);
  });
}

test('bash completes groups, whether or not it breaks words at "@"', async () => {
  assert.deepEqual(await complete('geofence refresh --allow @fi'), ['@five-eyes']);
  assert.deepEqual(await complete('geofence refresh --allow CA,@fi'), ['@five-eyes']);
  assert.deepEqual(await complete('geofence refresh --allow CA,@fi', ' \t\n'), ['CA,@five-eyes']);
});

test('bash completes files and folders', async (t) => {
  const dir = await tempDir(t);
  await mkdir(join(dir, 'some folder'));
  await writeFile(join(dir, 'a file'), '');
  const folder = join(dir, 'some folder');
  assert.deepEqual(await complete(`geofence fetch --cache-dir ${dir}/`), [folder]);
  assert.deepEqual(await complete(`geofence fetch --cache-dir=${dir}/`), [folder]);
  assert.deepEqual((await complete(`geofence fetch --config ${dir}/`)).sort(), [join(dir, 'a file'), folder]);
});
