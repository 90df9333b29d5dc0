import { hash } from 'node:crypto';
import { loadZones } from '../cache/load-zones.ts';
import type { Store } from '../cache/store.ts';
import { changeLimitsOf } from '../config/change-limits.ts';
import type { SettledSettings } from '../config/settled.ts';
import type { Refusal } from '../refusal.ts';
import { isForced } from '../refusal.ts';
import { acceptZone } from '../sources/accept.ts';
import type { ZoneRecord } from '../state/accepted-zones.ts';
import type { StateDir } from '../state/state-dir.ts';
import { ageOf } from '../zones/age.ts';
import { changeProblem } from '../zones/judge-change.ts';
import type { LoadedZone, LoadedZones } from '../zones/loaded-zone.ts';
import type { ZoneId } from '../zones/zone.ts';
import { zoneKey, zoneName } from '../zones/zone.ts';
import { shareProblem } from '../zones/zone-share.ts';

/** What zones are read from, and judged by. */
export interface ZoneInputs {
  readonly store: Store;
  readonly memory: StateDir;
  readonly settings: SettledSettings;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Guards to pass over. */
  readonly force: ReadonlySet<string>;
  /** For which zones the copy that was in force before stands in; `any`: also for those damaged or missing. */
  readonly standsIn: 'none' | 'doubtful' | 'any';
}

/** Zones of the cache, and what speaks against them. */
export interface BelievedZones extends LoadedZones {
  /**
   * Of zones that are not to be believed, forced guards apart. Where nothing is to stand in, those are among `zones` all
   * the same, for the caller to refuse; else they are among `missing`, or in `standIns` instead of here.
   */
  readonly refusals: readonly Refusal[];
  /** The zones for which the copy accepted before stands in, a sentence each. */
  readonly standIns: readonly string[];
  /** What to remember of `zones` once they are in force, by key. */
  readonly records: Readonly<Record<string, ZoneRecord>>;
}

/** A zone of which the cache has no copy to go by, and why. */
interface Doubt {
  readonly id: ZoneId;
  readonly reason: string;
  /** Of a copy that can be read, but not be believed. */
  readonly refusal?: Refusal;
}

/**
 * Reads zones from the cache and believes nothing that the user who fetches may have written there: each is judged by
 * its share of the address space, and by its change since the copy that root's own record says was in force. A copy
 * with the digest of that record is not looked at again. Never throws for what is in a file.
 */
export async function loadBelieved(inputs: ZoneInputs, wanted: readonly ZoneId[]): Promise<BelievedZones> {
  const { store, memory, now, standsIn } = inputs;
  const [loaded, accepted] = await Promise.all([loadZones(store, wanted, now), memory.zones.read()]);
  const known = accepted?.zones ?? {};
  const zones: LoadedZone[] = [];
  const records: Record<string, ZoneRecord> = {};
  const doubts: Doubt[] = [...loaded.missing];
  for (const zone of loaded.zones) {
    const key = zoneKey(zone.id);
    const { record, doubt } = judge(zone, known[key], inputs);
    if (doubt !== undefined) doubts.push(doubt);
    if (record === undefined || (doubt !== undefined && standsIn !== 'none')) continue;
    zones.push(zone);
    records[key] = record;
  }
  if (standsIn === 'none' || doubts.length === 0) return { ...sorted(doubts), zones, records, standIns: [] };
  const wanting = standsIn === 'any' ? doubts : doubts.filter(({ refusal }) => refusal !== undefined);
  const copies = await acceptedCopies(inputs, known, wanting);
  const left = doubts.filter(({ id }) => !copies.has(zoneKey(id)));
  return {
    zones: [...zones, ...copies.values()],
    records,
    missing: left,
    refusals: sorted(left).refusals,
    standIns: doubts.filter((doubt) => !left.includes(doubt)).map(standInNote),
  };
}

const sorted = (doubts: readonly Doubt[]): Pick<BelievedZones, 'missing' | 'refusals'> => ({
  missing: doubts.filter(({ refusal }) => refusal === undefined),
  refusals: doubts.flatMap(({ refusal }) => refusal ?? []),
});

