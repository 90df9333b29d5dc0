import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { CliResult } from '../helpers/cli.ts';
import { runProgram } from '../helpers/cli.ts';

/** Set by .ci/host13: the tool that boots a Debian 13, and the folder that it built one in. */
const { HOST13: tool = '', HOST13_DIR: built = '' } = process.env;

/** This checkout, built, inside of every host. */
export const checkout = '/srv/geofence';

/** What the zone server inside a host has. */
const zones = {
  ipv4: { ca: ['192.0.2.0/25', '192.0.2.128/25'], ru: ['203.0.113.0/24'], kp: ['198.51.100.0/24'] },
  ipv6: { ca: ['2001:db8:ca::/48'], ru: ['2001:db8:7::/48'] },
};

/** The line of a configuration that names it. */
export const mirrorSetting = 'mirror = "http://127.0.0.1:8080"\n';

async function must(...command: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(command, { HOST13_DIR: built });
  assert.equal(exitCode, 0, `${command.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** A Debian 13 of its own with a running systemd, whose disk is gone after the test. */
export class DebianHost {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async #host13(...args: string[]): Promise<CliResult> {
    // The host has a usual folder of state of its own, which is to be used.
    return await runProgram(['env', '-u', 'GEOFENCE_STATE_DIR', tool, ...args], { HOST13_DIR: this.#dir });
  }

  async #mustHost13(...args: string[]): Promise<void> {
    const { exitCode, stdout, stderr } = await this.#host13(...args);
    assert.equal(exitCode, 0, `host13 ${args.join(' ')}: ${stdout}${stderr}`);
  }

  /** Runs a command of the shell, as root, to its end. */
  async sh(command: string): Promise<CliResult> {
    return await this.#host13('exec', command);
  }

  /** The same of one that has to succeed, without a word on stderr; returns what it printed. */
  async ok(command: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.sh(command);
    if (exitCode !== 0 || stderr !== '')
      assert.fail(`${command}: ${stdout}${stderr}${await this.#lastWords()}`);
    return stdout;
  }

  async #lastWords(): Promise<string> {
    return (await this.sh('journalctl --boot --no-pager --output=cat --lines=40')).stdout;
  }

  /** Installs packages of Debian, while it does not run. */
  async add(...packages: string[]): Promise<void> {
    await this.#mustHost13('build', ...packages);
  }

  async boot(): Promise<void> {
    await this.#mustHost13('boot');
  }

  async stop(): Promise<void> {
    await this.#mustHost13('stop');
  }

  /** Without an orderly end: the kernel's rules and sets are gone. */
  async reboot(): Promise<void> {
    await this.stop();
    await this.boot();
  }

  /** Where a path of the host is, seen from outside. */
  path(path: string): string {
    return join(this.#dir, 'root', path);
  }

  /** Writes a file of the host, also while it does not run. */
  async write(path: string, text: string, mode = 0o644): Promise<void> {
    const real = this.path(path);
    await mkdir(dirname(real), { recursive: true });
    await writeFile(real, text, { mode });
  }

  async append(path: string, text: string): Promise<void> {
    await appendFile(this.path(path), text);
  }

  /** Starts a zone server, which ends with the host. */
  async serveZones(): Promise<void> {
    await this.write('/srv/zones.json', JSON.stringify(zones));
    const program = `${checkout}/dist/build/test/helpers/zone-server-main.js`;
    await this.ok(
      `systemd-run --quiet --collect --unit=zone-server node ${program} --port 8080 /srv/zones.json`,
    );
    await this.until(`exec 3<>/dev/tcp/127.0.0.1/8080`);
  }

  /** Waits until a command of bash succeeds. */
  async until(command: string, longestSeconds = 20): Promise<void> {
    const end = Date.now() + longestSeconds * 1000;
    const quoted = command.replaceAll("'", String.raw`'\''`);
    while ((await this.sh(`bash -c '${quoted}'`)).exitCode !== 0) {
      assert.ok(Date.now() < end, `still not after ${longestSeconds} seconds: ${command}`);
      await setTimeout(100);
    }
  }

  /** Installs this geofence, with the zone server as its mirror. */
  async install(...options: string[]): Promise<void> {
    await this.ok(`node ${checkout}/dist/geofence.cjs install --yes ${options.join(' ')}`);
    await this.append('/etc/geofence/geofence.toml', mirrorSetting);
  }

  /** What a unit wrote to the journal since this boot. */
  async journal(unit: string): Promise<string> {
    return await this.ok(`journalctl --boot --no-pager --output=cat --unit=${unit}`);
  }

  /** Waits until the fence is as the policy says: systemctl waits for no unit but the one it was told of. */
  async isWhole(): Promise<void> {
    for (let left = 50; (await this.sh('geofence status')).exitCode !== 0 && left > 0; left--)
      await setTimeout(100);
    assert.match(await this.ok('geofence status || true'), /^state +up: /m);
  }
}

/**
 * A host that does not run yet, with these packages of Debian: the disk that was built, with what is written over it in
 * memory.
 */
export async function createDebianHost(t: TestContext, ...packages: string[]): Promise<DebianHost> {
  assert.ok(tool !== '' && built !== '', 'HOST13 and HOST13_DIR are set by .ci/host13');
  const dir = await mkdtemp('/var/tmp/geofence-host13-');
  const root = join(dir, 'root');
  const host = new DebianHost(dir);
  t.after(async () => {
    await host.stop();
    await must('umount', root, dir);
    await rm(dir, { recursive: true });
  });
  await must('mount', '-t', 'tmpfs', 'tmpfs', dir);
  for (const name of ['upper', 'work', 'root']) await mkdir(join(dir, name));
  const layers = `lowerdir=${built}/root,upperdir=${dir}/upper,workdir=${dir}/work`;
  await must('mount', '-t', 'overlay', 'overlay', '-o', layers, root);
  if (packages.length > 0) await host.add(...packages);
  return host;
}
