import type { PublishedPort } from '../firewall/published-ports.ts';
import type { HostConditions } from '../host/read-conditions.ts';
import type { Fence } from '../policy/policy.ts';
import { coversPort, isInterfaceOf } from '../policy/scope.ts';
import type { Advice } from '../report/status.ts';
import { formatList } from '../words/format.ts';

/** Returns warnings about fences for interfaces or ports that this host does not have, or not under that number. */
export const scopeWarnings = (
  fences: readonly Fence[],
  { interfaces, published }: Pick<HostConditions, 'interfaces' | 'published'>,
): Advice[] =>
  fences.flatMap((fence) => [
    ...(interfaces === undefined ? [] : interfaceWarnings(fence, interfaces)),
    ...publishedWarnings(fence, published),
  ]);

/** A misspelt interface is an open one. */
function interfaceWarnings({ name, mode, scope }: Fence, existing: readonly string[]): Advice[] {
  if (mode !== 'allow') return [];
  const missing = scope.interfaces
    .filter((pattern) => pattern.not !== true && !existing.some((one) => isInterfaceOf(pattern, one)))
    .map((pattern) => `"${pattern.name}"`);
  if (missing.length === 0) return [];
  return [
    {
      message: `fence "${name}" is for interface ${formatList(missing)}, which this host does not have: there it keeps nobody out`,
      remedy: `if it is not one that comes later, correct its interfaces; there are ${formatList(existing)}`,
    },
  ];
}

/** A fence decides before DNAT. */
const publishedWarnings = ({ name, scope }: Fence, published: readonly PublishedPort[]): Advice[] =>
  scope.ports.length === 0
    ? []
    : published
        .filter(
          ({ protocol, outer, inner }) =>
            coversPort(scope, { protocol, port: inner }) && !coversPort(scope, { protocol, port: outer }),
        )
        .map(({ protocol, outer, inner }) => ({
          message: `fence "${name}" names ${protocol}/${inner}, but clients reach that port of a container as ${protocol}/${outer}: the fence is not for them`,
          remedy: `name ${protocol}/${outer} in its ports`,
        }));
