import assert from 'node:assert/strict';
import {
  chmod,
  mkdir,
  readFile,
  readdir,
  readlink,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Manifest } from '../../src/install/manifest.ts';
import type { CliResult } from '../helpers/cli.ts';
import { cliPath, runCli, runProgram } from '../helpers/cli.ts';
import { listTree, plant } from '../helpers/file-tree.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** By its manifest, in the order of writing. */
const { program: parts } = JSON.parse(
  await readFile(join(cliPath, '../share/manifest.json'), 'utf8'),
) as Manifest;

const common = [
  ...parts.files.map((name) => `${name === 'geofence.cjs' ? 755 : 644} usr/local/lib/geofence/${name}`),
  'link usr/local/bin/geofence ../lib/geofence/geofence.cjs',
  '644 usr/local/share/man/man8/geofence.8',
  '644 usr/local/share/bash-completion/completions/geofence',
  '644 usr/local/share/zsh/site-functions/_geofence',
  '644 usr/local/share/fish/vendor_completions.d/geofence.fish',
  '644 etc/geofence/geofence.toml',
  '644 var/lib/geofence/installed.json',
];
const ofSchedule = {
  none: [],
  cron: ['755 etc/cron.weekly/geofence', '755 etc/rc.firewall.local'],
  systemd: [
    '644 etc/systemd/system/geofence.service',
    '644 etc/systemd/system/geofence-fetch.service',
    '644 etc/systemd/system/geofence-refresh.service',
    '644 etc/systemd/system/geofence-refresh.timer',
    '644 etc/systemd/system/geofence-sets.service',
  ],
};

type Schedule = keyof typeof ofSchedule;

const install = async (root: string, ...args: string[]): Promise<CliResult> =>
  await runCli(['install', '--root', root, '--yes', ...args]);
const uninstall = async (root: string, ...args: string[]): Promise<CliResult> =>
  await runCli(['uninstall', '--root', root, '--yes', ...args]);

/** "MODE PATH" of the files, and the links. */
const modes = (tree: readonly string[]): string[] =>
  tree
    .flatMap((line) => (line.startsWith('link ') ? line : (/^file (\d+ \S+) /.exec(line)?.[1] ?? [])))
    .sort();

/** Installs, and must succeed. */
async function installed(root: string, schedule: Schedule, ...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await install(root, '--schedule', schedule, ...args);
  assert.deepEqual({ stderr, exitCode }, { stderr: '', exitCode: 0 });
  return stdout;
}

/** What a host has before. */
const standard = {
  'etc/hostname': 'host\n',
  'usr/local/bin/other': '#!/bin/sh\n',
  'usr/local/share/man/man8/other.8': '.TH OTHER 8\n',
  'var/lib/other/state': '',
};

for (const schedule of ['none', 'cron', 'systemd'] as const) {
  test(`install --schedule ${schedule} puts exactly these files in place, and uninstall takes them away`, async (t) => {
    const root = await tempDir(t);
    await plant(root, standard);
    const before = await listTree(root);
    const stdout = await installed(root, schedule);
    const files = [...common, ...ofSchedule[schedule]].sort();
    assert.deepEqual(
      modes(await listTree(root)),
      [...files, ...Object.keys(standard).map((path) => `644 ${path}`)].sort(),
    );
    for (const file of files.filter((line) => !/installed\.json|lib\/geofence/.test(line))) {
      assert.match(stdout, new RegExp(`^create +/${file.slice(4)}$`, 'm'));
    }
    assert.match(stdout, /^create +\/usr\/local\/bin\/geofence$/m);
    assert.match(stdout, /^create +\/usr\/local\/lib\/geofence\/, (\d+) of its \1 files$/m);
    assert.match(stdout, /^done +geofence is installed$/m);

    const gone = await uninstall(root);
    assert.deepEqual([gone.stderr, gone.exitCode], ['', 0]);
    const left = (await listTree(root)).filter((line) => !before.includes(line));
    assert.deepEqual(
      left.map((line) => line.split(' ')[2]),
      ['etc/geofence', 'etc/geofence/geofence.toml'],
    );
    assert.match(gone.stdout, /^keep +\/etc\/geofence\/geofence\.toml, which is yours$/m);

    assert.equal((await uninstall(root, '--purge')).exitCode, 0);
    assert.deepEqual(await listTree(root), before);
  });
}

