import { basename, dirname, join } from 'node:path';
import type { FileChange } from './change.ts';
import { isTodo } from './change.ts';
import type { InstalledFile } from './installation.ts';

/** The arguments of one call of systemctl(1). */
export type Systemctl = readonly string[];

/** Calls of systemctl before files of units change, and after. */
export interface SystemctlCalls {
  readonly before: readonly Systemctl[];
  readonly after: readonly Systemctl[];
}

/** Of hosts where systemd does not run, and where nothing is to change. */
export const noCalls: SystemctlCalls = { before: [], after: [] };

const RELOAD: Systemctl = ['daemon-reload'];

/** The links that `systemctl enable` makes of a unit: one for each target of its WantedBy= (systemd.unit(5)). */
export const enablementLinks = ({ path, text }: InstalledFile): string[] =>
  (/^WantedBy=(.+)$/m.exec(text)?.[1] ?? '')
    .split(' ')
    .filter((target) => target !== '')
    .map((target) => join(dirname(path), `${target}.wants`, basename(path)));

/** The names of those that are enabled; the others are started by these. */
const enabledNames = (units: readonly FileChange[]): string[] =>
  units.filter(({ file }) => enablementLinks(file).length > 0).map(({ file }) => basename(file.path));

/**
 * Puts units to work whose files are about to be as these changes say: none where the files and `areLinked`, whether all
 * of their enablement links are there, say that they are. The links are made at the end, so that they tell that nothing
 * is left to do. Each call may be made again without harm.
 */
export function enableCalls(units: readonly FileChange[], areLinked: boolean): SystemctlCalls {
  if (areLinked && !units.some(isTodo)) return noCalls;
  const names = enabledNames(units);
  // Not the services: without a policy they would fail, and what is fenced now is fenced.
  const timers = names.filter((name) => name.endsWith('.timer'));
  return { before: [], after: [RELOAD, ['start', ...timers], ['enable', ...names]] };
}

/** Takes units out of work before their files go; systemd knows no unit without one. */
export function disableCalls(units: readonly FileChange[]): SystemctlCalls {
  const going = units.filter(isTodo);
  const names = enabledNames(going);
  return {
    before: names.length === 0 ? [] : [['disable', '--now', ...names]],
    after: going.length === 0 ? [] : [RELOAD],
  };
}
