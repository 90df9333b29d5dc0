import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { describedProgram } from '../../src/cli/program.ts';
import { completions } from '../../src/install/templates/completions.ts';
import { runProgram } from '../helpers/cli.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const { bash } = completions(await describedProgram('0.0.0'));

/** What bash offers for a line when Tab is pressed at its end. */
async function complete(line: string, breaks = ' \t\n"\'@><=;|&(:'): Promise<string[]> {
  const script = `${bash}
complete -p geofence >/dev/null || exit 1
COMP_WORDBREAKS=$2 COMP_LINE=$1 COMP_POINT=\${#1}
_geofence
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, exitCode } = await runProgram([
    'bash',
    '--norc',
    '-c',
    script,
    'bash',
    line,
    breaks,
  ]);
  assert.deepEqual({ stderr, exitCode }, { stderr: '', exitCode: 0 });
  return stdout.split('\n').filter((word) => word !== '');
}

const cases: readonly { line: string; want: readonly string[] }[] = [
  { line: 'geofence ref', want: ['refresh'] },
  { line: 'geofence r', want: ['refresh', 'restore', 'rollback', 'remove'] },
  { line: 'geofence refresh --al', want: ['--allow', '--allow-subnet'] },
  { line: 'geofence check --f', want: [] },
  {
    line: 'geofence refresh --allow C',
    want: 'CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ'.split(' '),
  },
  {
    line: 'geofence refresh --deny RU,B',
    want: 'BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ'
      .split(' ')
      .map((code) => `RU,${code}`),
  },
  { line: 'geofence refresh --force zone', want: ['zone-shrank', 'zone-grew'] },
  { line: 'geofence status --iptables ', want: ['auto', 'nft', 'legacy'] },
  { line: 'geofence install --schedule s', want: ['systemd'] },
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

test('bash completes all commands', async () => {
  const names = (await describedProgram('0.0.0')).commands.map((command) => command.name());
  assert.deepEqual(await complete('geofence '), [...names, '--help', '--version']);
});

test('bash completes folders', async (t) => {
  const dir = await tempDir(t);
  await mkdir(join(dir, 'some folder'));
  assert.deepEqual(await complete(`geofence fetch --cache-dir ${dir}/`), [join(dir, 'some folder')]);
});
