import type { CachedZone } from '../cache/store.ts';
import type { GuardName } from '../refusal.ts';
import { isKnownEmpty } from '../zones/known-empty.ts';
import type { ZoneId } from '../zones/zone.ts';
import type { ZoneResult, ZoneState } from './fetch-request.ts';

/** A wanted zone on its way to a result. */
export class PendingZone {
  readonly id: ZoneId;
  readonly cached: CachedZone | undefined;
  #result: ZoneResult | undefined;
  readonly #failures: string[] = [];
  readonly #onSettled: () => void;
  #guard: GuardName | undefined;

  constructor(id: ZoneId, cached: CachedZone | undefined, onSettled: () => void) {
    this.id = id;
    this.cached = cached;
    this.#onSettled = onSettled;
  }

  get isSettled(): boolean {
    return this.#result !== undefined;
  }

  /** Ends the search for this zone with a result. */
  settle(state: ZoneState, zone?: CachedZone): void {
    this.#result = { id: this.id, state, ...(zone === undefined ? {} : { zone }) };
    this.#onSettled();
  }

  /** Notes why a source could not help; the next one may. */
  fail(reason: string): void {
    this.#failures.push(reason);
  }

  /** Notes that what a source has is not to be believed, unless the guard is forced. */
  distrust(guard: GuardName, reason: string): void {
    this.#guard = guard;
    this.fail(reason);
  }

  get result(): ZoneResult {
    if (this.#result !== undefined) return this.#result;
    const reason = this.#failures.join('; ');
    if (this.#guard !== undefined) return { id: this.id, state: 'refused', guard: this.#guard, reason };
    if (this.cached !== undefined) return { id: this.id, state: 'aged', zone: this.cached, reason };
    return { id: this.id, state: isKnownEmpty(this.id) ? 'empty' : 'missing', reason };
  }
}
