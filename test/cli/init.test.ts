import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { cliPath } from '../helpers/cli.ts';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Terminal } from '../helpers/terminal.ts';
import { openTerminal } from '../helpers/terminal.ts';
import { statedByUs } from '../helpers/own-files.ts';

const skip = await kernelSkip('nft');

const ssh = 'SSH_CONNECTION=203.0.113.5 50022 192.0.2.1 22';
const CONSENT = 'do all this, the fence on trial [y/N]: ';
const KEEP = 'keep it [y/N]: ';
const SCHEDULE = 'schedule (auto, systemd, cron, none) [none]: ';

/** Without ipverse, which is on the Internet; the zone server is named, for geofence that is run without environment. */
const sources = 'sources = ["ipdeny"]\n';

/** Runs geofence on a terminal; `env` as NAME=VALUE words. */
const startGeofence = (
  t: TestContext,
  host: Host,
  args: readonly string[],
  env: readonly string[] = [],
): Terminal =>
  openTerminal(t, host.namespace, ['env', ...host.variables, ...env, process.execPath, cliPath, ...args]);

const configOf = async (host: Host): Promise<string> => await readFile(host.config, 'utf8');

/** Answers all questions but the last. */
async function answerAll(
  terminal: Terminal,
  mode: string,
  country: string,
  beforeConsent = async (): Promise<void> => {},
): Promise<void> {
  await terminal.answer('allow or deny [', mode);
  await terminal.answer(mode === 'deny' ? 'countries to keep out' : 'countries to let in', country);
  await terminal.answer('addresses and networks [', '');
  await terminal.answer('fence IPv6 [', '');
  await terminal.answer(SCHEDULE, 'none');
  await terminal.wait(CONSENT);
  await beforeConsent();
  terminal.type('y\n');
}

/** No line is wider than the terminal, but for the paths of this test. */
function assertFits(host: Host, shown: string): void {
  for (const line of shown.replaceAll(dirname(host.config), '/etc/geofence').split('\n')) {
    assert.ok(line.length <= 80, line);
  }
}

/** What a run that changed nothing leaves. */
async function whatThereIs(host: Host): Promise<readonly string[]> {
  const file = await configOf(host).catch(() => 'none');
  const state = await readdir(join(host.cache, 'state')).catch(() => []);
  const own = JSON.stringify(await statedByUs(host.config));
  return [
    await host.kernel(),
    file,
    own,
    ...state.filter((name) => !/^(\.lock|history|pending|zone)/.test(name)),
  ];
}

/** With a table of its own the kernel looks the same before the first fence and after the last. */
async function startHostWithTables(t: TestContext): Promise<Host> {
  const host = await startHost(t);
  for (const tool of ['iptables', 'ip6tables']) {
    await host.tool(tool, '-t', 'mangle', '-A', 'FORWARD', '-j', 'ACCEPT');
  }
  return host;
}

