import type { Side } from './siege.ts';
import { escapeWords, sourceNames } from './world.ts';

/** The fences to go from and to. Their escapes differ: both may hold while one fence gives way to the other. */
export const allowCanada: Side = {
  name: 'allow CA',
  call: { args: ['refresh', '--allow', 'CA', ...escapeWords('escape', 'first')] },
  passes: ['home', 'lost', 'escape', 'first'],
};
export const denyRussia: Side = {
  name: 'deny RU',
  call: { args: ['refresh', '--deny', 'RU', ...escapeWords('escape', 'second')] },
  passes: ['home', 'lost', 'won', 'nobody', 'escape', 'second'],
};
export const allowRussia: Side = {
  name: 'allow RU',
  call: { args: ['refresh', '--allow', 'RU', ...escapeWords('escape', 'second')] },
  passes: ['foreign', 'escape', 'first', 'second'],
};
export const denyCanada: Side = {
  name: 'deny CA',
  call: { args: ['refresh', '--deny', 'CA', ...escapeWords('escape', 'second')] },
  passes: sourceNames.filter((name) => name !== 'home' && name !== 'lost'),
};

export const none: Side = { name: 'no fence', call: { args: ['remove'] }, passes: sourceNames };

/** The same fence with the zones of two days. */
export const updated = ({ name, call }: Side, ...days: readonly Side['passes'][]): [Side, Side] => {
  const args = [...call.args, '--max-zone-age', '0'];
  const [monday = [], tuesday = []] = days;
  return [
    { name: `${name} on Monday`, call: { args, day: 'monday' }, passes: monday },
    { name: `${name} on Tuesday`, call: { args, day: 'tuesday' }, passes: tuesday },
  ];
};