const standInNote = ({ id, reason }: Doubt): string =>
  `zone ${zoneName(id)}: ${reason}; the copy that was in force before stands in`;

/** Judges a copy of the cache by what is known of the one before; what is recorded of it when it is put in force. */
function judge(
  zone: LoadedZone,
  known: ZoneRecord | undefined,
  { settings, force }: Pick<ZoneInputs, 'settings' | 'force'>,
): { readonly record?: ZoneRecord; readonly doubt?: Doubt } {
  const { id, body, sha256, source, fetchedAt } = zone;
  if (known?.sha256 === sha256) return { record: known };
  const accepted = acceptZone(body, id);
  if (typeof accepted === 'string')
    return { doubt: { id, reason: `the cached copy is damaged: ${accepted}` } };
  const { addresses } = accepted;
  const record = { sha256, addresses, source, fetchedAt };
  const change = known && changeProblem(known.addresses, addresses, changeLimitsOf(settings));
  const problem = [shareProblem(id, addresses), change].find((one) => one && !isForced(one, force));
  if (problem === undefined) return { record };
  const reason = `the cached copy is not to be believed: ${problem.reason}`;
  return {
    record,
    doubt: { id, reason, refusal: { ...problem, reason: `zone ${zoneName(id)}: ${reason}` } },
  };
}

/**
 * The copies of zones that were in force before, by key: with the digest that is recorded, from root's own folder or from
 * what the cache had before; without a record a previous copy that can be believed by itself.
 */
async function acceptedCopies(
  inputs: ZoneInputs,
  known: Readonly<Record<string, ZoneRecord>>,
  doubts: readonly Doubt[],
): Promise<Map<string, LoadedZone>> {
  const { store, memory, now } = inputs;
  const copies = new Map<string, LoadedZone>();
  const texts = (await memory.zoneTexts.read())?.texts ?? {};
  const previous = await loadZones(
    { read: async (id) => await store.readPrevious(id) },
    doubts.map(({ id }) => id),
    now,
  );
  for (const { id } of doubts) {
    const key = zoneKey(id);
    const record = known[key];
    const before = previous.zones.find((zone) => zoneKey(zone.id) === key);
    const own = record && ownCopy(id, record, texts[key], now);
    const isGood =
      before !== undefined &&
      (record === undefined
        ? judge(before, undefined, inputs).doubt === undefined
        : before.sha256 === record.sha256);
    const copy = own ?? (isGood ? before : undefined);
    if (copy !== undefined) copies.set(key, copy);
  }
  return copies;
}

function ownCopy(id: ZoneId, record: ZoneRecord, text = '', now: number): LoadedZone | undefined {
  const { sha256, source, fetchedAt } = record;
  const body = Buffer.from(text, 'latin1');
  if (hash('sha256', body) !== sha256) return undefined;
  return { id, body, sha256, source, fetchedAt, ageMilliseconds: ageOf(Date.parse(fetchedAt), now) };
}

/**
 * Remembers the zones that were put in force, with their texts: those are what stands in when the cache fails. Needs the
 * lock of the state folder. Does nothing when the same are remembered; throws GeofenceError when a file cannot be
 * written.
 */
export async function rememberZones(
  { zones: recordFile, zoneTexts }: StateDir,
  { zones, records }: Pick<BelievedZones, 'zones' | 'records'>,
): Promise<void> {
  const known = (await recordFile.read())?.zones ?? {};
  const isNew = ({ id, sha256 }: LoadedZone): boolean => known[zoneKey(id)]?.sha256 !== sha256;
  const changed = zones.filter(isNew);
  if (changed.length === 0) return;
  const texts = (await zoneTexts.read())?.texts ?? {};
  const added = changed.map(({ id, body }) => [zoneKey(id), Buffer.from(body).toString('latin1')] as const);
  // The texts first: one without a record of its digest is used by nobody.
  await zoneTexts.write({ texts: { ...texts, ...Object.fromEntries(added) } });
  await recordFile.write({ zones: { ...known, ...records } });
}