test('geofence init asks, explains, and ends with a fence in place and confirmed', { skip }, async (t) => {
  const host = await startHost(t);
  for (const network of ['198.51.100.0/24', '10.0.0.0/16']) {
    await host.tool('ip', 'route', 'add', network, 'dev', 'lo');
  }
  await host.tool('ip', 'address', 'add', '2001:db8:1::9/64', 'dev', 'lo', 'nodad');
  const terminal = startGeofence(t, host, ['init'], [ssh]);
  await terminal.wait('Who may get in?');
  await terminal.answer('allow or deny [allow]: ', 'perhaps');
  await terminal.wait('Cannot use "perhaps": expected one of allow, deny\n');
  await terminal.answer('allow or deny [allow]: ', '');
  await terminal.answer('countries to let in: ', '');
  await terminal.wait('Cannot use allow "" from the answer: it names no country\n');
  await terminal.answer('countries to let in: ', 'canada');
  await terminal.wait(
    '  Cannot select country "canada" from the answer: not an ISO 3166-1 alpha-2 code\n  did you mean CA (Canada)?\n',
  );
  await terminal.answer('countries to let in: ', 'ca KP');
  await terminal.wait('  CA = Canada, KP = North Korea\n');
  await terminal.wait(
    'get in anyway, and this host is on\n10.0.0.0/16.\nYou are connected from 203.0.113.5.\n',
  );
  await terminal.wait(
    'This host is on 198.51.100.0/24, 2001:db8:1::/64 too: name it only if you trust\neverybody there.\n',
  );
  await terminal.answer('addresses and networks [203.0.113.5/32]: ', '203.0.113.5 198.51.100.0/33');
  await terminal.wait('Cannot use ALLOWSUBNET from the answer "198.51.100.0/33": prefix length 33 is\n');
  await terminal.answer('addresses and networks [203.0.113.5/32]: ', '');
  await terminal.wait('This host is 2001:db8:1::9.\n');
  await terminal.answer('fence IPv6 [Y/n]: ', '');
  await terminal.answer(SCHEDULE, 'auto');
  await terminal.wait('Cannot use --schedule "auto": its runs would read');
  await terminal.answer(SCHEDULE, 'none');
  await terminal.wait(
    'Policy: allow only CA, KP, for IPv4 and IPv6; 203.0.113.5/32 and local addresses\nalways get in.\n',
  );
  await terminal.wait('+ allow = ["CA", "KP"]\n');
  await terminal.wait('create set geofence-main-allow-4 with ');
  assert.deepEqual(await statedByUs(host.config), {}, 'nothing is written yet');
  await terminal.answer(CONSENT, 'y');
  await terminal.wait(' seconds the fence is taken back.\n');
  assert.match((await host.geofence(['status'])).stdout, /\npending +taken back at /);
  await terminal.answer(KEEP, 'y');
  const { status } = await terminal.end();
  assert.equal(status, 0);
  assertFits(host, terminal.shown);
  const healthy = await host.geofence(['status']);
  assert.match(
    healthy.stdout,
    /^policy +allow only CA, KP; local addresses and 203.0.113.5\/32 always get in\nstated +by .*main.toml$/m,
  );
  assert.doesNotMatch(healthy.stdout, /pending/);
  assert.equal(healthy.status, 0);
  assert.equal(await configOf(host), sources);
  assert.deepEqual(await statedByUs(host.config), {
    fence: ['allow = ["CA", "KP"]'],
    escapes: ['[[escape]]', 'cidr = "203.0.113.5/32"'],
  });
});

test('geofence init again changes what is answered otherwise, and nothing else', { skip }, async (t) => {
  const host = await startHost(t);
  const folder = dirname(host.config);
  const byHand = `${sources}allow_subnets = "203.0.113.5" # the office\n`;
  await host.configure(byHand);
  await mkdir(join(folder, 'fences.d'));
  await writeFile(join(folder, 'fences.d', 'main.toml'), 'allow = ["CA"]\n', { mode: 0o640 });
  assert.equal((await host.geofence(['refresh'])).status, 0);
  const terminal = startGeofence(t, host, ['init'], [ssh]);
  await terminal.answer('allow or deny [allow]: ', '');
  await terminal.answer('countries to let in [CA]: ', 'CA RU');
  await terminal.wait('You are connected from 203.0.113.5, which gets in anyway.\n');
  await terminal.answer('addresses and networks [203.0.113.5/32]: ', '');
  await terminal.answer('fence IPv6 [Y/n]: ', '');
  await terminal.answer(SCHEDULE, 'none');
  await terminal.wait(`main.toml:\n- allow = ["CA"]\n`);
  await terminal.wait(`+ allow = ["CA", "RU"]\n\n`);
  await terminal.answer(CONSENT, 'y');
  await terminal.answer(KEEP, 'yes');
  assert.equal((await terminal.end()).status, 0);
  assert.equal(await configOf(host), byHand);
  assert.deepEqual(await statedByUs(host.config), { fence: ['allow = ["CA", "RU"]'] });
  assert.equal((await stat(join(folder, 'fences.d', 'main.toml'))).mode & 0o777, 0o640);
  const again = startGeofence(t, host, ['init']);
  for (const prompt of ['[allow]: ', '[CA RU]: ', '[203.0.113.5/32]: ', '[Y/n]: '])
    await again.answer(prompt, '');
  await again.answer(SCHEDULE, 'none');
  await again.wait('say so already.\n');
  assert.equal((await again.end()).status, 0, 'with nothing to agree to');
});

