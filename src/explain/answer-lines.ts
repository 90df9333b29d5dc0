import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import { findAddress } from '../ip/find-address.ts';
import { valueAt } from '../ip/range-map.ts';
import type { Class, Classes } from './classify.ts';
import { quoteBytes } from '../zones/parse.ts';
import { describeDispute } from '../report/line-summary.ts';
import { LF, SPACE } from '../words/ascii.ts';

/** Of "255.255.255.255": verdicts stand below each other. */
const ADDRESS_WIDTH = 15;
/** More than an answer takes. */
const LONGEST_ANSWER = 256;
/** How many lines without an address are shown. */
const MOST_SHOWN = 3;

/** How an answer is written: what stands before the address and, for each class, after it. */
export interface AnswerFormat {
  readonly before: string;
  readonly after: (said: Class) => string;
  readonly isPadded: boolean;
}

/** Answers as text: `203.0.113.7      dropped  RU`. */
export const textFormat: AnswerFormat = {
  before: '',
  after: (said) => `  ${said.passes ? 'passes ' : 'dropped'}  ${said.place ?? '-'}${describeDispute(said)}\n`,
  isPadded: true,
};

/**
 * Answers as JSON, one object a line: `{"address":"203.0.113.7","passes":false,"country":"RU","policyPasses":false}`.
 */
export const jsonFormat: AnswerFormat = {
  before: '{"address":"',
  after: ({ place, passes, policyPasses }) =>
    `",${JSON.stringify({ passes, country: place, policyPasses }).slice(1)}\n`,
  isPadded: false,
};

interface Judge {
  readonly classes: Classes;
  /** By class: how many addresses it has got, and the end of an answer. */
  readonly counts: Float64Array;
  readonly endings: readonly Uint8Array[];
}

/** Answers line after line for the first address in it, without an object for any. */
export class LineAnswers {
  lines = 0;
  /** Lines without an address, blank ones apart; and the first few of them. */
  unreadable = 0;
  readonly shown: { readonly line: number; readonly text: string }[] = [];
  readonly #judges: ReadonlyMap<Family, Judge>;
  readonly #before: Uint8Array;
  readonly #isPadded: boolean;
  readonly #words = new Int32Array(4);
  #out = new Uint8Array(64 * 1024);
  #length = 0;

  constructor(classify: (family: Family) => Classes, { before, after, isPadded }: AnswerFormat) {
    const encoder = new TextEncoder();
    this.#before = encoder.encode(before);
    this.#isPadded = isPadded;
    this.#judges = new Map(
      families.map((family) => {
        const classes = classify(family);
        const endings = classes.classes.map((said) => encoder.encode(after(said)));
        return [family, { classes, counts: new Float64Array(endings.length), endings }];
      }),
    );
  }

  /** The answers for a block of whole lines; they are overwritten by the next. */
  answer(block: Uint8Array): Uint8Array {
    this.#length = 0;
    for (let from = 0, to; from < block.length; from = to + 1) {
      const newline = block.indexOf(LF, from);
      to = newline < 0 ? block.length : newline;
      this.lines++;
      const family = findAddress(block, from, to, this.#words);
      if (family === undefined) this.#noteUnreadable(block, from, to);
      else this.#answerOne(family);
    }
    return this.#out.subarray(0, this.#length);
  }

  /** How many addresses each class has got. */
  counts(): { readonly said: Class; readonly addresses: number }[] {
    return [...this.#judges.values()].flatMap(({ classes, counts }) =>
      classes.classes
        .map((said, i) => ({ said, addresses: counts[i]! }))
        .filter(({ addresses }) => addresses > 0),
    );
  }

  #answerOne(family: Family): void {
    const { classes, counts, endings } = this.#judges.get(family)!;
    const index = valueAt(classes.labels, this.#words);
    counts[index]!++;
    if (this.#length + LONGEST_ANSWER > this.#out.length) this.#grow();
    const out = this.#out;
    out.set(this.#before, this.#length);
    const start = this.#length + this.#before.length;
    let end = family.write(this.#words, 0, out, start);
    while (this.#isPadded && end < start + ADDRESS_WIDTH) out[end++] = SPACE;
    const ending = endings[index]!;
    out.set(ending, end);
    this.#length = end + ending.length;
  }

  #grow(): void {
    const out = new Uint8Array(2 * this.#out.length);
    out.set(this.#out);
    this.#out = out;
  }

  #noteUnreadable(block: Uint8Array, from: number, to: number): void {
    const text = quoteBytes(block, from, to);
    if (text.trim() === '') return;
    this.unreadable++;
    if (this.shown.length < MOST_SHOWN) this.shown.push({ line: this.lines, text });
  }
}
