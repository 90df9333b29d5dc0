import assert from 'node:assert/strict';
import type { Totals } from './traffic.ts';

/** What a soak test comes to. */
export class Tally {
  kills = 0;
  changes = 0;
  readonly #totals: Totals[] = [];

  add(totals: Totals): void {
    this.#totals.push(totals);
  }

  #sum(key: keyof Totals): number {
    return this.#totals.reduce((sum, totals) => sum + totals[key], 0);
  }

  /** The line to print at the end. */
  line(): string {
    const [sent, leaked, lost] = [this.#sum('sent'), this.#sum('leaked'), this.#sum('lost')];
    const overflows = this.#sum('overflows');
    const note = overflows === 0 ? '' : ` (${overflows} of them for want of buffers)`;
    return `${this.kills} kills, ${this.changes} changes, ${sent} packets sent, ${leaked} leaked, ${lost} lost${note}`;
  }

  /** Nothing leaked, and nothing was lost but what the test itself was too slow to read. */
  assertNoneAmiss(): void {
    assert.equal(this.#sum('leaked'), 0, this.line());
    assert.ok(this.#sum('lost') <= this.#sum('overflows'), this.line());
  }
}
