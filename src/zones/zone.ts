import type { Family } from '../ip/family.ts';

/** Names a zone: the networks of one country (ISO 3166-1 alpha-2, upper case) and one address family. */
export interface ZoneId {
  readonly country: string;
  readonly family: Family;
}

/** How a person reads a zone: "CA IPv4". */
export const zoneName = ({ country, family }: ZoneId): string => `${country} ${family.label}`;

/** How a zone stands in paths and keys: "ipv4/ca". */
export const zoneKey = ({ country, family }: ZoneId): string => `${family.name}/${country.toLowerCase()}`;
