import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complete } from '../../src/cli/complete.ts';
import { completionTree } from '../../src/cli/completion-tree.ts';
import { describedProgram } from '../../src/cli/program.ts';
import { guardNames } from '../../src/refusal.ts';
import { runCli } from '../helpers/cli.ts';

const program = await describedProgram('0.0.0');
const tree = completionTree(program);

/** The words offered after "geofence". */
function offered(line: string): readonly string[] | string {
  const completion = complete(line.split(' '), tree);
  return typeof completion === 'string' ? completion : completion.map(({ word }) => word);
}

const cases: readonly { line: string; want: readonly string[] | string }[] = [
  { line: 'ref', want: ['refresh'] },
  { line: 'zones ', want: ['diff', 'export'] },
  { line: 'zones --json di', want: ['diff'] },
  { line: 'zones CA di', want: [] },
  { line: 'zones C', want: 'ACDFGHIKLMNORUVWXYZ'.split('').map((letter) => `C${letter}`) },
  { line: 'zones diff @e', want: ['@europe', '@eu'] },
  { line: 'zones export --f', want: ['--format'] },
  { line: 'refresh --allow @fi', want: ['@five-eyes'] },
  { line: 'refresh --allow CA,@eu,!GB', want: ['CA,@eu,!GB'] },
  { line: 'refresh --allow ca,u', want: ['ca,ua', 'ca,ug', 'ca,um', 'ca,us', 'ca,uy', 'ca,uz'] },
  { line: 'refresh --allow=NZ', want: ['--allow=NZ'] },
  { line: 'refresh --force ', want: guardNames },
  { line: 'refresh --allow refresh --force zone', want: ['zone-shrank', 'zone-grew', 'zone-share'] },
  { line: 'install --schedule s', want: ['systemd'] },
  { line: 'status --iptables ', want: ['auto', 'nft', 'legacy'] },
  { line: 'status --config ', want: ':files' },
  { line: 'status --config=/etc/', want: ':files' },
  { line: 'status --state-dir ', want: ':folders' },
  { line: 'refresh --wait ', want: [] },
  { line: 'rollback --pen', want: [] },
  { line: '--v', want: ['--version'] },
  { line: 'nonsense --al', want: [] },
  { line: 'check 192.0.2.', want: [] },
];

for (const { line, want } of cases) {
  test(`complete() offers what may follow "geofence ${line}"`, () => {
    assert.deepEqual(offered(line), want);
  });
}

test('complete() offers all commands, and of a command without arguments its options', () => {
  assert.deepEqual(
    offered(''),
    program.commands.map((command) => command.name()),
  );
  const wait = program.commands.find((command) => command.name() === 'confirm');
  assert.deepEqual(offered('confirm '), [
    ...(wait?.options ?? []).filter(({ hidden }) => !hidden).map(({ long }) => long),
    '--help',
  ]);
});

test('geofence complete tells words with what they mean', async () => {
  const { stdout } = await runCli(['complete', '--', 'zones', 'diff', 'NZ']);
  assert.equal(stdout, 'NZ\tNew Zealand\n');
});

const nonsense = [
  ['--', '--bogus', 'x'],
  ['--', 'refresh', '--allow', '\u{1F600}\n,'],
  ['-V', '-h', '--version', 'x'],
  ['--', 'constructor', '__proto__'],
];
for (const args of nonsense) {
  test(`geofence complete ${JSON.stringify(args)} says nothing and does not fail`, async () => {
    assert.deepEqual(await runCli(['complete', ...args]), { exitCode: 0, stdout: '', stderr: '' });
  });
}
