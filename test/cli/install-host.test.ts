import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { cliPath } from '../helpers/cli.ts';
import type { Host } from '../helpers/host.ts';
import { startHost } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Finished } from '../helpers/netns.ts';
import type { Terminal } from '../helpers/terminal.ts';
import { openTerminal } from '../helpers/terminal.ts';

const skip = await kernelSkip('nft');

/** Makes and removes the links of enabled units, and keeps a list of what it was asked to do. */
const systemctl = `#!/bin/sh
echo "$*" >>/run/systemctl.log
[ "$1" = "$(cat /run/systemctl.fails 2>/dev/null)" ] && { echo "Access denied" >&2; exit 4; }
verb=$1
shift
cd /etc/systemd/system || exit 1
for unit; do
    case $unit in --*) continue ;; esac
    [ -e "$unit" ] || { echo "Unit file $unit does not exist" >&2; exit 1; }
    for target in $(sed -n 's/^WantedBy=//p' "$unit"); do
        case $verb in
        enable) mkdir -p "$target.wants" && ln -sf "../$unit" "$target.wants/$unit" ;;
        disable) rm -f "$target.wants/$unit" && rmdir "$target.wants" 2>/dev/null ;;
        esac
    done
done
exit 0
`;

/**
 * Folders of its own to write to, with a copy of this machine's configuration, in which systemd seems to run; Node.js is
 * where everybody finds it. Copies, for a user without privileges owns nothing else here.
 */
const setUp = `set -e
mkdir "$1"
mount -t tmpfs tmpfs "$1"
mkdir -p "$1/etc" "$1/var/cache" "$1/var/lib" "$1/local/bin" "$1/local/sbin"
cp -r /etc/. "$1/etc" 2>/dev/null || true
touch "$1/local/bin/node"
mount --bind "$2" "$1/local/bin/node"
printf %s "$4" >"$1/local/sbin/systemctl"
chmod 755 "$1/local/sbin/systemctl"
mount --bind "$1/etc" /etc
mount --bind "$1/var" /var
mount --rbind "$1/local" /usr/local
mount -t tmpfs tmpfs /run
[ -z "$3" ] || mkdir -p /run/systemd/system
for real in /usr/sbin/systemctl /sbin/systemctl /usr/bin/systemctl /bin/systemctl; do
    [ ! -e "$real" ] || mount --bind /usr/local/sbin/systemctl "$real"
done
echo ready
exec cat
`;

class OwnHost {
  readonly host: Host;
  readonly #pid: number;

  constructor(host: Host, pid: number) {
    this.host = host;
    this.#pid = pid;
  }

