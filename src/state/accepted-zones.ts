import * as v from 'valibot';
import { checkState, line } from './check-state.ts';
import type { StateForm } from './state-file.ts';

/** What is known of a copy of a zone that was put in force. */
export interface ZoneRecord {
  /** Of its text, in hexadecimal. */
  readonly sha256: string;
  /** Without local ones. */
  readonly addresses: number;
  /** Where it came from, and when that source last vouched for it before it was accepted, ISO 8601. */
  readonly source: string;
  readonly fetchedAt: string;
}

/**
 * zones.json: the zones that were put in force, by key ("ipv4/ca"), for nothing but this folder tells what root has
 * accepted: in the cache the user that fetches can write what it likes.
 */
export interface AcceptedZones {
  readonly zones: Readonly<Record<string, ZoneRecord>>;
}

/** zone-texts.json: the texts of those, each byte as a character, for when the cache has them no more. */
export interface ZoneTexts {
  readonly texts: Readonly<Record<string, string>>;
}

const key = v.pipe(v.string(), v.regex(/^ipv[46]\/[a-z]{2}$/));

const zonesSchema = v.strictObject({
  zones: v.record(
    key,
    v.strictObject({
      sha256: v.pipe(v.string(), v.regex(/^[\da-f]{64}$/)),
      addresses: v.pipe(v.number(), v.minValue(1)),
      source: line,
      fetchedAt: line,
    }),
  ),
});

const textsSchema = v.strictObject({ texts: v.record(key, v.string()) });

export const acceptedZonesForm: StateForm<AcceptedZones> = {
  parse: (data) => checkState(zonesSchema, data),
};

export const zoneTextsForm: StateForm<ZoneTexts> = { parse: (data) => checkState(textsSchema, data) };
