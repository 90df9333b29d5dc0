import type { TableInputs } from './saved-table.ts';
import { savedTable } from './saved-table.ts';

/** A port that DNAT leads to another one, as Docker and Podman publish ports of containers. */
export interface PublishedPort {
  readonly protocol: 'tcp' | 'udp';
  /** What a client dials, and a fence is for. */
  readonly outer: number;
  /** Where it is led. */
  readonly inner: number;
}

/**
 * Returns the published ports whose inner number is another than the outer one, out of what `iptables-save -t nat`
 * printed:
 *
 *     -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
 */
export function parsePublishedPorts(saved: string): PublishedPort[] {
  const rule =
    /^-A .* -p (tcp|udp) .*--dport (\d+)(?: .*)? -j DNAT --to-destination (?:\[[0-9a-fA-F:]+\]|[\d.]+):(\d+)$/;
  return saved.split('\n').flatMap((line) => {
    const [, protocol, outer, inner] = rule.exec(line) ?? [];
    if (protocol === undefined || outer === inner) return [];
    return [{ protocol: protocol as PublishedPort['protocol'], outer: Number(outer), inner: Number(inner) }];
  });
}

/**
 * Returns what the table nat of both variants of iptables publishes under another number, each once. What cannot be
 * read, for want of a tool or of privilege, counts as nothing.
 */
export async function findPublishedPorts(inputs: TableInputs): Promise<PublishedPort[]> {
  const tables = await Promise.all(
    inputs.available.flatMap((family) =>
      (['nft', 'legacy'] as const).map(async (variant) => await savedTable(inputs, family, variant, 'nat')),
    ),
  );
  const found = tables.flatMap(parsePublishedPorts);
  return [...new Map(found.map((port) => [JSON.stringify(port), port])).values()];
}
