import type { Family } from '../../src/ip/family.ts';
import { families } from '../../src/ip/family.ts';
import type { Data } from './data.ts';
import type { Flood } from './flood.ts';
import { ACK, SYN, flood } from './flood.ts';
import type { Hosts } from './packet-hosts.ts';
import { addFlowHosts, addHosts, countEnded, flowProtocols } from './packet-hosts.ts';
import type { Figures, Round } from './packet-rows.ts';
import { contestRows, worstNoise } from './packet-rows.ts';
import type { MeasuredFence } from './packet-fences.ts';
import { FLOW_FENCE, measuredFences } from './packet-fences.ts';
import { deniedBounds } from './packet-shapes.ts';
import { randomAddresses } from './packet-sources.ts';
import { PacketStage, countPassed, flowPorts, receiver, sender } from './packet-stage.ts';
import type { Row } from './table.ts';

/** Hosts that get the same packets in turn. */
interface Contest {
  readonly label: string;
  /** What a fence may cost, as a share of what the old shape costs. */
  readonly bar?: number;
  readonly hosts: Hosts;
  readonly job: Omit<Flood, 'devices'>;
  /** Looks afterwards whether it went as it should. */
  readonly check: () => Promise<void>;
}

/** How much is sent. */
interface Effort {
  /** Each has hosts of its own: where a set comes to lie in memory, and its seed, make some percent. */
  readonly laps: number;
  readonly rounds: number;
  readonly sources: number;
}

const thorough: Effort = { laps: 3, rounds: 30, sources: 4096 };
const quick: Effort = { laps: 1, rounds: 2, sources: 64 };

/** What the fence costs a packet, in nanoseconds beyond what it costs without, in today's shape and in others. */
export async function packetRows(runs: number, data: Data): Promise<Row[]> {
  const isQuick = runs < 3;
  const effort = isQuick ? quick : thorough;
  const fences = await measuredFences(data, isQuick);
  const figures = new Map<string, Figures>();
  for (let lap = 0; lap < effort.laps; lap++) {
    for (const fence of fences) {
      for (const prepare of [
        synContests,
        legacyContests,
        ...(fence.label === FLOW_FENCE ? [flowContests] : []),
      ])
        await runContests(figures, data, fence, effort, prepare);
    }
  }
  return [...[...figures.values()].flatMap(contestRows), worstNoise([...figures.values()])];
}

type Prepare = (stage: PacketStage, data: Data, fence: MeasuredFence, effort: Effort) => Promise<Contest[]>;

async function runContests(
  figures: Map<string, Figures>,
  data: Data,
  fence: MeasuredFence,
  effort: Effort,
  prepare: Prepare,
): Promise<void> {
  const stage = await PacketStage.create();
  try {
    for (const { label, bar, hosts, job, check } of await prepare(stage, data, fence, effort)) {
      const names = Object.keys(hosts) as (keyof Hosts)[];
      const devices = names.map((name) => hosts[name].device);
      const results = await flood(stage.sender, { ...job, devices });
      await check();
      const rounds = Array.from(
        { length: job.rounds },
        (_, round) =>
          Object.fromEntries(names.map((name, i) => [name, results[i]?.[round]])) as unknown as Round,
      );
      figures.set(label, { label, bar, rounds: [...(figures.get(label)?.rounds ?? []), ...rounds] });
    }
  } finally {
    await stage.close();
  }
}

const barOf = (family: Family, { label }: MeasuredFence): number =>
  family.version === 4 ? 0.5 : label === 'allow all' ? 0.7 : 0.6;

const synContests: Prepare = async (stage, data, fence, { rounds, sources }) => {
  const hosts = await addHosts(stage, data, fence, 'nft');
  return families.flatMap((family) => [
    { ...synContest(hosts, fence, family, sources, rounds), bar: barOf(family, fence) },
    synContest(hosts, fence, family, 4 * sources, Math.ceil(rounds / 6)),
  ]);
};

const legacyContests: Prepare = async (stage, data, fence, { rounds, sources }) => {
  const hosts = await addHosts(stage, data, fence, 'legacy');
  return families
    .map((family) => synContest(hosts, fence, family, sources, Math.ceil(rounds / 3)))
    .map((contest) => ({ ...contest, label: `${contest.label}, legacy` }));
};

function synContest(
  hosts: Hosts,
  fence: MeasuredFence,
  family: Family,
  sources: number,
  rounds: number,
): Contest {
  const check = async (): Promise<void> => {
    for (const [name, host] of Object.entries(hosts)) {
      const passed = await countPassed(host);
      if (passed > 0) throw new Error(`${fence.label}, ${name}: ${passed} SYNs got past the rules`);
    }
  };
  const from = randomAddresses(deniedBounds(fence, family), sources);
  const job = { protocol: 'tcp', flags: SYN, ports: [40_000, 443], from, to: receiver[family.name] } as const;
  const label = `${family.label} denied SYN, ${fence.label}, ${sources.toLocaleString('en')} sources`;
  return { label, hosts, job: { ...job, rounds, framesInTurn: sources }, check };
}

const flowContests: Prepare = async (stage, data, fence, { rounds, sources }) => {
  const hosts = await addFlowHosts(stage, data, fence);
  return families.flatMap((family) =>
    flowProtocols.map((protocol): Contest => {
      const ports = [flowPorts.sender, flowPorts.receiver] as const;
      const job = { protocol, flags: ACK, ports, from: [sender[family.name]], to: receiver[family.name] };
      const check = async (): Promise<void> => {
        const least = 2 * sources * rounds;
        for (const [name, host] of Object.entries(hosts)) {
          const ended = await countEnded(host, family);
          if (ended < least) throw new Error(`flow, ${name}: only ${ended} packets of ${least} got through`);
        }
      };
      const label = `${family.label} established ${protocol.toUpperCase()} packet`;
      return { label, bar: 1, hosts, job: { ...job, rounds, framesInTurn: sources }, check };
    }),
  );
};
