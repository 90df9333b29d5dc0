import type { ZoneId } from './zone.ts';

/** Countries and territories that no registry has given any network: uninhabited, or served through another code. */
const withoutAny = new Set(['BV', 'CX', 'TF', 'HM', 'PN', 'SH', 'GS', 'SJ', 'EH', 'AQ', 'CC', 'UM']);

/** Those that have IPv4 networks only. */
const withoutIPv6 = new Set(['CF', 'ER', 'FK', 'KP', 'MS', 'YT']);

/**
 * Whether it is no fault when no source has this zone: no registry has given the country any network of the family. One
 * that appears after all is used like any other.
 */
export const isKnownEmpty = ({ country, family }: ZoneId): boolean =>
  withoutAny.has(country) || (family.version === 6 && withoutIPv6.has(country));
