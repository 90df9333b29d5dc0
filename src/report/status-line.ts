import { formatAge, formatPlural, formatTime } from '../words/format.ts';
import { describeHoles } from './holes.ts';
import type { FenceState, StatusReport } from './status.ts';

const severities: Record<FenceState, string> = {
  down: 'CRITICAL',
  drifted: 'CRITICAL',
  stale: 'WARNING',
  pending: 'OK',
  preview: 'OK',
  up: 'OK',
  // Who watches a fence wants to hear that it is gone, and the memory of it too.
  none: 'CRITICAL',
};

/** Whether a monitor has nothing to tell: the state is `up`, `preview` or `pending`. */
export const isQuiet = ({ state }: StatusReport): boolean => severities[state] === 'OK';

/**
 * Renders the state as one line for a monitor: "OK: allow only CA (Canada), zones 2 days old, 12,345 packets dropped".
 */
export function renderStatusLine(report: StatusReport): string {
  return `${severities[report.state]}: ${describeState(report)}\n`;
}

function describeState({
  state,
  policy,
  fences,
  families,
  zones,
  problems,
  pendingUntil,
  holes,
}: StatusReport): string {
  const worst = problems.filter(({ kind }) => kind === state);
  const [first, ...more] = [...worst, ...problems.filter(({ kind }) => kind !== state)].map(
    ({ message }) => message,
  );
  const others = more.length === 0 ? '' : ` (and ${formatPlural(more.length, 'more problem')})`;
  const sentence = fences.map((fence) => fence.sentence).join('; ');
  if (first !== undefined)
    return [state, ...(policy === undefined ? [] : [sentence]), `${first}${others}`].join(': ');
  if (policy === undefined) return 'no policy and no fence, everybody gets in';
  const oldest = Math.max(0, ...zones.map(({ ageSeconds }) => ageSeconds ?? Infinity));
  const dropped = families.reduce((sum, { counters }) => sum + (counters?.dropped.packets ?? 0), 0);
  return [
    sentence,
    ...(state === 'preview' ? ['nothing is dropped yet'] : []),
    ...(pendingUntil === undefined ? [] : [`on trial until ${formatTime(pendingUntil, 'second')}`]),
    ...(families.some(({ coverage }) => coverage === 'open') ? ['IPv6 is left open'] : []),
    ...describeHoles(holes),
    `zones ${formatAge(oldest * 1000)} old`,
    `${formatPlural(dropped, 'packet')} dropped`,
  ].join(', ');
}
