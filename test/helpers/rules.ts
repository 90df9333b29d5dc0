import { parseRule } from '../../src/firewall/ipset/parse-rule.ts';
import { renderRule } from '../../src/firewall/ipset/render-rule.ts';
import type { AnyRule, Hook } from '../../src/firewall/model.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4 } from '../../src/ip/family.ts';

/** A rule in the words of iptables-save. */
export const ruleOf = (text: string, family: Family = ipv4): AnyRule => parseRule(text, family);

/** The reverse. */
export const textOf = (rule: AnyRule, family: Family = ipv4): string => renderRule(rule, family);

/** A rule of ours where packets come in. */
export const hookOf = (text: string, position = 1, at = 'prerouting'): Hook => ({
  at,
  position,
  rule: ruleOf(text),
});
