import { restoreArgs } from '../../src/firewall/ipset/tool-names.ts';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Variant } from '../../src/firewall/variants.ts';
import { CommandError } from '../../src/system/run.ts';
import { fakeKind, kernelKinds } from '../helpers/kernels.ts';
import type { TestKernel } from '../helpers/test-kernel.ts';

/** What ipset gets, one script after the other, on the kernel that the last one left. */
const ipsetScripts: readonly string[][] = [
  ['create a hash:net family inet hashsize 1024 maxelem 65536', 'add a 192.0.2.0/24', 'add a 198.51.100.7'],
  ['create six hash:net family inet6 hashsize 1024 maxelem 4', 'add six 2001:DB8::1/32'],
  ['add a 192.0.2.0/25', 'add a 192.0.2.0/24', 'add a 203.0.113.0/24'],
  ['create a hash:net family inet hashsize 1024 maxelem 65536'],
  ['create abcdefghijklmnopqrstuvwxyz01234 hash:net family inet', 'destroy abcdefghijklmnopqrstuvwxyz01234'],
  ['create abcdefghijklmnopqrstuvwxyz012345 hash:net family inet'],
  ['create b bogus:type family inet'],
  ['create b hash:net family bogus'],
  ['create b hash:net family inet maxelem many'],
  ['create b hash:net family inet maxelem 4294967296'],
  ['add a 192.0.2.77/28', 'add a 192.0.2.64/28'],
  ['add a 0.0.0.0/0'],
  ['add six ::/0'],
  ['add a 192.0.2.1/33'],
  ['add six 2001:db8::/129'],
  ['add a 192.0.2.1/x'],
  ['add a 2001:db8::/32'],
  ['add six 192.0.2.1'],
  ['add a nonsense'],
  ['add missing 192.0.2.1'],
  ['add a 198.51.100.0/25 nomatch', 'add a 198.51.100.0/25'],
  ['add six ::1', 'add six ::2', 'add six ::3', 'add six ::4'],
  ['del six ::3', 'del six ::3'],
  ['', '# a comment', 'del six ::2', '', 'add six ::1'],
  [
    'create counting hash:net family inet counters',
    'add counting 192.0.2.1',
    'swap counting a',
    'swap a counting',
  ],
  ['swap a six'],
  ['swap a missing'],
  ['swap missing a'],
  ['create other hash:ip family inet', 'add other 192.0.2.1', 'swap a other'],
  ['rename a six'],
  ['rename missing b'],
  ['rename a abcdefghijklmnopqrstuvwxyz012345'],
  ['rename counting counted', 'rename counted six'],
  ['destroy missing'],
  ['flush a', 'add a 192.0.2.9'],
  [
    'create dotted hash:net family inet6',
    ...[
      '::',
      '::1',
      '::ffff',
      '::1:0',
      '::c633:6407',
      '::ffff:0:0/96',
      '::fffe:c633:6407',
      '64:ff9b::c633:6407',
    ].map((address) => `add dotted ${address}`),
  ],
  // Sets whose entries come and go.
  ['create seen hash:ip family inet6 netmask 64 timeout 0 maxelem 4', 'add seen 2001:db8::1 timeout 650'],
  ['add seen 2001:db8::2'],
  [
    'add seen 2001:db8::2 timeout 6050 -exist',
    'add seen 2001:db8:1::5 -exist',
    'add seen 2001:db8:1::6 -exist',
  ],
  ['add seen 2001:db8:2::1 timeout 2147483', 'add seen 2001:db8:3::1', 'add seen 2001:db8:4::1'],
  ['add seen 2001:db8:5::1 -exist'],
  ['add seen 2001:db8::/64'],
  ['add seen 2001:db8:9::1 timeout 2147484'],
  ['add seen 2001:db8:9::1 timeout -1'],
  ['del seen 2001:db8:9::1'],
  ['del seen 2001:db8:9::1 -exist', 'del seen 2001:db8:2::9 -exist', 'del seen 2001:db8:2::9 -exist'],
  ['create plain hash:ip family inet', 'add plain 192.0.2.1', 'add plain 192.0.2.1', 'add plain 192.0.2.2'],
  ['add plain 192.0.2.3 timeout 4'],
  ['add plain 203.0.113.1/32', 'add seen 2001:db8:1::5/128 -exist'],
  ['add plain 192.0.2.4', 'add plain nonsense'],
  ['add plain 192.0.2.1 -exist', 'add plain 192.0.2.1', 'add plain 192.0.2.5'],
  ['add plain 192.0.2.6', 'add plain 192.0.2.6 -exist'],
  ['create masked hash:ip family inet netmask 24', 'add masked 192.0.2.77', 'del masked 192.0.2.1'],
  ['create bad hash:ip family inet netmask 33'],
  ['create bad hash:ip family inet6 netmask 0'],
  [
    'create ending hash:net family inet timeout 0',
    'add ending 192.0.2.0/24 timeout 650',
    'add ending 10.0.0.0/8',
  ],
  ['swap ending a'],
  ['swap a ending'],
  ['create ports bitmap:port range 0-65535', 'add ports 22', 'add ports 100-102', 'add ports 65535'],
  ['add ports 22'],
  ['add ports 23', 'add ports 22 -exist'],
  ['add ports 22 -exist', 'add ports 22', 'del ports 101', 'del ports 101'],
  ['create timed bitmap:port range 0-65535 timeout 0', 'add timed 22 timeout 650', 'add timed 23'],
  ['swap timed ports'],
  ['swap ports plain'],
  ['create seen hash:ip family inet6 netmask 64 timeout 0 maxelem 4'],
];

