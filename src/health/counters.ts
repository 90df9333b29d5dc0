import type { AnyRule, State } from '../firewall/model.ts';
import { allRules, rulesOf } from '../firewall/rulesets.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import { dropChainName, seenChainName } from '../plan/fence-rules.ts';
import { fenceSet } from '../plan/set-names.ts';
import type { Fence } from '../policy/policy.ts';
import type { FenceCount, PacketCount } from '../report/status.ts';

/**
 * What the drop rules of a family, those before connection tracking included, have counted since they were last put in
 * place.
 */
export const dropped = (state: State, family: Family): PacketCount =>
  sumOf([rulesOf(state, 'main', family), rulesOf(state, 'early', family)].flatMap(allRules).filter(isDrop));

/**
 * What each fence has dropped in both families, or would have dropped if it were no preview, since the rules were last
 * put in place; [] where one fence that drops is all there is.
 */
export const countFences = (state: State, fences: readonly Fence[]): FenceCount[] =>
  fences.length === 1 && fences.every(({ isPreview }) => !isPreview)
    ? []
    : fences
        .filter(({ countries }) => countries !== 'everyone')
        .map((fence) => ({
          fence: fence.name,
          preview: fence.isPreview,
          count: sumOf(families.flatMap((family) => rulesFor(state, fence, family))),
        }));

/** The rules that count what a fence is about, each packet once. */
function rulesFor(state: State, fence: Fence, family: Family): AnyRule[] {
  const main = rulesOf(state, 'main', family);
  const early = rulesOf(state, 'early', family);
  if (fence.isPreview)
    return [main, early].flatMap(({ chains }) => chains.get(seenChainName(fence))?.slice(-1) ?? []);
  const set = fenceSet(fence, family);
  return [
    ...(main.chains.get(dropChainName(fence)) ?? []).filter(isDrop),
    ...allRules(early).filter(
      (rule) => isDrop(rule) && rule.match?.some((one) => one.on === 'set' && one.set === set) === true,
    ),
  ];
}

const isDrop = ({ action }: AnyRule): boolean => action?.do === 'drop';

const sumOf = (rules: readonly AnyRule[]): PacketCount =>
  rules.reduce(
    (sum, { packets = 0, bytes = 0 }) => ({ packets: sum.packets + packets, bytes: sum.bytes + bytes }),
    { packets: 0, bytes: 0 },
  );
