import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Variant } from '../../src/firewall/variants.ts';
import { cliPath } from '../helpers/cli.ts';
import { Host, startServer } from '../helpers/host.ts';
import { kernelSkip } from '../helpers/kernel-skip.ts';
import type { Network } from '../helpers/network.ts';
import { createNetwork, links } from '../helpers/network.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import type { Probe } from './probes.ts';
import { sendAll, startProbe } from './probes.ts';

/** In Russia by the zones of the test, and so kept out by the fence. */
const denied = { ipv4: '203.0.113.10', ipv6: '2001:db8:7::10' } as const;
const familyNames = ['ipv4', 'ipv6'] as const;
const PORT = '7100';
const OTHER_PORT = '7101';

interface Place {
  readonly network: Network;
  readonly host: Host;
}

async function createPlace(t: TestContext, variant: Variant, early: boolean): Promise<Place> {
  const dir = await tempDir(t);
  const network = await createNetwork(Object.values(denied));
  t.after(network.close);
  const { fence } = network;
  const host = new Host(fence, dir, await startServer(t, fence, dir));
  await host.configure(`sources = ["ipdeny"]\niptables = "${variant}"\nearly_drop = ${early}\n`);
  for (const port of [PORT, OTHER_PORT]) {
    const echo = await startProbe(fence, 'echo', [port]);
    t.after(echo.stop);
  }
  await geofence(host, 'refresh', '--deny', 'RU');
  return { network, host };
}

async function geofence(host: Host, ...args: string[]): Promise<void> {
  const { status, stderr } = await host.geofence(args);
  assert.deepEqual([status, stderr], [0, ''], args.join(' '));
}

/** Two times what a connection takes that comes about at once; a SYN that was dropped is sent again after a second. */
const PATIENCE_SECONDS = '1';

type FamilyName = (typeof familyNames)[number];

async function connect(
  { network }: Place,
  family: FamilyName,
  port: string,
  seconds = PATIENCE_SECONDS,
): Promise<Probe | undefined> {
  const args = [denied[family], links.fence[family], port, seconds];
  return await startProbe(network.client, 'connection', args).catch(() => undefined);
}

/** The families over which the denied reach a port. */
async function reached(place: Place, port: string): Promise<FamilyName[]> {
  const probes = await Promise.all(familyNames.map(async (family) => await connect(place, family, port)));
  await Promise.all(probes.map(async (probe) => await probe?.stop()));
  return familyNames.filter((_, i) => probes[i] !== undefined);
}

async function udpArrivals({ network: { client, fence } }: Place): Promise<number> {
  const routes = familyNames.map((family) => ({
    from: denied[family],
    to: links.fence[family],
    port: Number(PORT),
  }));
  return (await sendAll(client, [fence], routes)).length;
}

for (const variant of ['nft', 'legacy'] as const) {
  const skip = await kernelSkip(variant);
  for (const early of [true, false]) {
    const name = `iptables-${variant}, ${early ? 'with' : 'without'} an early drop`;

    test(
      `${name}: the denied reach what is open, of its protocol, and what came in goes on`,
      { skip },
      async (t) => {
        const place = await createPlace(t, variant, early);
        const { host } = place;
        assert.deepEqual(await reached(place, PORT), []);
        await geofence(host, 'open', `tcp/${PORT}`, '--for', '10m');
        assert.deepEqual(await reached(place, PORT), [...familyNames]);
        assert.deepEqual(await reached(place, OTHER_PORT), [], 'another port');
        assert.equal(await udpArrivals(place), 0, 'another protocol');
        await geofence(host, 'refresh', '--deny', 'RU,KP');
        const stays = await connect(place, 'ipv4', PORT, '30');
        assert.ok(stays, 'open after a refresh');
        await geofence(host, 'close', `tcp/${PORT}`);
        assert.deepEqual(await reached(place, PORT), [], 'closed');
        stays.child.stdin.write('still here\n');
        assert.equal(await stays.line(), 'still here');
        await stays.stop();
        await geofence(host, 'open', `udp/${PORT}`, '--for', '10m');
        assert.equal(await udpArrivals(place), 2, 'UDP');
        assert.deepEqual(await reached(place, PORT), [], 'TCP when UDP is open');
        await geofence(host, 'close', '--all');
        await geofence(host, 'open', '--from', denied.ipv6, '--for', '1m');
        assert.deepEqual(await reached(place, OTHER_PORT), ['ipv6'], 'a visitor');
      },
    );
  }

  test(
    `iptables-${variant}: a hole closes on time after SIGKILL of the geofence that opened it`,
    { skip },
    async (t) => {
      const place = await createPlace(t, variant, true);
      const { host, network } = place;
      const args = ['open', `tcp/${PORT}`, '--for', '4s', '--verbose', '--', 'sleep', '20'];
      const geofenceRun = network.fence.start('env', [...host.variables, process.execPath, cliPath, ...args]);
      for await (const line of createInterface(geofenceRun.stderr))
        if (line.includes('open to everybody until')) break;
      const openedAt = performance.now();
      assert.deepEqual(await reached(place, PORT), [...familyNames]);
      geofenceRun.kill('SIGKILL');
      await sleep(4500 - (performance.now() - openedAt));
      assert.deepEqual(await reached(place, PORT), []);
      await geofence(host, 'status', '--check');
    },
  );
}
