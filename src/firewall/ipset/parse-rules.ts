import type { Family } from '../../ip/family.ts';
import type { Table } from '../names.ts';
import { isOurChain } from '../names.ts';
import type { Jump, Rule, Ruleset } from '../model.ts';

/** Names of protocols that depend on whether the host has /etc/protocols: iptables-save falls back to its own. */
const protocols: Record<string, string> = { icmpv6: 'ipv6-icmp', '58': 'ipv6-icmp', '17': 'udp' };

/**
 * Reads our chains, and the jumps into them, out of what `iptables-save -c -t TABLE` prints:
 *
 *     *mangle
 *     :PREROUTING ACCEPT [10:840]
 *     :GEOFENCE - [0:0]
 *     [10:840] -A PREROUTING -j GEOFENCE
 *     [2:168] -A GEOFENCE -i lo -j RETURN
 *     COMMIT
 */
export function parseRules(table: Table, family: Family, saved: string): Ruleset {
  const chains = new Map<string, Rule[]>();
  const jumps: Jump[] = [];
  const positions = new Map<string, number>();
  for (const line of linesOfTable(table, saved)) {
    const declared = /^:(\S+) /.exec(line)?.[1] ?? '';
    if (isOurChain(declared)) chains.set(declared, []);
    const added = parseAddedRule(line);
    if (added === undefined) continue;
    const { chain, rule } = added;
    const position = (positions.get(chain) ?? 0) + 1;
    positions.set(chain, position);
    if (isOurChain(chain)) chains.get(chain)?.push(rule);
    else if (leadsToUs(rule)) jumps.push({ chain, position, text: rule.text });
  }
  return { table, family, chains, jumps };
}

/** The lines of our table: a tool may print others, and comments. */
function linesOfTable(table: Table, saved: string): string[] {
  const lines = saved.split('\n');
  const start = lines.indexOf(`*${table}`);
  const end = lines.indexOf('COMMIT', start);
  return start < 0 ? [] : lines.slice(start + 1, end < 0 ? undefined : end);
}

function parseAddedRule(line: string): { chain: string; rule: Rule } | undefined {
  const [, packets, bytes, chain, words] = /^\[(\d+):(\d+)\] -A (\S+) (.*)$/.exec(line) ?? [];
  if (chain === undefined || words === undefined) return undefined;
  const text = words.replace(/(?<=(?:^| )-p )\S+/, (name) => protocols[name] ?? name);
  return { chain, rule: { text, packets: Number(packets), bytes: Number(bytes) } };
}

/** Quoted words are left out: somebody's comment may speak of "-j GEOFENCE". */
function leadsToUs({ text }: Rule): boolean {
  const target = /(?:^| )-[jg] (\S+)/.exec(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'))?.[1];
  return target !== undefined && isOurChain(target);
}
