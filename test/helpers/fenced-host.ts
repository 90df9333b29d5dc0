import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { FakeKernel } from './fake-kernel.ts';
import type { CommandOutcome, InProcessOptions } from './in-process.ts';
import { runInProcess } from './in-process.ts';
import { tempDir } from './temp-dir.ts';
import type { TestKernel } from './test-kernel.ts';
import type { ZoneServer } from './zone-server.ts';
import { startZoneServer } from './zone-server.ts';

const zones = {
  ipv4: {
    ca: ['192.0.2.0/25', '192.0.2.192/26', '198.51.100.0/25'],
    ru: ['203.0.113.0/24', '198.51.100.128/26', '198.51.100.192/28'],
  },
  ipv6: { ca: ['2001:db8:ca::/48'], ru: ['2001:db8:7::/48'] },
};
export const DEADLINE_SECONDS = 1;

/** A host that is fenced with good zones, and whose source is about to fail. */
export class FencedHost {
  readonly server: ZoneServer;
  readonly kernel: TestKernel;
  readonly dir: string;
  readonly zones = zones;

  constructor(server: ZoneServer, dir: string, kernel: TestKernel = new FakeKernel()) {
    this.server = server;
    this.dir = dir;
    this.kernel = kernel;
  }

  async geofence(...args: string[]): Promise<CommandOutcome> {
    return await this.call(args);
  }

  async geofenceOnTerminal(...args: string[]): Promise<CommandOutcome> {
    return await this.call(args, { isTTY: true });
  }

  /** The same where something is not as usual. */
  async call(
    args: readonly string[],
    { env, ...options }: Partial<InProcessOptions> = {},
  ): Promise<CommandOutcome> {
    return await runInProcess(args, {
      run: this.kernel.run,
      env: {
        GEOFENCE_MIRROR: this.server.url,
        GEOFENCE_CACHE_DIR: join(this.dir, 'cache'),
        GEOFENCE_CONFIG: join(this.dir, 'geofence.toml'),
        ...env,
      },
      ...options,
    });
  }

  /** Adds lines to the configuration. */
  async configure(lines: string): Promise<void> {
    // Without ipverse, which is on the Internet.
    const text = `sources = ["ipdeny"]\ndeadline_seconds = ${DEADLINE_SECONDS}\n${lines}`;
    await writeFile(join(this.dir, 'geofence.toml'), text);
  }

  /** As if the cache had just been deleted. */
  async forgetZones(): Promise<void> {
    for (const family of ['ipv4', 'ipv6']) await rm(join(this.dir, 'cache', family), { recursive: true });
  }

  /** Everything that must stay: the kernel without what ends by itself, and the good copy without its time. */
  async state(): Promise<string> {
    const sets = (await this.kernel.run('ipset', ['list', '-n'])).stdout
      .toString()
      .split('\n')
      .filter(Boolean);
    const parts = await Promise.all([
      ...sets.map(async (name) => (await this.kernel.run('ipset', ['save', name])).stdout.toString()),
      this.kernel.run('iptables-save', ['-c', '-t', 'mangle']).then(({ stdout }) => stdout.toString()),
      this.kernel.run('ip6tables-save', ['-c', '-t', 'mangle']).then(({ stdout }) => stdout.toString()),
      readFile(join(this.dir, 'cache', 'ipv4', 'ca.zone'), 'utf8'),
    ]);
    return parts.join('').replaceAll(/^(?:#.*|add \S+ \S+ timeout [1-9].*)\n/gm, '');
  }
}

/** Fenced to Canada. */
export async function startFencedHost(t: TestContext, kernel?: TestKernel): Promise<FencedHost> {
  const server = await startZoneServer({ zones });
  t.after(() => server.close());
  const dir = await tempDir(t);
  const host = new FencedHost(server, dir, kernel);
  await host.configure('');
  const fence = async (): Promise<CommandOutcome> => await host.geofence('refresh', '--allow', 'CA');
  // The deadline is for what is about to fail. A busy machine may need a second go for what does not.
  const first = await fence();
  assert.deepEqual(first.exitCode === 0 ? first : await fence(), { exitCode: 0, stdout: '', stderr: '' });
  return host;
}