test('uninstall --purge leaves nothing of an empty tree, whatever was fetched', async (t) => {
  const root = await tempDir(t);
  await installed(root, 'systemd');
  await plant(root, { 'var/cache/geofence/ipv4/ca.zone': '', 'var/lib/geofence/policy.json': '{}' });
  const { stdout } = await uninstall(root, '--purge');
  assert.match(stdout, /^remove +\/var\/cache\/geofence\/ and all that is in it$/m);
  assert.deepEqual(await listTree(root), []);
});

test('uninstall --purge follows the cache to where systemd moved it (DynamicUser=)', async (t) => {
  const root = await tempDir(t);
  await installed(root, 'systemd');
  await mkdir(join(root, 'var/cache/private'));
  await rename(join(root, 'var/cache/geofence'), join(root, 'var/cache/private/geofence'));
  await symlink('private/geofence', join(root, 'var/cache/geofence'));
  await uninstall(root, '--purge');
  assert.deepEqual(await listTree(root), [
    'folder 755 var',
    'folder 755 var/cache',
    'folder 755 var/cache/private',
  ]);
});

test('uninstall without --purge keeps zones and policy', async (t) => {
  const root = await tempDir(t);
  await installed(root, 'cron');
  await plant(root, { 'var/cache/geofence/ipv4/ca.zone': '', 'var/lib/geofence/policy.json': '{}' });
  await uninstall(root);
  assert.deepEqual(modes(await listTree(root)), [
    '644 etc/geofence/geofence.toml',
    '644 var/cache/geofence/ipv4/ca.zone',
    '644 var/lib/geofence/policy.json',
  ]);
});

test('a note of the installation that is JSON and not ours is no reason to fail', async (t) => {
  const root = await tempDir(t);
  for (const note of ['null', '[]', '1', '"x"', '{"prefix":null,"folders":null}', '{"folders":[null,{}]}']) {
    await plant(root, { 'var/lib/geofence/installed.json': note });
    await installed(root, 'cron');
    await plant(root, { 'var/lib/geofence/installed.json': note });
    const { stderr, exitCode } = await uninstall(root);
    assert.deepEqual({ stderr, exitCode }, { stderr: '', exitCode: 0 }, note);
  }
});

test('install again finds everything as it should be, asks nothing and writes nothing', async (t) => {
  const root = await tempDir(t);
  await installed(root, 'cron');
  const names = await readdir(root, { recursive: true });
  const look = async () =>
    await Promise.all(names.map(async (name) => (await stat(join(root, name))).ctimeMs));
  const before = await look();
  const { stdout, stderr, exitCode } = await runCli(['install', '--root', root, '--schedule', 'cron']);
  assert.deepEqual({ stderr, exitCode }, { stderr: '', exitCode: 0 });
  assert.match(stdout, /^done +nothing, everything is as it should be$/m);
  assert.doesNotMatch(stdout, /^(create|change|remove|rename)/m);
  assert.deepEqual(await look(), before);
  assert.deepEqual(await readdir(root, { recursive: true }), names);
});

test('install --json lists the files with what is done to them', async (t) => {
  const root = await tempDir(t);
  const { stdout } = await install(root, '--schedule', 'cron', '--json');
  const answer = JSON.parse(stdout) as {
    applied: boolean;
    files: { path: string; mode: string; kind: string; action: string }[];
  };
  assert.equal(answer.applied, true);
  assert.deepEqual(
    answer.files.map(({ path, mode }) => `${mode.slice(1)} ${path.slice(1)}`).sort(),
    ['777 usr/local/bin/geofence', ...common, ...ofSchedule.cron]
      .filter((line) => !/installed\.json|^link/.test(line))
      .sort(),
  );
  assert.deepEqual([...new Set(answer.files.map(({ action }) => action))], ['create']);
  const again = JSON.parse((await install(root, '--schedule', 'cron', '--json')).stdout) as typeof answer;
  assert.equal(again.applied, false);
  assert.deepEqual([...new Set(again.files.map(({ action }) => action))].sort(), ['keep', 'nothing']);
});

