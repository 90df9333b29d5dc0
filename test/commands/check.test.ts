import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFencedHost } from '../helpers/fenced-host.ts';
import type { FencedHost } from '../helpers/fenced-host.ts';

interface Answer {
  readonly address: string;
  readonly host?: string;
  readonly kernel: { readonly passes: boolean };
  readonly policy: { readonly passes: boolean };
  readonly registrations: readonly { readonly country: string; readonly network: string }[];
  readonly remedy: { readonly verb: string; readonly ways: readonly string[] };
}

const ask = async (host: FencedHost, ...args: string[]): Promise<Answer[]> => {
  const { stdout } = await host.geofence('check', '--json', ...args);
  return (JSON.parse(stdout) as { addresses: Answer[] }).addresses;
};

test('check answers the others when one of several is no address, and ends with exit code 2', async (t) => {
  const host = await startFencedHost(t);
  const { exitCode, stdout, stderr } = await host.geofence(
    'check',
    '192.0.2.1',
    '192.0.2.300',
    '203.0.113.1',
  );
  assert.match(stdout, /^192\.0\.2\.1 {2}passes\n[^]*\n\n203\.0\.113\.1 {2}is dropped\n/);
  assert.equal(
    stderr,
    'geofence: warning: Cannot check "192.0.2.300": not an IPv4 or IPv6 address, nor a host name\n',
  );
  assert.equal(exitCode, 2);
});

test('check shows the network of the zone, not a merged one', async (t) => {
  const host = await startFencedHost(t);
  await host.geofence('fetch', '--allow', 'CA,RU');
  const answers = await ask(host, '192.0.2.1', '198.51.100.193', '2001:db8:7::1', '192.0.2.129');
  assert.deepEqual(
    answers.map(({ registrations }) => registrations.map(({ country, network }) => `${country} ${network}`)),
    [['CA 192.0.2.0/25'], ['RU 198.51.100.192/28'], ['RU 2001:db8:7::/48'], []],
  );
});

test('check names every zone that holds an address, and goes by the one that the policy names', async (t) => {
  const host = await startFencedHost(t);
  await host.server.update({ ...host.zones, ipv4: { ...host.zones.ipv4, ru: ['192.0.2.0/26'] } });
  assert.equal((await host.geofence('refresh', '--deny', 'RU')).exitCode, 0);
  const [answer] = await ask(host, '192.0.2.1');
  assert.deepEqual(
    answer?.registrations.map(({ country, network }) => `${country} ${network}`),
    ['CA 192.0.2.0/25', 'RU 192.0.2.0/26'],
  );
  assert.equal(answer?.kernel.passes, false);
  assert.equal(answer?.remedy.ways[0], 'geofence remove (RU is the only country that is denied)');
});

test('check resolves host names and answers for each of their addresses; addresses are not looked up', async (t) => {
  const host = await startFencedHost(t);
  const hosts = { 'www.example.org': ['192.0.2.1', '2001:db8:7::1'] };
  const good = await host.call(['check', 'www.example.org'], { hosts });
  assert.match(
    good.stdout,
    /^192\.0\.2\.1 {2}passes\n {2}host +www\.example\.org\n[^]*\n\n2001:db8:7::1 {2}is dropped\n {2}host +www\.example\.org\n/,
  );
  assert.deepEqual([good.exitCode, good.stderr], [0, '']);
  const bad = await host.call(['check', 'no.example.org', '192.0.2.1'], { hosts });
  assert.equal(bad.stderr, 'geofence: warning: Cannot resolve "no.example.org": no such host\n');
  assert.match(bad.stdout, /^192\.0\.2\.1 {2}passes\n/);
  assert.equal(bad.exitCode, 1);
});

interface Stated {
  readonly mode: 'allow' | 'deny';
  readonly countries: readonly string[];
  readonly escapes: readonly string[];
}

/** The options of a policy in which somebody did what `way` says: "add RU to allow (from the last refresh)". */
function optionsAfter(way: string, { mode, countries, escapes }: Stated): string[] | undefined {
  const found = /^(?:add (\S+) to|take (\S+) out of) (allow|deny|allow_subnets)\b/.exec(way);
  if (found === null) return undefined;
  const [, added, taken, setting] = found;
  const change = (list: readonly string[]): string =>
    [...list.filter((one) => one !== taken), ...(added === undefined ? [] : [added])].join(',');
  const isOfEscapes = setting === 'allow_subnets';
  assert.equal(isOfEscapes || setting === mode, true, way);
  return [
    `--${mode}`,
    isOfEscapes ? countries.join(',') : change(countries),
    '--allow-subnet',
    isOfEscapes ? change(escapes) : escapes.join(','),
  ];
}

