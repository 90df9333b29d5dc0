import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootHazards, bootWarnings } from '../../src/health/boot-warnings.ts';
import type { BootFacts } from '../../src/host/boot-facts.ts';
import { readBootFacts } from '../../src/host/boot-facts.ts';
import { namesIn } from '../helpers/in-process.ts';

/** What a host with these files has. */
const factsOf = async (files: Readonly<Record<string, string>>, isSystemd = false): Promise<BootFacts> =>
  await readBootFacts(
    {
      readText: (path) => Promise.resolve(files[path]),
      listFolder: (folder) => Promise.resolve(namesIn(folder, Object.keys(files))),
    },
    isSystemd,
  );

const savedRules =
  '*mangle\n:GEOFENCE - [0:0]\n-A PREROUTING ! -i lo -m set ! --match-set geofence-main-allow-4 src -j GEOFENCE\nCOMMIT\n';
const savedNft =
  'table ip mangle {\n\tchain GEOFENCE {\n\t\tcounter packets 0 bytes 0 drop\n\t}\n\tchain PREROUTING {\n\t\txt match "set" jump GEOFENCE\n\t}\n}\n';
const ownNft = 'table inet filter {\n\tchain input {\n\t\ttcp dport 22 accept\n\t}\n}\n';
const nftEnabled = { '/etc/systemd/system/sysinit.target.wants/nftables.service': '' };
const setsEnabled = { '/etc/systemd/system/sysinit.target.wants/geofence-sets.service': '' };
const persistent = { '/usr/share/netfilter-persistent/plugins.d/15-ip4tables': '#!/bin/sh\n' };
const plugin = { '/usr/share/netfilter-persistent/plugins.d/05-geofence': '#!/bin/sh\n' };
const ifUp = { '/etc/network/if-pre-up.d/iptables': '#!/bin/sh\niptables-restore </etc/firewall.v4\n' };
const rcLocal = { '/etc/rc.local': '#!/bin/sh\n# iptables-restore no\niptables-restore < /etc/rules\n' };
const rules = { '/etc/iptables/rules.v4': savedRules };
const openRc = { '/etc/runlevels/boot/iptables': '', '/etc/iptables/rules-save': savedRules };
/** A boot of sysvinit has no PATH to /usr/local. */
const SETS = 'PATH=$PATH:/usr/local/sbin:/usr/local/bin geofence restore --sets-only --quiet --wait 60';
const unmade = (path: string): string =>
  `"${path}" names sets of geofence, which nothing makes at boot before they are needed: the next boot loads nothing of it`;
const cannot = (path: string): string =>
  `${path} may load saved rules at boot, and geofence cannot put its sets before that`;
const unreadable =
  '"/etc/nftables.conf" holds the rules of the fence as "nft list ruleset" prints them, which nft cannot load ("xt match"): the next boot loads nothing of that file';
