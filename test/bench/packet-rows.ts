import { median } from './measure.ts';
import type { Hosts } from './packet-hosts.ts';
import type { Row } from './table.ts';

/** Nanoseconds of a packet, for each host. */
export type Round = Readonly<Record<keyof Hosts, number>>;

/** What was measured in one contest. */
export interface Figures {
  readonly label: string;
  /** What geofence may cost, as a share of its peer; without it that is only reported. */
  readonly bar?: number | undefined;
  /** What it is measured against, where that is not the shape of 0.1. */
  readonly peer?: string | undefined;
  readonly rounds: readonly Round[];
}

/** The half of the rounds that took least in all: what disturbed the others disturbed the hosts unlike. */
function calmRounds({ rounds }: Figures): Round[] {
  const total = (round: Round): number => Object.values(round).reduce((sum, value) => sum + value, 0);
  return rounds.toSorted((a, b) => total(a) - total(b)).slice(0, Math.ceil(rounds.length / 2));
}

/** How much more a packet costs than at the base: of the differences in each round the one in the middle. */
const beyondBase = (rounds: readonly Round[], name: keyof Hosts): number =>
  median(rounds.map((round) => round[name] - round.base));

const names: Readonly<Record<keyof Hosts, string>> = {
  base: 'packet without a fence, sending included',
  baseAgain: 'noise: a second host without a fence',
  old: 'shape of 0.1',
  now: 'geofence',
};

export function contestRows(figures: Figures): Row[] {
  const { label, bar, peer = names.old } = figures;
  const rounds = calmRounds(figures);
  const ratio: Row = {
    what: `${label}: ${names.now} / ${peer}`,
    value: beyondBase(rounds, 'now') / beyondBase(rounds, 'old'),
    unit: 'x',
  };
  if (bar === undefined) return [ratio];
  const beyond = (name: keyof Hosts): Row => ({
    what: `  ${name === 'old' ? peer : names[name]}, beyond it`,
    value: beyondBase(rounds, name),
    unit: 'ns',
  });
  return [
    { ...ratio, bar },
    { what: `  ${names.base}`, value: median(rounds.map(({ base }) => base)), unit: 'ns' },
    ...(['old', 'now', 'baseAgain'] as const).map(beyond),
  ];
}

/** The noise of the contests with a bar, as a share of the least that a fence costs there. */
export function worstNoise(all: readonly Figures[]): Row {
  const shares = all
    .filter(({ bar }) => bar !== undefined)
    .map((figures) => {
      const rounds = calmRounds(figures);
      const least = Math.min(beyondBase(rounds, 'old'), beyondBase(rounds, 'now'));
      return (100 * Math.abs(beyondBase(rounds, 'baseAgain'))) / least;
    });
  return {
    what: 'noise, the worst of all with a bar, of the least that a fence costs there',
    value: Math.max(...shares),
    unit: '%',
    bar: 5,
  };
}
