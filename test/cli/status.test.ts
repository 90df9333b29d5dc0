import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { StatusReport } from '../../src/report/status.ts';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { violationsOf } from '../helpers/json-schema.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';

const skip = await kernelSkip('nft');

const ok = { status: 0, stdout: '', stderr: '' };

const schema = JSON.parse(await readFile('dist/share/status.schema.json', 'utf8')) as Record<string, unknown>;

async function reportOf(host: Host): Promise<StatusReport> {
  const { stdout } = await host.geofence(['status', '--json']);
  const report = JSON.parse(stdout) as StatusReport;
  assert.deepEqual(violationsOf(report, schema), []);
  return report;
}

/** Waits on ports of the host, each by another kind of socket. */
const listeners = `
const { createServer } = require('node:net');
const { createSocket } = require('node:dgram');
const sockets = [
  createServer().listen({ port: 7001, host: '0.0.0.0' }),
  createServer().listen({ port: 7002, host: '::' }),
  createServer().listen({ port: 7003, host: '::', ipv6Only: true }),
  createServer().listen({ port: 7004, host: '127.0.0.1' }),
  createServer().listen({ port: 7005, host: '::1' }),
  createSocket('udp4').bind(7006),
  createSocket({ type: 'udp6', ipv6Only: true }).bind(7007),
];
Promise.all(sockets.map((socket) => new Promise((done) => socket.once('listening', done)))).then(() =>
  console.log('ready'),
);
`;

async function listen(t: TestContext, host: Host): Promise<void> {
  const child = host.namespace.start(process.execPath, ['-e', listeners]);
  t.after(() => child.kill());
  await once(child.stdout, 'data');
}

test(
  'geofence status lists the listening ports of the host, and which are not fenced',
  { skip },
  async (t) => {
    const host = await startHost(t);
    await listen(t, host);
    assert.deepEqual(
      await host.geofence(['refresh', '--allow', 'CA', '--ipv4-only', '--force', 'ipv6-open']),
      ok,
    );
    const ours = (await reportOf(host)).listeners.filter(({ port }) => port >= 7001 && port <= 7007);
    assert.deepEqual(
      ours.map(({ protocol, port, family, fenced }) => `${protocol} ${port} ${family} ${fenced}`),
      [
        'tcp 7001 ipv4 true',
        'tcp 7002 ipv4 true',
        'tcp 7002 ipv6 false',
        // /proc does not tell that it is for IPv6 alone: it is better to name a port too many.
        'tcp 7003 ipv4 true',
        'tcp 7003 ipv6 false',
        'udp 7006 ipv4 true',
        'udp 7007 ipv4 true',
        'udp 7007 ipv6 false',
      ],
    );
    const { stdout } = await host.geofence(['status']);
    assert.match(stdout, /\nports +fenced over IPv4: tcp 7001, 7002, 7003; udp 7006, 7007\n/);
    assert.match(stdout, /\n +NOT fenced over IPv6: tcp 7002, 7003; udp 7007\n/);
  },
);