test('check: what it says would change the verdict does', async (t) => {
  const host = await startFencedHost(t);
  const escapes = ['192.0.2.240/28'];
  await host.geofence('fetch', '--allow', 'CA,RU');
  await host.geofence('refresh', '--allow', 'CA,RU', '--allow-subnet', escapes.join(','));
  const policies: readonly Stated[] = [
    { mode: 'allow', countries: ['CA'], escapes },
    { mode: 'allow', countries: ['CA', 'RU'], escapes },
    { mode: 'deny', countries: ['RU'], escapes },
    { mode: 'deny', countries: ['CA', 'RU'], escapes },
  ];
  for (const policy of policies) {
    const { mode, countries } = policy;
    assert.equal((await host.geofence('refresh', `--${mode}`, countries.join(','))).exitCode, 0);
    for (const address of ['192.0.2.1', '203.0.113.1', '192.0.2.250', '2001:db8:7::1']) {
      const [answer] = await ask(host, address);
      assert.ok(answer !== undefined);
      // To keep out one that gets in for two reasons takes more than one change.
      const { verb, ways } = answer.remedy;
      if (verb === 'keep out' && ways.length > 1) continue;
      const tried = ways.flatMap((way) => {
        const options = optionsAfter(way, policy);
        return options === undefined ? [] : [options];
      });
      for (const options of tried) {
        const [changed] = await ask(host, address, ...options);
        assert.equal(changed?.policy.passes, !answer.policy.passes, `${address}: ${options.join(' ')}`);
        assert.equal(changed?.remedy.verb, 'enforce');
      }
      assert.ok(tried.length > 0 || verb === 'keep out', address);
    }
  }
});

test('check says when the kernel does other than the policy, and what mends that', async (t) => {
  const host = await startFencedHost(t);
  await host.kernel.meddle('ipset', ['flush', 'geofence-main-allow-4']);
  const { stdout } = await host.geofence('check', '192.0.2.1');
  assert.match(stdout, /^192\.0\.2\.1 {2}is dropped\n/);
  assert.match(stdout, /\n {2}kernel +drops it\n {2}policy +says OTHERWISE: it lets it pass\n/);
  assert.match(stdout, /\n {2}enforce +geofence restore\n$/);
  assert.equal((await host.geofence('restore')).exitCode, 0);
  assert.match((await host.geofence('check', '192.0.2.1')).stdout, /^192\.0\.2\.1 {2}passes\n/);
});

test('check says that there is no fence, and judges a policy that is only typed', async (t) => {
  const host = await startFencedHost(t);
  await host.geofence('remove');
  const none = await host.geofence('check', '203.0.113.1');
  assert.match(
    none.stdout,
    /^203\.0\.113\.1 {2}passes\n[^]*kernel +has no fence: everybody passes\n {2}policy +cannot be told: no policy is stated\n/,
  );
  const { stdout } = await host.geofence('check', '203.0.113.1', '--allow', 'CA');
  assert.match(stdout, /policy +says OTHERWISE: it drops it\n[^]*enforce +geofence refresh\n/);
});

test('check fits 80 columns', async (t) => {
  const host = await startFencedHost(t);
  await host.geofence('fetch', '--allow', 'CA,RU');
  await host.geofence('refresh', '--deny', 'RU', '--allow-subnet', '2001:db8:7:1111:2222:3333:4444:5555');
  const { stdout } = await host.geofence(
    'check',
    '2001:db8:7:1111:2222:3333:4444:5555',
    '203.0.113.1',
    '10.0.0.1',
  );
  assert.deepEqual(
    stdout.split('\n').filter((line) => line.length > 80),
    [],
  );
});

test('check without an address reads standard input, unless that is a terminal', async (t) => {
  const host = await startFencedHost(t);
  const typed = await host.call(['check'], { isTTY: true });
  assert.match(typed.stderr, /^geofence: Cannot tell what to check: no address is given\n {2}hint: /);
  assert.equal(typed.exitCode, 2);
  const { exitCode, stdout } = await host.call(['check'], { input: ['192.0.2.1\n'] });
  assert.match(stdout, /^192\.0\.2\.1 +passes {3}CA\n/);
  assert.equal(exitCode, 0);
});

