/** An option of iptables with its values: `! --ctstate RELATED,ESTABLISHED`. */
export interface Option {
  /** With its dashes. */
  readonly name: string;
  readonly values: readonly string[];
  readonly isInverted: boolean;
}

/**
 * Splits a rule at blanks; a quoted text is one word and keeps its quotes. The text of a comment or log prefix gets
 * quotes where iptables-save leaves them out, so that a text such as "-j" is not taken for an option.
 */
export const splitWords = (text: string): string[] => {
  const words: string[] = [];
  let isText = false;
  for (const [word] of text.matchAll(/"(?:[^"\\]|\\.)*"|\S+/g)) {
    words.push(isText && !word.startsWith('"') ? `"${word}"` : word);
    isText = !isText && (word === '--comment' || word === '--log-prefix');
  }
  return words;
};

/** Returns a word without the quotes that iptables-save puts around texts with blanks, and without their escapes. */
export const unquote = (word: string): string =>
  word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word;

/**
 * Groups words into options, in order, with unquoted values; [] for no words. Undefined when the first word is no
 * option (a "!" before it apart), or when a "!" is followed by a value.
 */
export function readOptions(words: readonly string[]): Option[] | undefined {
  const options: { name: string; values: string[]; isInverted: boolean }[] = [];
  let isInverted = false;
  for (const word of words) {
    if (word === '!') isInverted = true;
    else if (/^--?[a-z]/.test(word)) {
      options.push({ name: word, values: [], isInverted });
      isInverted = false;
    } else if (options.length === 0 || isInverted) return undefined;
    else options.at(-1)!.values.push(unquote(word));
  }
  return options;
}