test('geofence status says that --no-local shuts out whom the host forwards for', { skip }, async (t) => {
  const host = await startHost(t);
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--no-local']), ok);
  assert.deepEqual((await reportOf(host)).warnings, []);
  await host.tool('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  const [warning] = (await reportOf(host)).warnings;
  assert.match(warning?.message ?? '', /^this host forwards IPv4, and --no-local drops new connections/);
  const { status, stdout } = await host.geofence(['status']);
  assert.match(stdout, /\nwarnings +this host forwards IPv4, [^]*\n +→ let them in with --allow-subnet, /);
  assert.equal(status, 0);
});

test('geofence status --check tells a monitor of damage and of a change on trial', { skip }, async (t) => {
  const host = await startHost(t);
  const line = async (): Promise<string> => {
    const { status, stdout, stderr } = await host.geofence(['status', '--check']);
    assert.equal(stderr, '');
    return `${status} ${stdout}`;
  };
  assert.equal(await line(), '3 CRITICAL: no policy and no fence, everybody gets in\n');
  assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA', '--confirm', '60']), ok);
  assert.match(
    await line(),
    /^0 OK: allow only CA \(Canada\), on trial until \d{4}-.* UTC, zones \d+ seconds? old, /,
  );
  assert.equal((await reportOf(host)).state, 'pending');
  await host.tool('iptables', '-t', 'mangle', '-I', 'PREROUTING', '-j', 'ACCEPT');
  assert.match(
    await line(),
    /^3 CRITICAL: drifted: allow only CA \(Canada\): the IPv4 rules are not the first that packets meet, /,
  );
  const { problems, families } = await reportOf(host);
  assert.deepEqual(
    problems.map(({ remedy }) => remedy),
    ['geofence rollback'],
  );
  assert.equal(families[0]?.coverage, 'doubtful');
  assert.deepEqual(await host.geofence(['confirm']), ok);
  assert.deepEqual(await host.geofence(['restore']), ok);
  assert.match(await line(), /^0 OK: allow only CA \(Canada\), zones \d+ seconds? old, 0 packets dropped\n$/);
});

/** Waits on the ports of a shell and of a web server, of both families. */
const waiting = `
const { createServer } = require('node:net');
const servers = [22, 80].map((port) => createServer().listen({ port, host: '::' }));
Promise.all(servers.map((server) => new Promise((done) => server.once('listening', done)))).then(() =>
  console.log('ready'),
);
`;

for (const variant of ['nft', 'legacy'] as const)
  test(
    `geofence status says which ports are not fenced when somebody limits the rules to one (iptables-${variant})`,
    { skip: await kernelSkip(variant) },
    async (t) => {
      const host = await startHost(t);
      await host.configure(`sources = ["ipdeny"]\niptables = "${variant}"\n`);
      const child = host.namespace.start(process.execPath, ['-e', waiting]);
      t.after(() => child.kill());
      await once(child.stdout, 'data');
      assert.deepEqual(await host.geofence(['refresh', '--allow', 'CA']), ok);
      const fencedPorts = async (): Promise<string[]> =>
        (await reportOf(host)).listeners
          .filter(({ protocol, port }) => protocol === 'tcp' && [22, 80].includes(port))
          .map(({ port, family, fenced }) => `${port} ${family} ${fenced}`);
      assert.deepEqual(await fencedPorts(), ['22 ipv4 true', '22 ipv6 true', '80 ipv4 true', '80 ipv6 true']);

      // By hand, in all tables: each rule where packets come in is for tcp/22 alone.
      for (const program of ['iptables', 'ip6tables']) {
        for (const table of ['mangle', 'raw']) {
          const saved = await host.tool(`${program}-${variant}-save`, '-t', table);
          const limitedRules = saved.replaceAll(
            /^-A PREROUTING (.*geofence-main-allow-.*)$/gm,
            (_, rule: string) =>
              `-A PREROUTING ${rule.includes('-p tcp') ? rule.replace('-m tcp', '-m tcp --dport 22') : `-p tcp -m tcp --dport 22 ${rule}`}`,
          );
          assert.notEqual(limitedRules, saved);
          await host.namespace.run(`${program}-${variant}-restore`, [], { input: limitedRules });
        }
      }
      assert.deepEqual(await fencedPorts(), [
        '22 ipv4 true',
        '22 ipv6 true',
        '80 ipv4 false',
        '80 ipv6 false',
      ]);
      const { stdout, status } = await host.geofence(['status']);
      assert.match(stdout, /^ports +fenced: tcp 22\n +NOT fenced: tcp 80$/m);
      assert.equal(status, 3);
      assert.deepEqual(await host.geofence(['restore']), ok);
      assert.deepEqual(await fencedPorts(), ['22 ipv4 true', '22 ipv6 true', '80 ipv4 true', '80 ipv6 true']);
    },
  );

test('status and refresh say in the headline that everybody gets in past an escape of /0', async (t) => {
  const host = await startHost(t);
  const { stdout } = await host.geofence([
    'refresh',
    '--verbose',
    '--allow',
    'CA',
    '--allow-subnet',
    '0.0.0.0/0',
  ]);
  const headline =
    /^policy +allow only CA \(Canada\), but everybody gets in over IPv4: escapes hold all of it/m;
  assert.match(stdout, headline);
  assert.match((await host.geofence(['status'])).stdout.replaceAll(/\n {2,}/g, ' '), headline);
});