  /** Runs a program there, with the environment of a service. */
  async run(...command: string[]): Promise<Finished> {
    return await this.host.namespace.finish('nsenter', this.#enter(command));
  }

  /** The same, with a person at its terminal. */
  openTerminal(t: TestContext, ...command: string[]): Terminal {
    return openTerminal(t, this.host.namespace, ['nsenter', ...this.#enter(command)]);
  }

  #enter(command: readonly string[]): string[] {
    return ['-t', String(this.#pid), '-m', '--', 'env', '-i', 'PATH=/usr/bin:/bin', ...command];
  }

  async geofence(...args: string[]): Promise<Finished> {
    return await this.run('/usr/local/bin/node', cliPath, ...args);
  }

  /** What systemctl was told since the last time. */
  async told(): Promise<string[]> {
    const { stdout } = await this.run('sh', '-c', 'cat /run/systemctl.log; rm -f /run/systemctl.log');
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** Every path that could be written to, and a checksum of every file. */
  async files(): Promise<string[]> {
    const script = 'find /etc /var /usr/local; find /etc /var /usr/local/s* -type f -exec cksum {} +';
    const { stdout } = await this.run('sh', '-c', script);
    return stdout.split('\n').sort();
  }
}

async function startOwnHost(t: TestContext, { withSystemd }: { withSystemd: boolean }): Promise<OwnHost> {
  const host = await startHost(t);
  const layers = join(host.cache, '..', 'layers');
  const holder = host.namespace.start(
    'unshare',
    ['--mount', 'sh', '-c', setUp, 'sh', layers, process.execPath, withSystemd ? 'yes' : '', systemctl],
    120,
  );
  t.after(() => holder.kill());
  const problems: Buffer[] = [];
  holder.stderr.on('data', (chunk: Buffer) => problems.push(chunk));
  await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
  assert.equal(holder.exitCode, null, Buffer.concat(problems).toString());
  return new OwnHost(host, holder.pid ?? 0);
}

const units = 'geofence-sets.service geofence.service geofence-refresh.timer';
const putToWork = ['daemon-reload', 'start geofence-refresh.timer', `enable ${units}`];
const done = /^done +geofence is installed; to set it up: geofence init$/m;

test(
  'install puts the units to work; the fence made by hand is the one they restore; uninstall undoes it all',
  { skip },
  async (t) => {
    const own = await startOwnHost(t, { withSystemd: true });
    const before = await own.files();
    const open = await own.host.kernel();
    const first = await own.geofence('install', '--yes');
    assert.match(first.stdout, done);
    assert.deepEqual([first.stderr, first.status], ['', 0]);
    assert.deepEqual(await own.told(), putToWork);
    assert.match((await own.geofence('install')).stdout, /^done +nothing, everything is as it should be$/m);
    assert.deepEqual(await own.told(), []);
    await own.run('systemctl', 'disable', 'geofence.service');
    await own.told();
    assert.match((await own.geofence('install', '--yes')).stdout, done);
    assert.deepEqual(await own.told(), putToWork, 'somebody disabled one');

    const program = '/usr/local/bin/geofence';
    const version = await own.run('env', 'PATH=/nonexistent', program, '--version');
    assert.deepEqual([version.stderr, version.status], ['', 0], 'it finds its Node.js without a PATH');
    const refreshed = await own.run(program, 'refresh', '--allow', 'CA', '--mirror', own.host.mirror);
    assert.deepEqual(refreshed, { status: 0, stdout: '', stderr: '' });
    const fenced = await own.host.inForce();
    assert.notEqual(fenced, open);
    for (const unit of ['geofence-sets', 'geofence', 'geofence-refresh']) {
      if (unit === 'geofence') await own.host.tool('iptables', '-t', 'mangle', '-F');
      const { stdout } = await own.run(
        'sed',
        '-n',
        's/^ExecStart=//p',
        `/etc/systemd/system/${unit}.service`,
      );
      assert.deepEqual(await own.run(...stdout.trim().split(' ')), { status: 0, stdout: '', stderr: '' });
      if (unit !== 'geofence-sets') assert.equal(await own.host.inForce(), fenced);
    }

    const gone = await own.run(program, 'uninstall', '--yes', '--purge');
    assert.deepEqual([gone.stderr, gone.status], ['', 0]);
    assert.match(gone.stdout, /^fence +.*remove.*$/m);
    assert.deepEqual(await own.told(), [`disable --now ${units}`, 'daemon-reload']);
    assert.doesNotMatch(await own.host.kernel(), /geofence/i);
    assert.deepEqual(await own.files(), before);
    const again = await own.run(
      'env',
      'GEOFENCE_CACHE_DIR=/var/cache/geofence',
      '/usr/local/bin/node',
      cliPath,
      'uninstall',
    );
    assert.match(again.stdout, /^done +nothing, geofence is not installed$/m);
    assert.deepEqual(await own.files(), before);
  },
);

test(
  'install changes the schedule of the host: the units are put out of work before they go',
  { skip },
  async (t) => {
    const own = await startOwnHost(t, { withSystemd: true });
    await own.geofence('install', '--yes');
    await own.told();
    const { stdout, status } = await own.geofence('install', '--yes', '--schedule', 'cron');
    assert.match(stdout, done);
    assert.equal(status, 0);
    assert.deepEqual(await own.told(), [`disable --now ${units}`, 'daemon-reload']);
    const files = await own.files();
    assert.ok(files.includes('/etc/cron.weekly/geofence'));
    assert.ok(!files.some((path) => path.includes('/systemd/system/geofence')));
  },
);

test(
  'install that fails part-way says what was done, and goes on when it is run again',
  { skip },
  async (t) => {
    const own = await startOwnHost(t, { withSystemd: true });
    await own.run('sh', '-c', 'echo enable >/run/systemctl.fails');
    const failed = await own.geofence('install', '--yes');
    assert.match(
      failed.stderr,
      /^geofence: systemctl enable .* failed: Access denied\n {2}hint: done before: \/usr\/local\/lib\/geofence\/, \/usr\/local\/bin\/geofence, .*; the same command goes on\n$/,
    );
    assert.equal(failed.status, 1);
    await own.run('rm', '/run/systemctl.fails');
    await own.told();
    assert.match((await own.geofence('install', '--yes')).stdout, done);
    assert.deepEqual(await own.told(), putToWork);
  },
);

test('install uses cron where systemd does not run, and calls no systemctl', { skip }, async (t) => {
  const own = await startOwnHost(t, { withSystemd: false });
  const before = await own.files();
  assert.match((await own.geofence('install', '--yes')).stdout, /^create +\/etc\/rc\.firewall\.local$/m);
  assert.deepEqual(
    await own.run('/usr/local/bin/geofence', 'refresh', '--deny', 'RU', '--mirror', own.host.mirror),
    { status: 0, stdout: '', stderr: '' },
  );
  const fenced = await own.host.inForce();
  await own.host.tool('iptables', '-t', 'mangle', '-F');
  assert.deepEqual(await own.run('/etc/rc.firewall.local'), { status: 0, stdout: '', stderr: '' });
  assert.equal(await own.host.inForce(), fenced);
  await own.host.tool('iptables', '-t', 'mangle', '-F');
  const weekly = await own.run(
    'env',
    'GEOFENCE_JITTER_SECONDS=0',
    `GEOFENCE_CRON_LOCK=${own.host.cache}.lock`,
    '/etc/cron.weekly/geofence',
  );
  assert.deepEqual(weekly, { status: 0, stdout: '', stderr: '' });
  assert.equal(await own.host.inForce(), fenced);
  await own.run('/usr/local/bin/geofence', 'uninstall', '--yes', '--purge');
  assert.doesNotMatch(await own.host.kernel(), /geofence/i);
  assert.deepEqual(await own.told(), []);
  assert.deepEqual(await own.files(), before);
});

test(
  'a boot without systemd loads saved rules that name our sets, once install is there, and not before',
  { skip },
  async (t) => {
    const own = await startOwnHost(t, { withSystemd: false });
    await own.run('mkdir', '-p', '/etc/network/if-pre-up.d');
    const path = 'PATH=/usr/sbin:/sbin:/usr/bin:/bin';
    const hook = '/etc/network/if-pre-up.d/iptables';
    const script = '#!/bin/sh\niptables-restore </etc/saved.v4 && ip6tables-restore </etc/saved.v6\n';
    await own.run('sh', '-c', `printf '${script}' >${hook}; chmod 755 ${hook}`);
    /** What ifupdown does with the kernel as a reboot leaves it. */
    const boot = async (): Promise<string> => {
      for (const tool of ['iptables', 'ip6tables'])
        for (const table of ['raw', 'mangle', 'filter'])
          for (const flag of ['-F', '-X']) await own.host.tool(tool, '-t', table, flag);
      await own.host.tool('ipset', 'destroy');
      const { stderr } = await own.run(
        'env',
        'IFACE=lo',
        'PATH=/usr/sbin:/sbin:/usr/bin:/bin',
        'run-parts',
        '/etc/network/if-pre-up.d',
      );
      return stderr;
    };
    await own.geofence('install', '--yes', '--schedule', 'none');
    const program = '/usr/local/bin/geofence';
    await own.host.tool('iptables', '-A', 'INPUT', '-p', 'tcp', '--dport', '23', '-j', 'DROP');
    await own.run(program, 'refresh', '--allow', 'CA', '--mirror', own.host.mirror);
    const fenced = await own.host.inForce();
    const save = 'iptables-save >/etc/saved.v4; ip6tables-save >/etc/saved.v6';
    await own.run('env', path, 'sh', '-c', save);

    assert.match(await boot(), /Set geofence-main-allow-4 doesn't exist/);
    assert.doesNotMatch(await own.host.kernel(), /--dport 23/, 'no firewall at all');
    await own.run(program, 'restore');
    const told = await own.run(program, 'status');
    assert.match(
      told.stdout.replaceAll(/\n +/g, ' '),
      /\nwarnings +"\/etc\/saved\.v4" and "\/etc\/saved\.v6" name sets of geofence, which nothing makes at boot .* → geofence install\n/,
    );

    const installed = await own.run(program, 'install', '--yes');
    assert.match(installed.stdout, /^create +\/etc\/network\/if-pre-up\.d\/00geofence$/m);
    assert.equal(await boot(), '');
    assert.match(await own.host.kernel(), /--dport 23 [^]*-j GEOFENCE\n/, 'all that was saved');
    await own.run('/etc/rc.firewall.local');
    assert.equal(await own.host.inForce(), fenced);
    assert.doesNotMatch((await own.run(program, 'status')).stdout, /names? sets of geofence/);
  },
);

test('init lets the host run what it put in force; uninstall takes all of it away', { skip }, async (t) => {
  const own = await startOwnHost(t, { withSystemd: true });
  const before = await own.files();
  const init = ['init', '--yes', '--allow', 'CA', '--mirror', own.host.mirror, '--schedule', 'auto'];
  const program = '/usr/local/bin/geofence';
  await own.geofence('install', '--yes', '--schedule', 'none');
  const first = await own.run(program, ...init);
  assert.deepEqual([first.stderr, first.status], ['', 0]);
  assert.match(
    first.stdout,
    /^schedule +\/etc\/systemd\/system\/geofence-sets\.service\n[^]*geofence-refresh\.timer$/m,
  );
  assert.deepEqual(await own.told(), putToWork);
  const fenced = await own.host.inForce();
  await own.host.tool('iptables', '-t', 'mangle', '-F');
  const restored = await own.run(program, 'restore', '--quiet', '--wait', '60');
  assert.deepEqual(restored, { status: 0, stdout: '', stderr: '' });
  assert.equal(await own.host.inForce(), fenced);
  const again = await own.run(program, ...init);
  assert.match(again.stdout, /^schedule +nothing was installed$/m);
  assert.deepEqual(await own.told(), []);
  await own.run(program, 'uninstall', '--yes', '--purge');
  assert.deepEqual(await own.files(), before);
});

test(
  'init asks about the schedule, shows what it installs, and installs it at the end',
  { skip },
  async (t) => {
    const own = await startOwnHost(t, { withSystemd: false });
    const program = '/usr/local/bin/geofence';
    await own.geofence('install', '--yes', '--schedule', 'none');
    const options = ['--allow', 'CA', '--allow-subnet', '', '--ipv6', '--mirror', own.host.mirror];
    const terminal = own.openTerminal(t, program, 'init', ...options);
    await terminal.answer('schedule (auto, systemd, cron, none) [auto]: ', '');
    await terminal.wait('install  /etc/cron.weekly/geofence\n');
    await terminal.answer('do all this, the fence on trial [y/N]: ', 'y');
    await terminal.wait('keep it [y/N]: ');
    assert.ok(!(await own.files()).includes('/etc/cron.weekly/geofence'), 'not yet');
    terminal.type('y\n');
    await terminal.wait('schedule  /etc/cron.weekly/geofence\n');
    assert.equal((await terminal.end()).status, 0);
    assert.ok((await own.files()).includes('/etc/cron.weekly/geofence'));
    const weekly = await own.run(program, 'refresh', '--quiet');
    assert.deepEqual(weekly, { status: 0, stdout: '', stderr: '' });
  },
);

test('no schedule is installed that would look for the policy elsewhere', { skip }, async (t) => {
  const own = await startOwnHost(t, { withSystemd: true });
  const init = ['init', '--yes', '--allow', 'CA', '--mirror', own.host.mirror, '--schedule', 'auto'];
  const variable = 'GEOFENCE_CACHE_DIR=/var/elsewhere';
  const elsewhere = await own.run('env', variable, '/usr/local/bin/node', cliPath, ...init);
  assert.match(
    elsewhere.stderr,
    /Cannot let systemd run geofence: it would look in \/var\/cache\/geofence and .*, and zones and policy are in "\/var\/elsewhere"/,
  );
  assert.equal(elsewhere.status, 1);
  assert.doesNotMatch(await own.host.kernel(), /geofence/i, 'it is said before anything is done');
  await own.run(
    'sh',
    '-c',
    'mkdir /etc/geofence && echo \'cache_dir = "/var/elsewhere"\' >/etc/geofence/geofence.toml',
  );
  const install = await own.geofence('install', '--yes');
  assert.match(
    install.stderr,
    /Cannot let systemd run geofence: its units only write to .*, and "\/etc\/geofence\/geofence.toml" says otherwise\n {2}hint: /,
  );
  assert.equal(install.status, 1);
  assert.deepEqual(await own.told(), []);
  assert.match((await own.geofence('install', '--yes', '--schedule', 'cron')).stdout, done);
});

test(
  'the state that earlier versions kept beside the cache is moved to the folder of root',
  { skip },
  async (t) => {
    const own = await startOwnHost(t, { withSystemd: false });
    const variables = ['GEOFENCE_CACHE_DIR=/var/elsewhere', `GEOFENCE_MIRROR=${own.host.mirror}`];
    const geofence = async (words: readonly string[], ...args: string[]): Promise<Finished> =>
      await own.run('env', ...words, '/usr/local/bin/node', cliPath, ...args);
    const old = [...variables, 'GEOFENCE_STATE_DIR=/var/elsewhere/state'];
    assert.equal((await geofence(old, 'refresh', '--allow', 'CA')).status, 0);
    assert.equal((await geofence(old, 'refresh', '--allow', 'CA,RU')).status, 0);
    // Earlier versions had no record of zones.
    for (const name of ['zones.json', 'zone-texts.json']) await own.run('rm', `/var/elsewhere/state/${name}`);
    const moved = await geofence(variables, 'status');
    assert.match(
      moved.stderr,
      /^geofence: warning: the state that was in "\/var\/elsewhere\/state" is now in "\/var\/lib\/geofence"\n$/,
    );
    assert.match(moved.stdout, /^policy +allow only CA, RU;/m);
    assert.equal(moved.status, 0);
    const files = (await own.files()).filter((path) => path.endsWith('.json') && path.startsWith('/'));
    assert.deepEqual(files, ['/var/lib/geofence/former.json', '/var/lib/geofence/policy.json']);
    assert.deepEqual(await geofence(variables, 'rollback'), { status: 0, stdout: '', stderr: '' });
    assert.match((await geofence(variables, 'status')).stdout, /^policy +allow only CA \(Canada\);/m);
  },
);

test(
  'install refuses a schedule for what npm linked, when its Node.js could not be found',
  { skip },
  async (t) => {
    const own = await startOwnHost(t, { withSystemd: false });
    const copy = '/usr/local/sbin/node-20';
    await own.run('cp', process.execPath, copy);
    await own.run('ln', '-s', cliPath, '/usr/local/bin/geofence');
    const { stderr, status } = await own.run(copy, cliPath, 'install', '--yes');
    assert.match(
      stderr,
      /^geofence: Cannot let cron run "\/usr\/local\/bin\/geofence": .*\n {2}hint: .*ln -s \S+node-20 /,
    );
    assert.equal(status, 1);
    assert.match((await own.run(copy, cliPath, 'install', '--yes', '--schedule', 'none')).stdout, done);
  },
);

test('install refuses units whose Node.js they could not see', { skip }, async (t) => {
  const own = await startOwnHost(t, { withSystemd: true });
  const copy = `${own.host.cache}-node`;
  await own.run('cp', process.execPath, copy);
  const { stderr, status } = await own.run(copy, cliPath, 'install', '--yes');
  assert.match(
    stderr,
    /^geofence: Cannot let systemd run ".*-node": its services may not look into that folder\n {2}hint: .*--schedule cron\n$/,
  );
  assert.equal(status, 1);
  assert.deepEqual(await own.told(), []);
});
