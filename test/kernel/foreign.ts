import { restoreArgs } from '../../src/firewall/ipset/tool-names.ts';
import { families } from '../../src/ip/family.ts';
import type { Variant } from '../../src/firewall/variants.ts';
import { toolName } from '../../src/firewall/ipset/tool-names.ts';
import { tableOf } from '../../src/firewall/ipset/tables.ts';
import type { TestKernel } from '../helpers/test-kernel.ts';

/** Names that come close to ours are there on purpose. */
const sets = [
  'create other hash:net family inet hashsize 1024 maxelem 65536 counters',
  'add other 203.0.113.0/24',
  'create other6 hash:net family inet6 hashsize 1024 maxelem 65536',
  'add other6 2001:db8:1::/48',
  'create geofencex-main-allow-4 hash:net family inet hashsize 1024 maxelem 65536',
  'add geofencex-main-allow-4 192.0.2.0/24',
];

const rulesFor = (set: string): string[] => [
  '*mangle',
  ':OTHER - [0:0]',
  ':GEOFENCEX - [0:0]',
  `-A OTHER -m set --match-set ${set} src -j RETURN`,
  '-A OTHER -j MARK --set-xmark 0x1/0xffffffff',
  '-A GEOFENCEX -i eth7 -j DROP',
  '-A PREROUTING -i eth7 -j OTHER',
  '-A PREROUTING -m comment --comment "see -j GEOFENCE below" -j GEOFENCEX',
  '-A OUTPUT -j OTHER',
  'COMMIT',
];

const rawRules = ['*raw', ':OTHER - [0:0]', '-A OTHER -i eth7 -j DROP', '-A PREROUTING -j OTHER', 'COMMIT'];

const textOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

/** Sets, chains and rules of somebody else. */
export async function addForeign(kernel: TestKernel, variant: Variant): Promise<void> {
  await kernel.meddle('ipset', ['restore'], textOf(sets));
  for (const family of families) {
    for (const lines of [rulesFor(family.version === 4 ? 'other' : 'other6'), rawRules]) {
      await kernel.meddle(toolName(family, variant, 'restore'), restoreArgs, textOf(lines));
    }
  }
}

const isOurs = (line: string): boolean =>
  /^(create|add) geofence-|^:GEOFENCE(-\S+)? |^\[0:0\] -A GEOFENCE(-\S+)? |^\[0:0\] -A PREROUTING .*--match-set geofence-/.test(
    line,
  );

/** Everything in the kernel that is not ours, as the tools print it. */
export async function dumpForeign(kernel: TestKernel, variant: Variant): Promise<string[]> {
  const outputs = await Promise.all([
    kernel.meddle('ipset', ['save']),
    ...Object.values(tableOf).flatMap((table) =>
      families.map((family) => kernel.meddle(toolName(family, variant, 'save'), ['-c', '-t', table])),
    ),
  ]);
  return outputs
    .flatMap(({ stdout }) => stdout.toString().split('\n'))
    .filter((line) => !line.startsWith('#') && !isOurs(line));
}