test('install --dry-run and uninstall --dry-run say it all and write nothing', async (t) => {
  const root = await tempDir(t);
  const first = await runCli(['install', '--root', root, '--dry-run', '--schedule', 'systemd']);
  assert.match(first.stdout, /^create +\/etc\/systemd\/system\/geofence\.service$/m);
  assert.match(first.stdout, /^to do +all of this$/m);
  assert.deepEqual(await listTree(root), []);
  await installed(root, 'systemd');
  const before = await listTree(root);
  const second = await runCli(['uninstall', '--root', root, '--dry-run', '--purge']);
  assert.match(second.stdout, /^remove +\/etc\/geofence\/ and all that is in it$/m);
  assert.deepEqual(await listTree(root), before);
});

test('install and uninstall do not go on without a terminal and without --yes', async (t) => {
  const root = await tempDir(t);
  const expected =
    /^geofence: Cannot ask whether to go on: no terminal is there\n {2}hint: look with --dry-run .* --yes\n$/;
  const first = await runCli(['install', '--root', root]);
  assert.match(first.stderr, expected);
  assert.equal(first.exitCode, 2);
  assert.deepEqual(await listTree(root), []);
  await installed(root, 'none');
  const before = await listTree(root);
  const second = await runCli(['uninstall', '--root', root]);
  assert.match(second.stderr, expected);
  assert.equal(second.exitCode, 2);
  assert.deepEqual(await listTree(root), before);
});

/** Types an answer at a terminal. */
async function typed(answer: string, args: readonly string[]): Promise<CliResult> {
  const command = [process.execPath, cliPath, ...args].map((word) => `'${word}'`).join(' ');
  // script(1) ends when its input does, so it stays open.
  return await runProgram([
    'sh',
    '-c',
    `{ echo ${answer}; sleep 2; } | script --quiet --return --command "$1" /dev/null`,
    'sh',
    command,
  ]);
}

test('install shows what it would do and asks, on a terminal', async (t) => {
  const root = await tempDir(t);
  const args = ['install', '--root', root, '--schedule', 'cron'];
  const no = await typed('n', args);
  assert.match(
    no.stdout,
    /create +\/etc\/cron\.weekly\/geofence\r\n[^]*Install this\? \[y\/N\] [^]*answer was not yes/,
  );
  assert.equal(no.exitCode, 1);
  assert.deepEqual(await listTree(root), []);
  const yes = await typed('y', args);
  assert.match(yes.stdout, /Install this\? \[y\/N\] [^]*done +geofence is installed/);
  assert.equal(yes.exitCode, 0);
  assert.deepEqual(modes(await listTree(root)), [...common, ...ofSchedule.cron].sort());
});

test('install leaves alone what is not ours, and everything else with it', async (t) => {
  const root = await tempDir(t);
  await plant(root, { 'etc/cron.weekly/geofence': '#!/bin/sh\n# mine\n' });
  const before = await listTree(root);
  const { stdout, stderr, exitCode } = await install(root, '--schedule', 'cron');
  assert.equal(
    stderr,
    'geofence: Cannot install "/etc/cron.weekly/geofence": another file is in its place\n  hint: look at it, and move it away or delete it\n',
  );
  assert.deepEqual({ stdout, exitCode }, { stdout: '', exitCode: 1 });
  assert.deepEqual(await listTree(root), before);
  // Where it is not wanted it is in nobody's way.
  await installed(root, 'none');
  assert.match(
    (await uninstall(root, '--purge')).stdout,
    /^keep +\/etc\/cron\.weekly\/geofence, which is not ours$/m,
  );
  assert.deepEqual(await listTree(root), before);
});

test('install adds its lines to an rc.firewall.local, and uninstall takes them out to the byte', async (t) => {
  const root = await tempDir(t);
  const text = '#!/bin/sh\nnft -f /etc/mine # é\nexit 0';
  await plant(root, { 'etc/rc.firewall.local': text }, 0o700);
  const before = await listTree(root);
  const stdout = await installed(root, 'cron');
  assert.match(
    stdout,
    /^change +\/etc\/rc\.firewall\.local, a block of lines in it\n +\+ # >>> geofence >>>$/m,
  );
  const path = join(root, 'etc/rc.firewall.local');
  assert.match(
    await readFile(path, 'utf8'),
    /^#!\/bin\/sh\nnft -f \/etc\/mine # é\n# >>> geofence >>>\n[^]*geofence restore [^]*\n# <<< geofence <<<\nexit 0$/,
  );
  assert.equal((await stat(path)).mode & 0o777, 0o700);
  await uninstall(root, '--purge');
  assert.deepEqual(await listTree(root), before);
});

