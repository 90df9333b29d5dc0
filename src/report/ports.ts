import { labelOf } from './fence.ts';
import { formatShortened } from '../words/format.ts';
import type { ListenerStatus } from './status.ts';

/**
 * Returns lines about the ports that wait for others. Where the same fences decide about all of them (`isPlain`), a
 * line for each verdict and family: "NOT fenced over IPv6: tcp 22, 80; udp 53"; else of those that are fenced one for
 * each owner: "tcp/22 ssh: only CA (Canada)". What is so of both families is said once.
 */
export function describePorts(listeners: readonly ListenerStatus[], isPlain: boolean): string[] {
  if (listeners.length === 0) return ['nothing waits for other hosts'];
  const fenced = listeners.filter((listener) => listener.fenced);
  const open = listeners.filter((listener) => !listener.fenced);
  return [...(isPlain ? byVerdict('fenced', fenced) : byOwner(fenced)), ...byVerdict('NOT fenced', open)];
}

function byVerdict(verdict: string, listeners: readonly ListenerStatus[]): string[] {
  const [ipv4 = '', ipv6 = ''] = ['ipv4', 'ipv6'].map((name) =>
    listPorts(listeners.filter(({ family }) => family === name)),
  );
  if (ipv4 === ipv6) return ipv4 === '' ? [] : [`${verdict}: ${ipv4}`];
  return [
    ...(ipv4 === '' ? [] : [`${verdict} over IPv4: ${ipv4}`]),
    ...(ipv6 === '' ? [] : [`${verdict} over IPv6: ${ipv6}`]),
  ];
}

function byOwner(listeners: readonly ListenerStatus[]): string[] {
  const ports = new Map<string, ListenerStatus[]>();
  for (const one of listeners) {
    const port = `${one.protocol}/${one.port}`;
    ports.set(port, [...(ports.get(port) ?? []), one]);
  }
  const groups = new Map<string, string[]>();
  for (const [port, members] of ports) {
    const [first, second] = members;
    if (first === undefined) continue;
    const over = second === undefined ? ` over ${labelOf(first.family)}` : '';
    const owner = first.owner === undefined || first.owner === 'main' ? '' : ` ${first.owner}`;
    const rest = `${owner}${over}: ${first.who}`;
    groups.set(rest, [...(groups.get(rest) ?? []), port]);
  }
  return [...groups].map(([rest, names]) => formatShortened(names) + rest);
}

const listPorts = (listeners: readonly ListenerStatus[]): string =>
  ['tcp', 'udp']
    .map((name) => ({ name, ports: listeners.filter(({ protocol }) => protocol === name) }))
    .filter(({ ports }) => ports.length > 0)
    .map(({ name, ports }) => `${name} ${formatShortened(ports.map(({ port }) => String(port)))}`)
    .join('; ');