test('geofence init refuses answers that the file of a person contradicts', { skip }, async (t) => {
  const host = await startHost(t);
  await host.configure(`${sources}allow = "CA"\n`);
  const terminal = startGeofence(t, host, ['init']);
  await terminal.answer('allow or deny [allow]: ', 'deny');
  await terminal.answer('countries to keep out: ', 'RU');
  for (const prompt of ['[none]: ', '[Y/n]: ', SCHEDULE]) await terminal.answer(prompt, '');
  await terminal.wait('geofence does not edit that\n');
  await terminal.wait(`hint: remove this line:\n    ${host.config}:2: allow = "CA"\n`);
  assert.equal((await terminal.end()).status, 2);
  const again = startGeofence(t, host, ['init']);
  for (const prompt of ['[allow]: ', '[CA]: ', '[none]: ', '[Y/n]: ', SCHEDULE])
    await again.answer(prompt, '');
  await again.answer(CONSENT, 'y');
  await again.answer(KEEP, 'y');
  assert.equal((await again.end()).status, 0);
  assert.deepEqual(await statedByUs(host.config), {}, 'the answers are those of the file');
});

test('geofence init suggests what was set up by hand, and keeps all of it', { skip }, async (t) => {
  const host = await startHost(t);
  const options = ['--deny', 'RU', '--allow-subnet', '192.0.2.7', '--log-drops', '--max-zone-age', '3'];
  assert.equal((await host.geofence(['refresh', ...options])).status, 0);
  const terminal = startGeofence(t, host, ['init', '--schedule', 'none']);
  for (const prompt of ['[deny]: ', '[RU]: ', '[192.0.2.7/32]: ', '[Y/n]: '])
    await terminal.answer(prompt, '');
  await terminal.answer(CONSENT, 'y');
  assert.equal((await terminal.end()).status, 0);
  assert.doesNotMatch(terminal.shown, /on trial\.\n/, 'the fence need not change');
  assert.deepEqual(await statedByUs(host.config), {
    fence: ['deny = ["RU"]'],
    escapes: ['[[escape]]', 'cidr = "192.0.2.7/32"'],
    settings: ['log_drops = true', 'max_zone_age_days = 3'],
  });
});

for (const { name, keys, reason } of [
  { name: 'Ctrl-C', keys: '\u0003', reason: 'Interrupted: nothing was changed' },
  { name: 'the end of the input', keys: '\u0004', reason: 'The input ended: nothing was changed' },
]) {
  test(`geofence init ends with ${name} at a question, and changes nothing`, { skip }, async (t) => {
    const host = await startHostWithTables(t);
    const before = await whatThereIs(host);
    const terminal = startGeofence(t, host, ['init']);
    await terminal.answer('allow or deny [allow]: ', '');
    await terminal.wait('countries to let in: ');
    terminal.type(keys);
    await terminal.wait(`\ngeofence: ${reason}\n`);
    const { status, settings } = await terminal.end();
    assert.equal(status, 1);
    assert.match(settings, /\bisig icanon iexten echo\b/, 'the terminal is as before');
    assert.deepEqual(await whatThereIs(host), before);
  });
}

test('geofence init changes nothing for who does not agree', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  const before = await whatThereIs(host);
  const terminal = startGeofence(t, host, ['init', '--allow', 'CA', '--schedule', 'none']);
  await terminal.answer('[none]: ', '');
  await terminal.answer('[Y/n]: ', '');
  await terminal.answer(CONSENT, '');
  await terminal.wait('geofence: As you wish: nothing was changed\n');
  assert.equal((await terminal.end()).status, 1);
  assert.deepEqual(await whatThereIs(host), before);
});

test('geofence init --dry-run asks too, and only shows what would be done', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  const before = await whatThereIs(host);
  const terminal = startGeofence(t, host, ['init', '--dry-run', '--deny', 'RU', '--allow-subnet', '']);
  await terminal.answer('fence IPv6 [Y/n]: ', 'n');
  await terminal.wait('IPv6 stays open to everybody\n');
  await terminal.answer(SCHEDULE, '');
  await terminal.wait('Policy: deny RU (Russia), for IPv4 only; local addresses always get in.\n');
  await terminal.wait('\n+ ipv6 = false\n');
  assert.equal((await terminal.end()).status, 0);
  assert.deepEqual(await whatThereIs(host), before);
});