test('install takes the files of the other schedule away', async (t) => {
  const root = await tempDir(t);
  await plant(root, { 'etc/rc.firewall.local': '#!/bin/sh\n' }, 0o755);
  await installed(root, 'cron');
  const stdout = await installed(root, 'systemd');
  assert.match(stdout, /^remove +\/etc\/cron\.weekly\/geofence$/m);
  assert.match(stdout, /^change +\/etc\/rc\.firewall\.local, our block of lines in it goes$/m);
  assert.deepEqual(
    modes(await listTree(root)),
    [...common, ...ofSchedule.systemd, '755 etc/rc.firewall.local'].sort(),
  );
  assert.equal(await readFile(join(root, 'etc/rc.firewall.local'), 'utf8'), '#!/bin/sh\n');
});

test('install never touches a configuration that is there', async (t) => {
  const root = await tempDir(t);
  await plant(root, { 'etc/geofence/geofence.toml': 'allow = ["CA"]\n' }, 0o600);
  await installed(root, 'none');
  await uninstall(root);
  assert.deepEqual(
    (await listTree(root)).filter((line) => line.startsWith('file')),
    ['file 600 etc/geofence/geofence.toml "allow = [\\"CA\\"]\\n"'],
  );
});

test('install shows how an edited unit differs and makes it anew; uninstall saves it', async (t) => {
  const root = await tempDir(t);
  await installed(root, 'systemd');
  const timer = join(root, 'etc/systemd/system/geofence-refresh.timer');
  const text = await readFile(timer, 'utf8');
  const edited = text.replace('OnCalendar=weekly', 'OnCalendar=daily');
  await writeFile(timer, edited);
  const stdout = await installed(root, 'systemd');
  assert.match(
    stdout,
    /^change +\/etc\/systemd\/system\/geofence-refresh\.timer\n +- OnCalendar=daily\n +\+ OnCalendar=weekly\n(?! )/m,
  );
  assert.equal(await readFile(timer, 'utf8'), text);
  await writeFile(timer, edited);
  const gone = await uninstall(root);
  assert.match(gone.stdout, /^rename +\S+geofence-refresh\.timer to \S+geofence-refresh\.timer\.saved, /m);
  assert.equal(await readFile(`${timer}.saved`, 'utf8'), edited);
  assert.deepEqual(await readdir(join(timer, '..')), ['geofence-refresh.timer.saved']);
});

test('uninstall --purge removes an edited unit', async (t) => {
  const root = await tempDir(t);
  await installed(root, 'systemd');
  const timer = join(root, 'etc/systemd/system/geofence-refresh.timer');
  await writeFile(timer, `${await readFile(timer, 'utf8')}\n[X-Mine]\n`);
  await uninstall(root, '--purge');
  assert.deepEqual(await listTree(root), []);
});

test('install replaces another version of the program, and mends modes', async (t) => {
  const root = await tempDir(t);
  await installed(root, 'cron');
  const wanted = await listTree(root);
  const folder = join(root, 'usr/local/lib/geofence');
  const manifest = join(folder, 'share/manifest.json');
  const files = [...parts.files, 'former-0123.cjs', '../../victim'];
  await writeFile(manifest, JSON.stringify({ program: { files } }));
  await plant(root, { 'usr/local/lib/geofence/former-0123.cjs': '', 'usr/local/victim': '' });
  await writeFile(
    join(folder, 'geofence.cjs'),
    '#!/usr/bin/env node\n// This file belongs to geofence: 0.0.9\n',
  );
  await chmod(join(root, 'etc/cron.weekly/geofence'), 0o644);
  const stdout = await installed(root, 'cron');
  assert.match(stdout, /^change +\/usr\/local\/lib\/geofence\/, 3 of its \d+ files$/m);
  assert.match(stdout, /^change +\/etc\/cron\.weekly\/geofence, its mode to 0755$/m);
  const after = await listTree(root);
  assert.deepEqual(
    after.filter((line) => !line.endsWith('usr/local/victim ""')),
    wanted,
  );
  assert.equal(after.length, wanted.length + 1, 'what is not in the folder stays');
});

