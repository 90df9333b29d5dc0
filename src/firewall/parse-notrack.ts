/** A rule that takes packets out of connection tracking, as one would type it or look for it. */
export type NotrackRule = string;

const RULE = /^(?:\[\d+:\d+\] )?(-A .*)$/;

/** The statement of nft, not a chain, set or other thing of that name, nor a device or file with it in its name. */
const STATEMENT = /(?<!(?:jump|goto|name) |[@\w./-])notrack(?![\w./-]| \{)/;

/** A text in quotes may hold anything. */
const withoutTexts = (line: string): string => line.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');

/** Comments and lists of addresses in a rule may be long. */
const shown = (text: string): string => text.slice(0, 120);

/**
 * Returns the rules of the table raw that take packets out of connection tracking, out of what iptables-save printed;
 * `tool` is the iptables to call it by.
 */
export const parseSavedNotrack = (saved: string, tool: string): NotrackRule[] =>
  saved
    .split('\n')
    .map((line) => RULE.exec(line)?.[1] ?? '')
    .filter((rule) => / -j (?:NOTRACK\b|CT\b.* --notrack\b)/.test(withoutTexts(rule)))
    .map((rule) => shown(`${tool} -t raw ${rule}`));

/** A rule of nft, and its table: "inet filter". */
export interface NftNotrackRule {
  readonly table: string;
  readonly rule: NotrackRule;
}

/**
 * Returns the rules that take packets out of connection tracking, out of what `nft list ruleset` printed, those that
 * iptables-nft made included:
 *
 *     table inet dns {
 *     	chain prerouting {
 *     		udp sport 53 counter packets 0 bytes 0 notrack
 */
export function parseNftNotrack(ruleset: string): NftNotrackRule[] {
  let [table, chain] = ['', ''];
  const found: NftNotrackRule[] = [];
  for (const line of ruleset.split('\n')) {
    const [, kind, name = ''] = /^\s*(table|chain) (.+) \{$/.exec(line) ?? [];
    if (kind === 'table') table = name;
    else if (kind === 'chain') chain = name;
    else if (STATEMENT.test(withoutTexts(line))) {
      const rule = line.trim().replace(/ ?counter packets \d+ bytes \d+/, '');
      found.push({ table, rule: shown(`nft: table ${table}, chain ${chain}: ${rule}`) });
    }
  }
  return found;
}