test('check - answers line by line, however the input is cut', async (t) => {
  const host = await startFencedHost(t);
  await host.geofence('fetch', '--allow', 'CA,RU');
  const log =
    '192.0.2.1\r\n::ffff:203.0.113.7\n\n2001:db8:7::1 GET /\n10.0.0.1\nfrom 192.0.2.200 port 9\n192.0.2.129\n192.0.2.1';
  const want = `\
192.0.2.1        passes   CA
203.0.113.7      dropped  RU
2001:db8:7::1    dropped  RU
10.0.0.1         passes   local
192.0.2.200      passes   CA
192.0.2.129      dropped  -
192.0.2.1        passes   CA

7 addresses: 4 passed, 3 dropped
3  42.9 %  passes   CA (Canada)
2  28.6 %  dropped  RU (Russia)
1  14.3 %  dropped  in no cached zone
1  14.3 %  passes   local addresses
`;
  for (const size of [1, 2, 7, 1000]) {
    const input = Array.from({ length: Math.ceil(log.length / size) }, (_, i) =>
      log.slice(i * size, (i + 1) * size),
    );
    assert.deepEqual(await host.call(['check', '-'], { input }), { exitCode: 0, stdout: want, stderr: '' });
  }
});

test('check - names lines without an address on stderr; nothing but those is a mistake', async (t) => {
  const host = await startFencedHost(t);
  const some = await host.call(['check', '-', '--summary'], { input: ['a\n192.0.2.1\nb\u001B[2J\nc\nd\n'] });
  assert.equal(
    some.stderr,
    'geofence: warning: no address in 4 lines: line 1 "a", line 3 "b?[2J", line 4 "c", ...\n',
  );
  assert.deepEqual(
    [some.exitCode, some.stdout],
    [0, '1 address: 1 passed, 0 dropped\n1  100.0 %  passes   CA (Canada)\n'],
  );
  const none = await host.call(['check', '-'], { input: ['<html>\n'] });
  assert.deepEqual([none.exitCode, none.stdout], [2, 'no addresses\n']);
  const empty = await host.call(['check', '-'], { input: [] });
  assert.deepEqual(empty, { exitCode: 0, stdout: 'no addresses\n', stderr: '' });
});

test('check - says of which addresses the policy says otherwise', async (t) => {
  const host = await startFencedHost(t);
  await host.kernel.meddle('ipset', ['restore'], 'add geofence-main-allow-4 192.0.2.0/25 nomatch\n');
  const { stdout } = await host.call(['check', '-'], { input: ['192.0.2.1\n192.0.2.200\n'] });
  assert.match(stdout, /^192\.0\.2\.1 +dropped {2}CA {2}\(policy: pass\)\n192\.0\.2\.200 +passes {3}CA\n/);
  assert.match(
    stdout,
    /\n1 of them not as the policy says\n1 {2}50\.0 % {2}dropped {2}CA \(Canada\) {2}\(policy: pass\)\n1 {2}50\.0 % {2}passes {3}CA \(Canada\)\n$/,
  );
});

test('check - --json prints an object a line, the summary last; with --summary only that', async (t) => {
  const host = await startFencedHost(t);
  const input = ['192.0.2.1\n203.0.113.1\n'];
  const { stdout } = await host.call(['check', '-', '--json'], { input });
  const summary = {
    asked: 'kernel',
    addresses: 2,
    passed: 1,
    dropped: 1,
    disputed: 0,
    unreadable: 0,
    countries: [
      { country: null, passes: false, policyPasses: false, addresses: 1, share: 0.5 },
      { country: 'CA', passes: true, policyPasses: true, addresses: 1, share: 0.5 },
    ],
  };
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [
      { address: '192.0.2.1', passes: true, country: 'CA', policyPasses: true },
      { address: '203.0.113.1', passes: false, country: null, policyPasses: false },
      { summary },
    ],
  );
  const alone = await host.call(['check', '-', '--json', '--summary'], { input });
  assert.deepEqual(JSON.parse(alone.stdout), summary);
});

test('check - reads a line of many megabytes without keeping it', async (t) => {
  const host = await startFencedHost(t);
  const input = [...Array.from({ length: 64 }, () => 'x'.repeat(64 * 1024)), '\n192.0.2.1\n'];
  const { stdout } = await host.call(['check', '-'], { input });
  assert.match(stdout, /^192\.0\.2\.1 +passes/);
});