test('install replaces the one file that the program once was by a link to its folder', async (t) => {
  const root = await tempDir(t);
  await plant(root, {
    'usr/local/bin/geofence':
      '#!/usr/bin/node\n// This file belongs to geofence: its commands install and uninstall\n',
  });
  const stdout = await installed(root, 'none');
  assert.match(stdout, /^change +\/usr\/local\/bin\/geofence$/m);
  assert.equal(await readlink(join(root, 'usr/local/bin/geofence')), '../lib/geofence/geofence.cjs');
  await uninstall(root, '--purge');
  assert.deepEqual(await listTree(root), [
    'folder 755 usr',
    'folder 755 usr/local',
    'folder 755 usr/local/bin',
  ]);
});

test('uninstall takes away the one file that the program once was', async (t) => {
  const root = await tempDir(t);
  await plant(root, { 'bin/geofence': '#!/usr/bin/node\n// This file belongs to geofence: former\n' });
  await uninstall(root, '--prefix', '/', '--purge');
  assert.deepEqual(await listTree(root), ['folder 755 bin']);
});

test('install leaves alone what is not ours in the places of the program, and uninstall what is beside it', async (t) => {
  for (const path of ['usr/local/bin/geofence', 'usr/local/lib/geofence/geofence.cjs']) {
    const root = await tempDir(t);
    await plant(root, { [path]: '#!/bin/sh\n' });
    const before = await listTree(root);
    const { stderr, exitCode } = await install(root, '--schedule', 'none');
    assert.match(stderr, new RegExp(`Cannot install "/${path}": another file is in its place`));
    assert.equal(exitCode, 1);
    assert.deepEqual(await listTree(root), before);
  }
  const root = await tempDir(t);
  await plant(root, { 'usr/local/lib/geofence/mine': 'mine\n' });
  const before = await listTree(root);
  await installed(root, 'cron');
  await uninstall(root, '--purge');
  assert.deepEqual(await listTree(root), before);
});

test('the files of the program are written before what starts them, and removed after it', async (t) => {
  const root = await tempDir(t);
  const paths = async (command: string): Promise<string[]> => {
    const { stdout } = await runCli([command, '--root', root, '--yes', '--json']);
    return (JSON.parse(stdout) as { files: { path: string }[] }).files.map(({ path }) => path);
  };
  const ofProgram = /\/(lib|bin)\/geofence/;
  const [written, removed] = [await paths('install'), await paths('uninstall')];
  const wanted = [...parts.files.map((name) => `/usr/local/lib/geofence/${name}`), '/usr/local/bin/geofence'];
  assert.equal(parts.files.at(-1), 'geofence.cjs');
  assert.deepEqual(
    written.filter((path) => ofProgram.test(path)),
    wanted,
  );
  assert.deepEqual(
    removed.filter((path) => ofProgram.test(path)),
    wanted.toReversed(),
  );
});

test('install to another prefix: everything names it, and uninstall knows it', async (t) => {
  const root = await tempDir(t);
  await installed(root, 'systemd', '--prefix', '/opt/fence/');
  const unit = await readFile(join(root, 'etc/systemd/system/geofence.service'), 'utf8');
  assert.match(unit, /^ExecStart=\/opt\/fence\/bin\/geofence restore /m);
  assert.ok((await listTree(root)).includes('link opt/fence/bin/geofence ../lib/geofence/geofence.cjs'));
  const other = await install(root, '--schedule', 'systemd', '--prefix', '/usr/local');
  assert.match(
    other.stderr,
    /Cannot install to "\/usr\/local": geofence is installed in "\/opt\/fence"\n {2}hint: /,
  );
  await installed(root, 'cron');
  assert.match(
    await readFile(join(root, 'etc/cron.weekly/geofence'), 'utf8'),
    /^PATH=\/opt\/fence\/sbin:\/opt\/fence\/bin:/m,
  );
  await uninstall(root, '--purge');
  assert.deepEqual(await listTree(root), []);
});

