/**
 * A text in pieces that are made when they are read, anew each time: what the kernel's tools get for all countries has
 * 4 MB, and ipset works on the first of it while the rest is made.
 */
export class ChunkedText implements Iterable<string> {
  readonly #countLines: () => number;
  readonly #pieces: () => Iterable<string>;

  constructor(countLines: () => number, pieces: () => Iterable<string>) {
    this.#countLines = countLines;
    this.#pieces = pieces;
  }

  /** Returns the parts one after the other as one text. */
  static join(parts: readonly (string | ChunkedText)[]): ChunkedText {
    const texts = parts.map((part) => (typeof part === 'string' ? ChunkedText.of(part) : part));
    return new ChunkedText(
      () => texts.reduce((sum, text) => sum + text.lines, 0),
      function* () {
        for (const text of texts) yield* text;
      },
    );
  }

  /** Returns a text that is there already as one piece. */
  static of(text: string): ChunkedText {
    return new ChunkedText(
      () => text.split('\n').length - 1,
      () => [text],
    );
  }

  get lines(): number {
    return this.#countLines();
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#pieces()[Symbol.iterator]();
  }

  toString(): string {
    return [...this].join('');
  }

  toJSON(): string {
    return this.toString();
  }
}