/** What iptables-restore gets between "*mangle" and "COMMIT". */
const ruleScripts: readonly string[][] = [
  [':G - [0:0]', '-A G -m set --match-set a src -j RETURN', '-A G -j DROP', '-I PREROUTING 1 -j G'],
  [':H - [0:0]', '-A H -m set ! --match-set a src -j RETURN', '-A H -g G', '-A PREROUTING -i eth0 -g H'],
  [':G - [0:0]', '-A G -j RETURN', '-A NOPE -j RETURN'],
  [':G - [0:0]', '-A G -m set --match-set missing src -j RETURN'],
  [':G - [0:0]', '-A G -m set --match-set six src -j RETURN'],
  [':G - [0:0]', '-A G -j RETURN', '-X NOPE'],
  [':G - [0:0]', '-X G'],
  ['-X G'],
  [':NEW - [0:0]', '-A NEW -j RETURN', '-X NEW'],
  [':NEW - [0:0]', '-X NEW'],
  ['-D PREROUTING -j DROP'],
  ['-D NOPE -j DROP'],
  ['-I PREROUTING 4 -j ACCEPT'],
  ['-I PREROUTING 3 -j ACCEPT', '-I PREROUTING -i lo -j ACCEPT'],
  ['-D PREROUTING -j ACCEPT', '-D PREROUTING -j ACCEPT'],
  ['-D PREROUTING -i lo -j ACCEPT'],
  [':ABCDEFGHIJKLMNOPQRSTUVWXYZ01 - [0:0]'],
  [':ABCDEFGHIJKLMNOPQRSTUVWXYZ012 - [0:0]'],
  ['nonsense'],
  ['-A G -j DROP --bogus'],
  ['-A G -m icmp6 --icmpv6-type 135 -j RETURN'],
  ['-A G -m set --match-set ports dst -j RETURN', '-A G -m set --match-set plain src -j RETURN'],
  [':PREROUTING ACCEPT [0:0]', '-A PREROUTING -s 192.0.2.1/32 -j RETURN'],
  ['-A G -m comment --comment "two words, -j DROP" -j RETURN'],
];

/** After all that, with rules looking at the set. */
const setsInUse: readonly string[][] = [
  ['destroy a'],
  ['rename a b'],
  ['create b hash:net family inet', 'add b 192.0.2.200', 'swap a b', 'destroy b'],
];

/** The line a tool complains about, and whether it did. For ipset, its words too, without its version. */
async function answer(
  kernel: TestKernel,
  tool: string,
  args: readonly string[],
  input: string,
): Promise<string> {
  try {
    await kernel.meddle(tool, args, input);
    return 'done';
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const [first = ''] = error.stderr.split('\n');
    if (tool === 'ipset') return first.replace(/^ipset v[\d.]+: /, '');
    return `fails in line ${/\bline:? (\d+)/.exec(error.stderr)?.[1]}`;
  }
}

const withoutSeeds = (saved: string): string[] =>
  saved
    .split('\n')
    // A second may have passed.
    .map((line) => line.replace(/ initval .*/, '').replace(/(?<=timeout \d+)\d\d$/, '??'))
    .sort();

async function play(kernel: TestKernel, variant: Variant): Promise<string[]> {
  const tool = variant === 'auto' ? 'iptables' : `iptables-${variant}`;
  const lines: string[] = [];
  const tell = async (command: string, args: readonly string[], input: string): Promise<void> => {
    lines.push(`${input.replaceAll('\n', '; ')} => ${await answer(kernel, command, args, input)}`);
  };
  const playSets = async (scripts: readonly string[][]): Promise<void> => {
    for (const script of scripts) await tell('ipset', ['restore'], `${script.join('\n')}\n`);
    lines.push(...withoutSeeds((await kernel.meddle('ipset', ['save'])).stdout.toString()));
  };
  await playSets(ipsetScripts);
  for (const script of ruleScripts) {
    const input = ['*mangle', ...script, 'COMMIT', ''].join('\n');
    await tell(`${tool}-restore`, restoreArgs, input);
  }
  const { stdout } = await kernel.meddle(`${tool}-save`, ['-c', '-t', 'mangle']);
  lines.push(
    ...stdout
      .toString()
      .split('\n')
      .filter((line) => !line.startsWith('#')),
  );
  await playSets(setsInUse);
  return lines;
}

for (const { name, variant, skip, create } of kernelKinds.filter((kind) => kind !== fakeKind)) {
  describe('FakeKernel', { skip }, () => {
    test(`answers as ${name} does`, async (t) => {
      assert.deepEqual(await play(await fakeKind.create(t), variant), await play(await create(t), variant));
    });
  });
}
