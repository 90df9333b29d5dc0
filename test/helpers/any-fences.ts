import fc from 'fast-check';
import type { Fence } from '../../src/policy/policy.ts';
import type { Arrival, InterfacePattern, Scope } from '../../src/policy/scope.ts';
import { covers, overlapOf, specificity } from '../../src/policy/scope.ts';
import { fenceOf } from './fences.ts';

/** Interfaces that scopes tell apart. */
export const interfaces = ['eth0', 'eth1', 'ppp0', 'ppp1', 'ppp10', 'wan'];
/** Ports at the edges of the ranges of scopes, and beyond. */
export const ports = [0, 1, 21, 22, 23, 80, 443, 1000, 2000, 2001, 65_534, 65_535];

const anyPattern: fc.Arbitrary<InterfacePattern> = fc
  .record({ name: fc.constantFrom('eth0', 'eth*', 'ppp*', 'ppp1', 'ppp1*', 'wan'), not: fc.boolean() })
  .map(({ name, not }) => (not ? { name, not } : { name }));

const anyRange = fc
  .tuple(fc.constantFrom(...ports), fc.constantFrom(...ports))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

/** A scope of these interfaces and ports. */
export const anyScope: fc.Arbitrary<Scope> = fc.record({
  interfaces: fc.oneof(fc.constant([]), fc.array(anyPattern, { minLength: 1, maxLength: 3 })),
  ports: fc.oneof(
    fc.constant([]),
    fc.uniqueArray(
      fc.record({
        protocol: fc.constantFrom('tcp' as const, 'udp' as const),
        ranges: fc.array(anyRange, { minLength: 1, maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 2, selector: ({ protocol }) => protocol },
    ),
  ),
});

/** Where a packet comes in, and what it asks for. */
export const anyArrival: fc.Arbitrary<Arrival> = fc.record({
  interface: fc.constantFrom(...interfaces),
  protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'other' as const),
  port: fc.constantFrom(...ports),
});

export const MOST_FENCES = 6;

/** Fences of these scopes, of which no two could own the same packet. */
export const fencesOf = (anyScopeOfThem: fc.Arbitrary<Scope>): fc.Arbitrary<readonly Fence[]> =>
  fc
    .array(
      fc.record({
        mode: fc.constantFrom('allow' as const, 'deny' as const),
        scope: anyScopeOfThem,
        isPreview: fc.boolean(),
      }),
      {
        minLength: 1,
        maxLength: MOST_FENCES,
      },
    )
    .map((drafts) =>
      drafts
        .map((draft, i): Fence => fenceOf({ ...draft, name: `f${i}` }))
        .filter(
          ({ mode, scope, isPreview }, i) =>
            mode === 'deny' ||
            isPreview ||
            !drafts
              .slice(0, i)
              .some(
                (other) =>
                  other.mode === 'allow' &&
                  !other.isPreview &&
                  specificity(other.scope) === specificity(scope) &&
                  overlapOf(other.scope, scope) !== undefined,
              ),
        ),
    );

export const anyFences = fencesOf(anyScope);

/** What the language says of a packet whose source is in the sets of the fences `inside`. */
export function passes(
  fences: readonly Fence[],
  isInside: (fence: Fence) => boolean,
  arrival: Arrival,
): boolean {
  const covering = fences.filter(({ scope, isPreview }) => !isPreview && covers(scope, arrival));
  const [owner] = covering
    .filter(({ mode }) => mode === 'allow')
    .sort((a, b) => specificity(b.scope) - specificity(a.scope));
  return (
    !covering.some((fence) => fence.mode === 'deny' && isInside(fence)) &&
    (owner === undefined || owner.countries === 'everyone' || isInside(owner))
  );
}
