import * as v from 'valibot';
import { checkState, timestamp } from './check-state.ts';
import type { StateForm } from './state-file.ts';

/** kept-sets.json: sets that the fence looks at no more, by name, and since when: ISO 8601. */
export interface KeptSets {
  readonly since: Readonly<Record<string, string>>;
}

/** ipset takes names of 31 bytes. */
const name = v.pipe(v.string(), v.regex(/^geofence-[\w.-]{1,22}$/));

const keptSchema = v.strictObject({ since: v.record(name, timestamp) });

export const keptForm: StateForm<KeptSets> = { parse: (data) => checkState(keptSchema, data) };
