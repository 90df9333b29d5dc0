import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHost } from '../helpers/host.ts';
import { kernelSkip, nftSkip } from '../helpers/kernel-skip.ts';

const skip = (await kernelSkip('nft', 'legacy')) || (await nftSkip());

const ruleset = `table inet dns {
  chain out {
    type filter hook output priority raw;
    udp dport 53 notrack
  }
}
table ip raw {
  chain out {
    type filter hook output priority raw;
    udp dport 123 notrack
  }
}
`;

const words = 'takes packets out of connection tracking: what this host asks others so gets no reply';

for (const { name, make, want } of [
  {
    name: 'iptables-nft',
    make: [
      ['iptables-nft', '-t', 'raw', '-A', 'OUTPUT', '-p', 'udp', '--dport', '53', '-j', 'CT', '--notrack'],
    ],
    want: `"iptables-nft -t raw -A OUTPUT -p udp -m udp --dport 53 -j CT --notrack" ${words}`,
  },
  {
    name: 'ip6tables-nft and iptables-legacy',
    make: [
      ['ip6tables-nft', '-t', 'raw', '-A', 'PREROUTING', '-p', 'udp', '--sport', '53', '-j', 'NOTRACK'],
      ['iptables-legacy', '-t', 'raw', '-A', 'PREROUTING', '-p', 'udp', '--sport', '53', '-j', 'NOTRACK'],
    ],
    want: `"ip6tables-nft -t raw -A PREROUTING -p udp -m udp --sport 53 -j NOTRACK" (and 1 more rule) ${words}`,
  },
  {
    name: 'iptables-legacy',
    make: [
      ['iptables-legacy', '-t', 'raw', '-A', 'PREROUTING', '-p', 'udp', '--sport', '53', '-j', 'NOTRACK'],
    ],
    want: `"iptables-legacy -t raw -A PREROUTING -p udp -m udp --sport 53 -j NOTRACK" ${words}`,
  },
  {
    name: 'nft, one in a table that iptables-nft would call its own',
    make: [['nft', ruleset]],
    want: `"nft: table inet dns, chain out: udp dport 53 notrack" (and 1 more rule) ${words}`,
  },
  { name: 'nobody', make: [], want: undefined },
])
  test(`status and plan tell of what is not tracked by rules of ${name}`, { skip }, async (t) => {
    const host = await startHost(t);
    for (const [tool = '', ...args] of make)
      if (tool === 'nft') await host.namespace.run('nft', ['-f', '-'], { input: args[0]! });
      else await host.tool(tool, ...args);
    const variant = ['--iptables', 'nft'];
    const planned = await host.geofence(['plan', '--allow', 'CA', '--json', ...variant]);
    const refreshed = await host.geofence(['refresh', '--allow', 'CA', ...variant]);
    assert.equal(refreshed.status, 0);
    const status = await host.geofence(['status', '--json', ...variant]);
    for (const { stdout } of [planned, status]) {
      const { warnings } = JSON.parse(stdout) as { warnings: { message: string; remedy: string }[] };
      assert.deepEqual(
        warnings.map(({ message }) => message.replace(/ from whom .*/, '')),
        want === undefined ? [] : [want],
      );
    }
    assert.equal(status.status, 0, 'a warning is no problem');
    if (want === undefined) return;
    assert.ok(refreshed.stderr.includes(want), 'of a new policy');
    for (const command of [['plan', '--allow', 'CA'], ['status']]) {
      const { stdout } = await host.geofence([...command, ...variant]);
      assert.match(stdout, /^warnings +"[^]* → take that rule away, or let/m);
    }
    assert.equal((await host.geofence(['refresh', ...variant])).stderr, '', 'said once');
  });
