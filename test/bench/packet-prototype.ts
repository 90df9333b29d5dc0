import { subtract, unionAll } from '../../src/ip/bounds.ts';
import type { Family } from '../../src/ip/family.ts';
import { families } from '../../src/ip/family.ts';
import { boundsIn } from '../helpers/states.ts';
import type { Fence, Shape } from './packet-shapes.ts';
import { boundsOf, neighbourRules, setText } from './packet-shapes.ts';

/**
 * Without what no legitimate source has and is alone in its prefix length, for each costs every packet a probe: ::/127,
 * ::ffff:0:0/96 and 100::/64. Of length 48 there are others in nearly every zone.
 */
const local = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
  '64:ff9b:1::/48',
  '2001:2::/48',
  '5f00::/16',
  'fc00::/7',
  'fe80::/9',
  'ff00::/8',
];

/** Sixteen thousand entries more are shared by the sets of a family; here there is one. */
const sizes = {
  budget: (networks: number) => networks + Math.max(Math.floor(networks / 10), 16_000),
  hashFactor: 4,
};

/** What the next shape is expected to be, until `geofence refresh` sets it up itself: one set, and one rule a table. */
export function prototype(fence: Fence): Shape {
  const { mode } = fence;
  const name = (family: Family): string => `geofence-main-${mode}-${family.version}`;
  const kept = (family: Family): string =>
    `-m set ${mode === 'allow' ? '! ' : ''}--match-set ${name(family)} src`;
  return {
    sets: families
      .map((family) => {
        const [ours, escapes] = [boundsOf(fence, family), boundsIn(family, local)];
        const content = mode === 'allow' ? unionAll(family, [ours, escapes]) : subtract(ours, escapes);
        return setText(name(family), content, sizes);
      })
      .join(''),
    rules: (family, table) =>
      table === 'raw'
        ? [`-A PREROUTING ! -i lo -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN ${kept(family)} -j DROP`]
        : [
            ':GEOFENCE - [0:0]',
            `-A PREROUTING ! -i lo -m conntrack ! --ctstate RELATED,ESTABLISHED ${kept(family)} -j GEOFENCE`,
            ...neighbourRules(family, 'GEOFENCE'),
            '-A GEOFENCE -j DROP',
          ],
  };
}
