import type { Bounds } from '../ip/bounds.ts';
import type { Family } from '../ip/family.ts';
import type { CountryMap } from './country-map.ts';
import { countryMapOf } from './country-map.ts';
import type { ZoneId } from './zone.ts';

/** A zone as the cache has it. */
export interface LoadedZone {
  readonly id: ZoneId;
  readonly body: Uint8Array;
  /** Of the body, in hexadecimal. */
  readonly sha256: string;
  /** The name of the source it came from. */
  readonly source: string;
  /** When a source last vouched for it, ISO 8601. */
  readonly fetchedAt: string;
  readonly ageMilliseconds: number;
}

/** The zones of a policy. */
export interface LoadedZones {
  readonly zones: readonly LoadedZone[];
  /** Zones there should be, and why they cannot be had. */
  readonly missing: readonly { readonly id: ZoneId; readonly reason: string }[];
}

/**
 * Maps the addresses of a family to countries by those of the zones that are of it; where zones overlap, the first
 * counts.
 */
export const countryMapFrom = (
  family: Family,
  zones: readonly { readonly id: ZoneId; readonly bounds: Bounds }[],
): CountryMap =>
  countryMapOf(
    family,
    zones.filter(({ id }) => id.family === family).map(({ id, bounds }) => ({ country: id.country, bounds })),
  );