for (const { name, end, reason } of [
  { name: 'no', end: (terminal: Terminal) => terminal.type('n\n'), reason: 'As you wish' },
  { name: 'Ctrl-C', end: (terminal: Terminal) => terminal.type('\u0003'), reason: 'Interrupted' },
  {
    name: 'the end of the input',
    end: (terminal: Terminal) => terminal.type('\u0004'),
    reason: 'The input ended',
  },
  { name: 'silence', end: () => {}, reason: 'Nobody answered in time' },
]) {
  test(
    `geofence init takes the fence back at ${name}, and the files are as they were`,
    { skip },
    async (t) => {
      const host = await startHostWithTables(t);
      assert.equal((await host.geofence(['init', '--yes', '--allow', 'CA', '--log-drops'])).status, 0);
      const before = await whatThereIs(host);
      const seconds = name === 'silence' ? '4' : '60';
      const terminal = startGeofence(t, host, ['init', '--confirm', seconds]);
      await answerAll(terminal, 'deny', 'RU');
      await terminal.wait(KEEP);
      assert.notDeepEqual(await whatThereIs(host), before);
      end(terminal);
      await terminal.wait(`\ngeofence: ${reason}: the fence was taken back, and everything is as it was\n`);
      assert.equal((await terminal.end()).status, 1);
      assert.deepEqual(
        (await whatThereIs(host)).filter((item) => item !== 'former.json'),
        before.filter((item) => item !== 'former.json'),
      );
      assert.equal((await host.geofence(['status'])).status, 0);
      // The timer wakes up too, and looks whether there is something left to take back.
      assert.equal((await host.geofence(['refresh', '--wait', '10'])).status, 0);
    },
  );
}

test('geofence init leaves a file alone that somebody else changes meanwhile', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  const kernel = await host.kernel();
  const path = join(dirname(host.config), 'escapes.toml');
  const theirs = '[[escape]]\ncidr = "192.0.2.9"\n';
  const options = ['init', '--allow-subnet', '198.51.100.9'];
  const early = startGeofence(t, host, options);
  await answerFence(early, async () => await writeFile(path, theirs));
  await early.wait('geofence: Cannot write "');
  assert.equal((await early.end()).status, 1);
  assert.equal(await readFile(path, 'utf8'), theirs);
  const late = startGeofence(t, host, options);
  await answerFence(late);
  await late.wait(KEEP);
  await writeFile(path, theirs.replace('9', '8'));
  late.type('n\n');
  await late.wait('warning: the settings that did not come into force are still there: Cannot write "');
  assert.equal((await late.end()).status, 1);
  assert.equal(await readFile(path, 'utf8'), theirs.replace('9', '8'));
  assert.deepEqual(Object.keys(await statedByUs(host.config)), ['escapes']);
  assert.equal(await host.kernel(), kernel);
});

/** Answers all questions but the last to somebody who named the escapes. */
async function answerFence(terminal: Terminal, beforeConsent = async (): Promise<void> => {}): Promise<void> {
  await terminal.answer('allow or deny [', '');
  await terminal.answer('countries to let in', 'CA');
  await terminal.answer('fence IPv6 [', '');
  await terminal.answer(SCHEDULE, 'none');
  await terminal.wait(CONSENT);
  await beforeConsent();
  terminal.type('y\n');
}

test('geofence init takes the fence back when its terminal is gone', { skip }, async (t) => {
  const host = await startHostWithTables(t);
  const before = await whatThereIs(host);
  const terminal = startGeofence(t, host, ['init']);
  await answerAll(terminal, 'allow', 'CA');
  await terminal.wait(KEEP);
  terminal.hangUp();
  // The files come last.
  const isLeft = async (): Promise<boolean> => (await statedByUs(host.config))['fence'] !== undefined;
  for (let attempt = 0; attempt < 150 && (await isLeft()); attempt++) await setTimeout(100);
  assert.deepEqual(await whatThereIs(host), before);
});

test('geofence init takes a confirmation from elsewhere for a yes', { skip }, async (t) => {
  const host = await startHost(t);
  const terminal = startGeofence(t, host, ['init']);
  await answerAll(terminal, 'allow', 'CA');
  await terminal.wait(KEEP);
  assert.equal((await host.geofence(['confirm'])).status, 0);
  terminal.type('\n');
  await terminal.wait('in force and confirmed\n');
  assert.equal((await terminal.end()).status, 0);
  assert.match((await host.geofence(['status'])).stdout, /^policy +allow only CA/m);
});
