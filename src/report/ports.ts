import { formatShortened } from '../words/format.ts';
import type { ListenerStatus } from './status.ts';

/**
 * Returns a line for each verdict and family, as "NOT fenced over IPv6: tcp 22, 80; udp 53"; what is so of both
 * families is said once.
 */
export function describePorts(listeners: readonly ListenerStatus[]): string[] {
  if (listeners.length === 0) return ['nothing waits for other hosts'];
  return [true, false].flatMap((isFenced) => {
    const [ipv4 = '', ipv6 = ''] = ['ipv4', 'ipv6'].map((name) =>
      listPorts(listeners.filter(({ family, fenced }) => family === name && fenced === isFenced)),
    );
    const verdict = isFenced ? 'fenced' : 'NOT fenced';
    if (ipv4 === ipv6) return ipv4 === '' ? [] : [`${verdict}: ${ipv4}`];
    return [
      ...(ipv4 === '' ? [] : [`${verdict} over IPv4: ${ipv4}`]),
      ...(ipv6 === '' ? [] : [`${verdict} over IPv6: ${ipv6}`]),
    ];
  });
}

const listPorts = (listeners: readonly ListenerStatus[]): string =>
  ['tcp', 'udp']
    .map((name) => ({ name, ports: listeners.filter(({ protocol }) => protocol === name) }))
    .filter(({ ports }) => ports.length > 0)
    .map(({ name, ports }) => `${name} ${formatShortened(ports.map(({ port }) => String(port)))}`)
    .join('; ');
