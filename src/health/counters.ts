import type { State } from '../firewall/model.ts';
import { allRules, rulesOf } from '../firewall/rulesets.ts';
import type { Family } from '../ip/family.ts';
import type { PacketCount } from '../report/status.ts';

/**
 * What the drop rules of a family, those before connection tracking included, have counted since they were last put in
 * place.
 */
export const dropped = (state: State, family: Family): PacketCount =>
  [rulesOf(state, 'main', family), rulesOf(state, 'early', family)]
    .flatMap(allRules)
    .filter(({ action }) => action?.do === 'drop')
    .reduce(
      (sum, { packets = 0, bytes = 0 }) => ({ packets: sum.packets + packets, bytes: sum.bytes + bytes }),
      { packets: 0, bytes: 0 },
    );