test('the installed program works from where it is, and uninstalls itself', async (t) => {
  const root = await tempDir(t);
  await installed(root, 'cron');
  const program = join(root, 'usr/local/bin/geofence');
  const version = await runProgram([program, '--version']);
  assert.deepEqual(version, { exitCode: 0, stdout: '0.1.0\n', stderr: '' });
  const again = await runProgram([program, 'install', '--root', root, '--schedule', 'cron']);
  assert.match(again.stdout, /^done +nothing, everything is as it should be$/m);
  await runProgram([program, 'uninstall', '--root', root, '--yes', '--purge']);
  assert.deepEqual(await listTree(root), []);
});

test('install writes through no symbolic link', async (t) => {
  const [root, outside] = [await tempDir(t), await tempDir(t)];
  await plant(outside, { victim: 'This file belongs to geofence: no' });
  await mkdir(join(root, 'etc/cron.weekly'), { recursive: true });
  await symlink(join(outside, 'victim'), join(root, 'etc/cron.weekly/geofence'));
  const before = [await listTree(root), await listTree(outside)];
  const { stderr, exitCode } = await install(root, '--schedule', 'cron');
  assert.match(stderr, /Cannot read ".*\/etc\/cron\.weekly\/geofence": it is a symbolic link\n/);
  assert.equal(exitCode, 1);
  assert.deepEqual([await listTree(root), await listTree(outside)], before);
});

