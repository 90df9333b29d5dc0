import { writeFile } from 'node:fs/promises';
import { families } from '../../src/ip/family.ts';
import type { Family } from '../../src/ip/family.ts';
import { geofenceCommand, must } from './commands.ts';
import type { Data } from './data.ts';
import type { MeasuredFence } from './packet-fences.ts';
import type { Shape } from './packet-shapes.ts';
import type { PacketStage, Receiver, Variant } from './packet-stage.ts';
import { flowPorts, receiver, setRules, startFlow } from './packet-stage.ts';
import { LAST_PORT, configureTwenty } from './twenty-fences.ts';

/** Hosts by what is in them. */
export interface Hosts {
  /** Two that are alike, without a fence. */
  readonly base: Receiver;
  readonly baseAgain: Receiver;
  /** The shape that is measured against. */
  readonly old: Receiver;
  /** What geofence sets up. */
  readonly now: Receiver;
}

/** Adds hosts with the fence in each of its shapes, and two that drop every packet by their very first rule. */
export async function addHosts(
  stage: PacketStage,
  data: Data,
  fence: MeasuredFence,
  variant: Variant,
): Promise<Hosts> {
  const hosts = await addFenced(stage, data, fence, variant);
  await dropAll(hosts, variant);
  return hosts;
}

async function dropAll({ base, baseAgain }: Hosts, variant: Variant = 'nft'): Promise<void> {
  const drop = [`-A PREROUTING -i ${receiver.device} -j DROP`];
  for (const host of [base, baseAgain])
    for (const family of families) await setRules(host, variant, family, 'raw', drop);
}

/** Adds hosts that let packets of a flow pass the fence, and drop them behind it; two have none. */
export async function addFlowHosts(stage: PacketStage, data: Data, fence: MeasuredFence): Promise<Hosts> {
  const hosts = await addFenced(stage, data, fence, 'nft');
  for (const host of Object.values(hosts)) {
    for (const family of families) {
      await setRules(host, 'nft', family, 'filter', flowRules);
      for (const protocol of flowProtocols) await startFlow(host, family, protocol);
    }
  }
  return hosts;
}

/**
 * Adds hosts with one fence and with twenty, of which the last decides alike about its port; two, without any, drop every
 * packet by their very first rule.
 */
export async function addTwentyHosts(stage: PacketStage, data: Data, fence: MeasuredFence): Promise<Hosts> {
  const hosts = await addTwenty(stage, data, fence);
  await dropAll(hosts);
  return hosts;
}

/** Adds the same; all let what is allowed to that port, and packets of a flow, pass the fence, and drop it behind. */
export async function addTwentyFlowHosts(
  stage: PacketStage,
  data: Data,
  fence: MeasuredFence,
): Promise<Hosts> {
  const hosts = await addTwenty(stage, data, fence);
  const drops = [...flowRules, `-A INPUT -p tcp --dport ${LAST_PORT} -j DROP`];
  for (const host of Object.values(hosts)) {
    for (const family of families) {
      await setRules(host, 'nft', family, 'filter', drops);
      await startFlow(host, family, 'tcp');
    }
  }
  return hosts;
}

async function addTwenty(stage: PacketStage, data: Data, fence: MeasuredFence): Promise<Hosts> {
  const now = await stage.addReceiver();
  const twenty = await configureTwenty(data, 'sources = ["ipdeny"]\nearly_drop = true\niptables = "nft"');
  await must(now.place.finish, geofenceCommand(data, 'refresh', '--offline', ...twenty));
  return {
    base: await stage.addReceiver(),
    baseAgain: await stage.addReceiver(),
    old: await refreshed(stage, data, fence, 'nft'),
    now,
  };
}

async function addFenced(
  stage: PacketStage,
  data: Data,
  fence: MeasuredFence,
  variant: Variant,
): Promise<Hosts> {
  const old = await stage.addReceiver();
  await setShape(old, variant, fence.old);
  return {
    base: await stage.addReceiver(),
    baseAgain: await stage.addReceiver(),
    old,
    now: await refreshed(stage, data, fence, variant),
  };
}

export const flowProtocols = ['tcp', 'udp'] as const;

const flowRules = flowProtocols.map(
  (protocol) =>
    `-A INPUT -p ${protocol} --dport ${flowPorts.receiver} -m conntrack --ctstate ESTABLISHED -j DROP`,
);

/** Rules that drop packets. */
export interface DropRules {
  readonly variant: Variant;
  readonly family: Family;
  readonly table: 'raw' | 'filter';
}

/** How many packets those rules of a host have dropped so far. */
export async function countDropped(
  { place }: Receiver,
  { variant, family, table }: DropRules,
): Promise<number> {
  const tool = `ip${family.version === 4 ? '' : '6'}tables-${variant}-save`;
  const text = await must(place.finish, [tool, '-c', '-t', table]);
  return [...text.matchAll(/^\[(\d+):\d+\] -A .* -j DROP$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

async function setShape(host: Receiver, variant: Variant, shape: Shape): Promise<void> {
  await host.place.run('ipset', ['restore'], { input: shape.sets });
  for (const family of families)
    for (const table of ['raw', 'mangle'] as const)
      await setRules(host, variant, family, table, shape.rules(family, table));
}

async function refreshed(
  stage: PacketStage,
  data: Data,
  { mode, countries }: MeasuredFence,
  variant: Variant,
): Promise<Receiver> {
  const host = await stage.addReceiver();
  await writeFile(data.config, `sources = ["ipdeny"]\nearly_drop = true\niptables = "${variant}"\n`);
  const args = ['refresh', '--offline', `--${mode}`, countries, '--config', data.config];
  await must(host.place.finish, geofenceCommand(data, ...args));
  return host;
}