const nftNote =
  'a service loads rules of nft at boot: what "nft list ruleset" prints while the fence is up cannot be loaded again';

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly isSystemd?: boolean;
  /** What `status` says, too; the first with this remedy. */
  readonly hazards: readonly string[];
  readonly remedy?: string | RegExp;
  readonly notes?: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'nothing that loads rules', files: {}, isSystemd: true, hazards: [] },
  {
    name: 'an nftables.conf that was written while the fence was up',
    files: { ...nftEnabled, ...setsEnabled, '/etc/nftables.conf': savedNft },
    isSystemd: true,
    hazards: [unreadable],
    remedy: /^take the tables "raw" and "mangle" .* out of that file/,
    notes: [nftNote],
  },
  {
    name: 'the same where nothing loads it',
    files: { '/etc/nftables.conf': savedNft },
    isSystemd: true,
    hazards: [],
  },
  {
    name: 'an nftables.conf of their own',
    files: { ...nftEnabled, '/etc/nftables.conf': ownNft },
    isSystemd: true,
    hazards: [],
    notes: [nftNote],
  },
  {
    name: 'rules of netfilter-persistent that name our sets, without our unit',
    files: { ...persistent, ...rules },
    isSystemd: true,
    hazards: [unmade('/etc/iptables/rules.v4')],
    remedy: 'geofence install',
  },
  {
    name: 'rules of both families that name our sets',
    files: { ...persistent, ...rules, '/etc/iptables/rules.v6': savedRules },
    isSystemd: true,
    hazards: [
      '"/etc/iptables/rules.v4" and "/etc/iptables/rules.v6" name sets of geofence, which nothing makes at boot before they are needed: the next boot loads nothing of them',
    ],
  },
  {
    name: 'rules that name our sets with our unit',
    files: { ...persistent, ...rules, ...setsEnabled },
    isSystemd: true,
    hazards: [],
  },
  {
    name: 'the same without systemd, though our unit is there',
    files: { ...persistent, ...rules, ...setsEnabled },
    hazards: [unmade('/etc/iptables/rules.v4')],
    remedy: 'geofence install',
  },
  { name: 'the same with our plugin', files: { ...persistent, ...rules, ...plugin }, hazards: [] },
  {
    name: 'rules that a script of ifupdown loads from a file of its own',
    files: { ...ifUp, '/etc/firewall.v4': savedRules },
    hazards: [unmade('/etc/firewall.v4')],
    remedy: 'geofence install',
  },
  {
    name: 'the same with our script',
    files: { ...ifUp, '/etc/firewall.v4': savedRules, '/etc/network/if-pre-up.d/00geofence': '' },
    hazards: [],
  },
  {
    name: 'rules of OpenRC',
    files: openRc,
    hazards: [unmade('/etc/iptables/rules-save')],
    remedy: 'geofence install',
  },
  {
    name: 'the same with our service',
    files: { ...openRc, '/etc/runlevels/boot/geofence-sets': '' },
    hazards: [],
  },
  {
    name: 'a script before which ours cannot be',
    files: rcLocal,
    hazards: [],
    notes: [cannot('/etc/rc.local')],
  },
  {
    name: 'a script before which ours cannot be, with our plugin for another',
    files: { ...rcLocal, ...persistent, ...plugin, '/etc/rules': savedRules },
    hazards: [unmade('/etc/rules')],
    remedy: `put this line before what loads it in /etc/rc.local: ${SETS}`,
    notes: [cannot('/etc/rc.local')],
  },
  {
    name: 'a script that makes our sets itself',
    files: { '/etc/rc.local': `#!/bin/sh\n${SETS}\niptables-restore /etc/rules\n`, '/etc/rules': savedRules },
    hazards: [],
  },
  {
    name: 'the same with netfilter-persistent and our plugin',
    files: {
      '/etc/rc.local': `#!/bin/sh\n${SETS}\niptables-restore /etc/rules\n`,
      ...persistent,
      ...plugin,
      '/etc/rules': savedRules,
    },
    hazards: [],
  },
  {
    name: 'the same with netfilter-persistent, without our plugin',
    files: {
      '/etc/rc.local': `#!/bin/sh\n${SETS}\niptables-restore /etc/rules\n`,
      ...persistent,
      ...rules,
    },
    hazards: [unmade('/etc/iptables/rules.v4')],
    remedy: 'geofence install',
  },
  {
    name: 'a script that makes our sets, and leaves it to a program of theirs to load rules',
    files: { '/etc/rc.local': `#!/bin/sh\n${SETS}\n/usr/local/sbin/firewall\n`, ...rules },
    hazards: [],
  },
  {
    name: 'a script of ifupdown that makes our sets itself',
    files: {
      '/etc/network/if-pre-up.d/iptables': `#!/bin/sh\n${SETS}\niptables-restore </etc/firewall.v4\n`,
      '/etc/firewall.v4': savedRules,
    },
    hazards: [],
  },
  {
    name: 'a script that makes our sets itself, where systemd loads saved rules earlier',
    files: { '/etc/rc.local': `#!/bin/sh\n${SETS}\niptables-restore /etc/rules\n`, ...rules },
    isSystemd: true,
    hazards: [unmade('/etc/iptables/rules.v4')],
    remedy: 'geofence install',
  },
  {
    name: 'a script that makes our sets too late',
    files: { '/etc/rc.local': `#!/bin/sh\niptables-restore /etc/rules\n${SETS}\n` },
    hazards: [],
    notes: [cannot('/etc/rc.local')],
  },
];

for (const { name, files, isSystemd, hazards, remedy, notes = [] } of cases)
  test(`what the next boot makes of ${name}`, async () => {
    const facts = await factsOf(files, isSystemd);
    const found = bootHazards(facts);
    assert.deepEqual(
      found.map(({ message }) => message),
      hazards,
    );
    if (typeof remedy === 'string') assert.equal(found[0]?.remedy, remedy);
    else if (remedy !== undefined) assert.match(found[0]?.remedy ?? '', remedy);
    assert.deepEqual(
      bootWarnings(facts).map(({ message }) => message),
      [...hazards, ...notes],
    );
  });