test('install writes to no folder outside of --root', async (t) => {
  const [root, outside] = [await tempDir(t), await tempDir(t)];
  await symlink(outside, join(root, 'etc'));
  const { stderr, exitCode } = await install(root, '--schedule', 'cron');
  assert.match(stderr, /Cannot use ".*\/etc": it leads out of "/);
  assert.equal(exitCode, 1);
  assert.deepEqual(await listTree(outside), []);
});

test('install leaves the link that npm made where it is, and so does uninstall', async (t) => {
  const root = await tempDir(t);
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  await symlink(cliPath, join(root, 'usr/local/bin/geofence'));
  const before = await listTree(root);
  await installed(root, 'none');
  await uninstall(root, '--purge');
  assert.deepEqual(await listTree(root), before);
});

test('install and uninstall take an absolute prefix that shells and units can hold', async (t) => {
  const root = await tempDir(t);
  for (const prefix of ['local', '/opt/my fence', '/opt/$x']) {
    const { stderr, exitCode } = await install(root, '--prefix', prefix);
    assert.match(stderr, /Cannot use --prefix ".*": expected an absolute path without spaces/);
    assert.equal(exitCode, 2);
  }
});

test('install makes the folder that --root names', async (t) => {
  const root = join(await tempDir(t), 'not', 'yet');
  await installed(root, 'none');
  assert.deepEqual(modes(await listTree(root)), common.toSorted());
});

test('uninstall says where there is nothing to uninstall', async (t) => {
  const root = await tempDir(t);
  const { stdout, exitCode } = await uninstall(root);
  assert.deepEqual(
    { stdout, exitCode },
    { stdout: 'done  nothing, geofence is not installed\n', exitCode: 0 },
  );
  assert.deepEqual(await listTree(root), []);
});

const SETS_FIRST = /^PATH=\S+ geofence restore --sets-only --quiet --wait 60\b/m;

for (const { name, host, files } of [
  {
    name: 'netfilter-persistent',
    host: { 'usr/share/netfilter-persistent/plugins.d/15-ip4tables': '#!/bin/sh\niptables-restore <x\n' },
    files: ['755 usr/share/netfilter-persistent/plugins.d/05-geofence'],
  },
  {
    name: 'a script of ifupdown',
    host: { 'etc/network/if-up.d/firewall': '#!/bin/sh\nip6tables-restore </etc/rules\n' },
    files: ['755 etc/network/if-pre-up.d/00geofence'],
  },
  {
    name: 'a script of ifupdown that loads none',
    host: { 'etc/network/if-up.d/mta': '#!/bin/sh\n# iptables-restore\nexit 0\n' },
    files: [],
  },
  {
    name: 'OpenRC',
    host: { 'etc/runlevels/default/crond': '', 'etc/init.d/iptables': 'iptables-restore <x\n' },
    files: [
      '755 etc/init.d/geofence-sets',
      'link etc/runlevels/boot/geofence-sets /etc/init.d/geofence-sets',
    ],
  },
])
  test(`install on a host without systemd makes our sets before ${name} loads rules`, async (t) => {
    const root = await tempDir(t);
    await plant(root, host, 0o755);
    const before = await listTree(root);
    const stdout = await installed(root, 'cron');
    const theirs = modes(before);
    assert.deepEqual(
      modes(await listTree(root)),
      [...common, ...ofSchedule.cron, ...files, ...theirs].sort(),
    );
    for (const file of files.filter((line) => !line.startsWith('link'))) {
      const path = file.slice(4);
      assert.match(stdout, new RegExp(`^create +/${path}$`, 'm'));
      const text = await readFile(join(root, path), 'utf8');
      assert.match(text.replaceAll(/^ +/gm, ''), SETS_FIRST);
    }
    assert.doesNotMatch(stdout, /^warnings/m);
    assert.match(await installed(root, 'cron'), /^done +nothing, everything is as it should be$/m);
    await installed(root, 'systemd');
    const withUnits = modes(await listTree(root));
    assert.deepEqual(withUnits, [...common, ...ofSchedule.systemd, ...theirs].sort(), 'there a unit does it');
    await installed(root, 'cron');
    await uninstall(root, '--purge');
    assert.deepEqual(await listTree(root), before);
  });

test('install says where it cannot put our sets first, and what the next boot could not load', async (t) => {
  const root = await tempDir(t);
  await plant(root, {
    'etc/rc.local': '#!/bin/sh\niptables-restore </etc/rules\n',
    'etc/rules':
      '*mangle\n-A PREROUTING -m set ! --match-set geofence-main-allow-4 src -j GEOFENCE\nCOMMIT\n',
    'etc/runlevels.txt': '',
  });
  const { stdout } = await install(root, '--schedule', 'cron', '--json');
  const { warnings } = JSON.parse(stdout) as { warnings: { message: string; remedy: string }[] };
  assert.deepEqual(
    warnings.map(({ message, remedy }) => [message.split(/,|, which/)[0], remedy]),
    [
      [
        '"/etc/rules" names sets of geofence',
        'put this line before what loads it in /etc/rc.local: PATH=$PATH:/usr/local/sbin:/usr/local/bin geofence restore --sets-only --quiet --wait 60',
      ],
      [
        '/etc/rc.local may load saved rules at boot',
        'put this line before: PATH=$PATH:/usr/local/sbin:/usr/local/bin geofence restore --sets-only --quiet --wait 60',
      ],
    ],
  );
  const again = await install(root, '--schedule', 'cron');
  assert.match(
    again.stdout,
    /^warnings +"\/etc\/rules" names sets of geofence, which nothing makes at boot/m,
  );
});

test('install without a schedule says that nothing makes our sets any more, unless a script of theirs does', async (t) => {
  const root = await tempDir(t);
  const warned = async (schedule: string): Promise<string[]> => {
    const { stdout } = await install(root, '--schedule', schedule, '--json');
    const { warnings } = JSON.parse(stdout) as { warnings: { message: string }[] };
    return warnings.map(({ message }) => message.split(/,|, which/)[0]!);
  };
  const rules = '*mangle\n-A PREROUTING -m set ! --match-set geofence-main-allow-4 src -j GEOFENCE\nCOMMIT\n';
  await plant(root, {
    'etc/iptables/rules.v4': rules,
    'usr/share/netfilter-persistent/plugins.d/15-ip4tables': '#!/bin/sh\n',
  });
  assert.deepEqual(await warned('cron'), []);
  assert.deepEqual(await warned('none'), ['"/etc/iptables/rules.v4" names sets of geofence']);
  const other = await tempDir(t);
  await plant(other, {
    'etc/rules': rules,
    'etc/rc.local': '#!/bin/sh\ngeofence restore --sets-only\niptables-restore </etc/rules\n',
  });
  const { stdout } = await install(other, '--schedule', 'none');
  assert.doesNotMatch(stdout, /^warnings/m);
});
