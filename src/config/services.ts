import { readFileSync } from 'node:fs';
import type { PortProtocol } from '../policy/scope.ts';

/** A port that a service listens on. */
export interface ServicePort {
  readonly protocol: PortProtocol;
  readonly port: number;
}

const tcp = (...ports: readonly number[]): ServicePort[] => ports.map((port) => ({ protocol: 'tcp', port }));
const udp = (...ports: readonly number[]): ServicePort[] => ports.map((port) => ({ protocol: 'udp', port }));

/** Names for what people fence, by what they call it; services(5) has one name for each port. HTTP/3 is on udp/443. */
const ours: ReadonlyMap<string, readonly ServicePort[]> = new Map([
  ['ssh', tcp(22)],
  ['web', [...tcp(80, 443), ...udp(443)]],
  ['mail', tcp(25, 110, 143, 465, 587, 993, 995)],
  ['dns', [...tcp(53), ...udp(53)]],
  ['wireguard', udp(51_820)],
]);

/** Names of services that are known without a file. */
export const commonServices: readonly string[] = [...ours.keys()];

/**
 * Returns the ports of a service by its name, or an alias of it: ours, or what the host's services(5) says; [] for one
 * that is not known. SCTP and the like have no fence by port.
 */
export const portsOf = (name: string): readonly ServicePort[] =>
  ours.get(name) ?? parseServices(readServices()).get(name) ?? [];

function readServices(): string {
  try {
    return readFileSync('/etc/services', 'utf8');
  } catch {
    // Not every host has one, and a name that is not known is told as such.
    return '';
  }
}

/** "domain  53/tcp  nameserver  # comment" */
export function parseServices(text: string): Map<string, ServicePort[]> {
  const services = new Map<string, ServicePort[]>();
  for (const line of text.split('\n')) {
    const [name, place = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const [, port, protocol] = /^(\d{1,5})\/(tcp|udp)$/.exec(place) ?? [];
    if (name === undefined || port === undefined) continue;
    for (const known of [name, ...aliases]) {
      const found = { protocol: protocol as PortProtocol, port: Number(port) };
      services.set(known, [...(services.get(known) ?? []), found]);
    }
  }
  return services;
}
