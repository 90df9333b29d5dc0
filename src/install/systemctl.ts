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

/** What is called where systemd does not run, and where nothing is to change. */
export const noCalls: SystemctlCalls = { before: [], after: [] };

const RELOAD: Systemctl = ['daemon-reload'];

/**
 * The paths of the links that `systemctl enable` makes of a unit: one for each target of its WantedBy=
 * (systemd.unit(5)).
 */
export const enablementLinks = ({ path, text }: InstalledFile): string[] =>
  (/^WantedBy=(.+)$/m.exec(text)?.[1] ?? '')
    .split(' ')
    .filter((target) => target !== '')
    .map((target) => join(dirname(path), `${target}.wants`, basename(path)));

/** The names of those that are enabled; the others are started by these. */
const enabledNames = (units: readonly FileChange[]): string[] =>
  units.filter(({ file }) => enablementLinks(file).length > 0).map(({ file }) => basename(file.path));

/**
 * The calls that put units to work whose files are about to change so. None where no file changes and `areLinked`,
 * whether all of their enablement links are there: these are made at the end, so that they tell that nothing is left to
 * do. Each call may be made again without harm.
 */
export function enableCalls(units: readonly FileChange[], areLinked: boolean): SystemctlCalls {
  if (areLinked && !units.some(isTodo)) return noCalls;
  const names = enabledNames(units);
  // Not the services: without a policy they would fail, and what is fenced now is fenced.
  const timers = names.filter((name) => name.endsWith('.timer'));
  return { before: [], after: [RELOAD, ['start', ...timers], ['enable', ...names]] };
}

/**
 * The calls that take units out of work whose files are about to go; a unit without a file is none that systemd could
 * disable.
 */
export function disableCalls(units: readonly FileChange[]): SystemctlCalls {
  const going = units.filter(isTodo);
  const names = enabledNames(going);
  return {
    before: names.length === 0 ? [] : [['disable', '--now', ...names]],
    after: going.length === 0 ? [] : [RELOAD],
  };
}
