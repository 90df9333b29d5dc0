import { UsageError } from '../errors.ts';
import type { PortRange } from '../firewall/model.ts';
import type { PortProtocol, ProtocolPorts } from '../policy/scope.ts';
import { commonServices, portsOf } from './services.ts';
import { wordsIn } from './values.ts';

const MAX_PORT = 65_535;

const protocols = ['tcp', 'udp'] as const;

/**
 * Reads ports as people write them: "tcp/22", "udp/1000-2000", "tcp/ssh", or the name of a service for all its ports.
 * Returns ranges in order and apart from each other, a protocol once. Throws UsageError, which names `where`, for
 * anything else.
 */
export function parsePorts(texts: readonly string[], where: string): ProtocolPorts[] {
  const found = texts.flatMap(wordsIn).flatMap((word) => parsePort(word, where));
  return protocols.flatMap((protocol) => {
    const ranges = joined(found.filter((one) => one.protocol === protocol).map(({ range }) => range));
    return ranges.length === 0 ? [] : [{ protocol, ranges }];
  });
}

interface TypedPorts {
  readonly protocol: PortProtocol;
  readonly range: PortRange;
}

function parsePort(word: string, where: string): TypedPorts[] {
  const refuse = (reason: string, hint?: string): UsageError =>
    new UsageError(`Cannot use port "${word}" from ${where}: ${reason}`, hint);
  if (/^\d+(-\d+)?$/.test(word)) {
    throw refuse('it names no protocol', `say which: "tcp/${word}" or "udp/${word}", or both`);
  }
  const [, protocol, rest = word] = /^(\w+)\/(.*)$/.exec(word) ?? [];
  const wanted = protocols.filter((one) => protocol === undefined || one === protocol.toLowerCase());
  if (wanted.length === 0)
    throw refuse(`"${protocol}" is no protocol with ports that is known`, 'tcp and udp are');
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(rest) ?? [];
  if (first !== undefined) {
    const range = { from: Number(first), to: Number(last) };
    if (range.from < 1 || range.to > MAX_PORT) throw refuse(`ports go from 1 to ${MAX_PORT}`);
    if (range.from > range.to) throw refuse('the first port of a range is the lower one');
    return wanted.map((one) => ({ protocol: one, range }));
  }
  const ports = portsOf(rest.toLowerCase()).filter((one) => wanted.includes(one.protocol));
  if (ports.length === 0) {
    throw refuse(
      'it is no port, and no service that is known',
      `"tcp/22", "udp/1000-2000", a name in /etc/services, or one of ${commonServices.join(', ')}`,
    );
  }
  return ports.map((one) => ({ protocol: one.protocol, range: { from: one.port, to: one.port } }));
}

/** In order, and those that touch as one. */
function joined(ranges: readonly PortRange[]): PortRange[] {
  const result: PortRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last === undefined || range.from > last.to + 1) result.push(range);
    else result[result.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
  }
  return result;
}
