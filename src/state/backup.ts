import * as v from 'valibot';
import type { Variant } from '../firewall/variants.ts';
import { variants } from '../firewall/variants.ts';
import type { AppliedPolicy } from './applied-policy.ts';
import { parseAppliedPolicy } from './applied-policy.ts';
import { checkState, isObject, line, timestamp } from './check-state.ts';
import type { StateForm } from './state-file.ts';

/** former.json: what was there before the last change. */
export interface Backup {
  /** ISO 8601 */
  readonly savedAt: string;
  /** As the backend wrote it. What sets and rules may say is for its `fromSnapshot` to judge. */
  readonly fence: object;
  readonly policy?: AppliedPolicy | undefined;
  /** Which iptables has it. */
  readonly iptables: Variant;
}

/** Of sets and chains: nothing that ends a word, quotes, or begins an option. ipset takes names of 31 bytes. */
const name = v.pipe(v.string(), v.regex(/^[\w.][\w.:+-]{0,30}$/));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

const fence = v.strictObject({
  sets: v.array(
    v.strictObject({ name, header: line, networks: v.array(v.string()), maxEntries: v.optional(count) }),
  ),
  rulesets: v.array(
    v.strictObject({
      table: name,
      family: v.picklist(['ipv4', 'ipv6']),
      chains: v.record(name, v.array(line)),
      jumps: v.array(v.strictObject({ chain: name, position: count, text: line })),
    }),
  ),
});

const backupSchema = v.strictObject({
  savedAt: timestamp,
  fence,
  policy: v.optional(v.unknown()),
  iptables: v.picklist(variants),
});

/** At first there was one iptables, and one table of it. */
function migrateBackup(data: { readonly fence?: unknown }): object {
  const { fence: saved } = data;
  const rulesets = isObject(saved) && 'rulesets' in saved ? saved.rulesets : undefined;
  if (!Array.isArray(rulesets)) return data;
  const inTables = rulesets.map((ruleset: unknown) =>
    isObject(ruleset) ? { table: 'mangle', ...ruleset } : ruleset,
  );
  return { iptables: 'auto', ...data, fence: { ...(saved as object), rulesets: inTables } };
}

export const backupForm: StateForm<Backup> = {
  parse: (data, version) => {
    const { policy, ...rest } = checkState(backupSchema, version === 0 ? migrateBackup(data) : data);
    return { ...rest, policy: policy === undefined ? undefined : parseAppliedPolicy(policy, version) };
  },
};
