import { UsageError } from '../errors.ts';
import type { Bounds } from '../ip/bounds.ts';
import { unionAll } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import type { Fence } from '../policy/policy.ts';
import { describePorts } from '../policy/describe.ts';
import type { Overlap } from '../policy/scope.ts';
import { overlapOf, specificity } from '../policy/scope.ts';
import { formatList } from '../words/format.ts';
import { selectCountries } from '../zones/select-countries.ts';
import { parseInterfaces } from './interfaces.ts';
import { parsePorts } from './ports.ts';
import type { StatedFence } from './stated-fence.ts';
import { wordsIn } from './values.ts';

/** A fence, and where it is stated: "/etc/geofence/fences.d/ssh.toml:1". */
export interface FenceStatement {
  readonly fence: StatedFence;
  readonly where: string;
}

/** The fence at the top level of the configuration. */
export const MAIN_FENCE = 'main';

/** Names of sets that are no fence's: geofence-ban-4. */
const reserved = ['drop', 'ban', 'hole', 'escape'];

/**
 * Returns the fences as they are to be carried out, in the order of their statements; `logs` is whether a fence that
 * does not say so logs what it drops. Throws UsageError, with where it stands, for what cannot be used: also for two
 * fences of one name, and for two allow fences that would both own a packet.
 */
export async function buildFences(statements: readonly FenceStatement[], logs: boolean): Promise<Fence[]> {
  const fences: Fence[] = [];
  for (const [i, statement] of statements.entries()) {
    const fence = await buildFence(statement, logs);
    for (const [j, other] of fences.entries()) {
      const otherWhere = statements[j]?.where ?? '';
      if (other.name === fence.name) throw twice(statement, otherWhere);
      const overlap = commonlyOwned(fence, other);
      if (overlap !== undefined)
        throw twoOwners([fence.name, statements[i]?.where ?? ''], [other.name, otherWhere], overlap);
    }
    fences.push(fence);
  }
  return fences;
}

async function buildFence({ fence, where }: FenceStatement, logs: boolean): Promise<Fence> {
  const { name, allow, deny, ports = [], interfaces = [], allow_subnets: subnets = [] } = fence;
  requireName(name, where);
  const selectors = allow ?? deny;
  if (selectors === undefined || (allow !== undefined && deny !== undefined)) {
    const reason =
      selectors === undefined ? 'it states neither allow nor deny' : 'it states both allow and deny';
    throw unusable(name, where, reason, 'a fence has one of the two');
  }
  const mode = allow === undefined ? 'deny' : 'allow';
  return {
    name,
    mode,
    countries: countriesIn(selectors, mode, name, where),
    scope: { ports: parsePorts(ports, where), interfaces: parseInterfaces(interfaces, where) },
    spared: await networksOf(subnets, where),
    isPreview: fence.preview === true,
    logs: fence.log ?? logs,
  };
}

const unusable = (name: string, where: string, reason: string, hint?: string): UsageError =>
  new UsageError(`Cannot use fence "${name}" from ${where}: ${reason}`, hint);

/** Throws UsageError for a name that a fence cannot have. */
export function requireName(name: string, where: string): void {
  if (reserved.includes(name))
    throw unusable(name, where, 'that name is taken', `not ${formatList(reserved)}`);
  if (/^[a-z0-9][a-z0-9-]{0,9}$/.test(name)) return;
  throw unusable(
    name,
    where,
    'it cannot be part of the name of a set, of which the kernel takes 31 characters',
    'a name has 1 to 10 of a to z, 0 to 9 and "-", and does not begin with "-"',
  );
}

function countriesIn(
  selectors: readonly string[],
  mode: Fence['mode'],
  name: string,
  where: string,
): Fence['countries'] {
  const words = selectors.flatMap(wordsIn);
  if (words.includes('*')) {
    if (words.length > 1)
      throw unusable(name, where, `"*" is everybody, and stands alone`, 'all countries but some: "@all !CN"');
    if (mode === 'allow') return 'everyone';
    throw unusable(
      name,
      where,
      'deny = "*" would shut out everybody',
      'to close a port, stop what listens there, or drop it in the rest of your firewall',
    );
  }
  const countries = selectCountries(selectors, where);
  if (countries.length > 0) return countries;
  throw new UsageError(`Cannot use ${mode} "${selectors.join(' ')}" from ${where}: it names no country`);
}

/** Only who states such networks waits for ip-cidr to be loaded. */
async function networksOf(texts: readonly string[], where: string): Promise<ReadonlyMap<Family, Bounds>> {
  const words = texts.flatMap(wordsIn);
  if (words.length === 0) return new Map();
  const { parseNetwork } = await import('./network.ts');
  const networks = words.map((word) => parseNetwork(word, `allow_subnets from ${where}`));
  return new Map(
    families.map((family) => [
      family,
      unionAll(
        family,
        networks.filter((network) => network.family === family).map(({ bounds }) => bounds),
      ),
    ]),
  );
}

/** Whether it owns packets. */
const isOwner = ({ mode, isPreview }: Fence): boolean => mode === 'allow' && !isPreview;

/** What two fences would both own; undefined where one of them, or none, owns each packet. */
function commonlyOwned(a: Fence, b: Fence): Overlap | undefined {
  if (!isOwner(a) || !isOwner(b) || specificity(a.scope) !== specificity(b.scope)) return undefined;
  return overlapOf(a.scope, b.scope);
}

const twice = ({ fence: { name }, where }: FenceStatement, other: string): UsageError =>
  unusable(name, where, `${other} has a fence of that name, too`);

function twoOwners(
  [a, whereA]: [string, string],
  [b, whereB]: [string, string],
  overlap: Overlap,
): UsageError {
  const common = describeOverlap(overlap);
  return unusable(
    a,
    whereA,
    `it and fence "${b}" from ${whereB} would both decide who gets in to ${common}`,
    overlap.ports.length === 0
      ? 'one of them has to name ports or interfaces that the other does not'
      : `take ${describePorts(overlap.ports)} out of one of them, or name interfaces in one`,
  );
}

const describeOverlap = ({ interface: name, ports }: Overlap): string =>
  [
    ports.length === 0 ? 'every port' : describePorts(ports),
    ...(name === undefined ? [] : [`on ${name}`]),
  ].join(' ');
