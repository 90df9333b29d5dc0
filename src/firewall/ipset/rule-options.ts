/** An option of iptables with its values: `! --ctstate RELATED,ESTABLISHED`. */
export interface Option {
  /** With its dashes. */
  readonly name: string;
  readonly values: readonly string[];
  readonly isInverted: boolean;
}

/** The words of a rule; a text is one, with quotes, which iptables-save leaves out around "-j". */
export const splitWords = (text: string): string[] => {
  const words: string[] = [];
  let isText = false;
  for (const [word] of text.matchAll(/"(?:[^"\\]|\\.)*"|\S+/g)) {
    words.push(isText && !word.startsWith('"') ? `"${word}"` : word);
    isText = !isText && (word === '--comment' || word === '--log-prefix');
  }
  return words;
};

/** A word without the quotes that iptables-save puts around texts with blanks, and their escapes. */
export const unquote = (word: string): string =>
  word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word;

/** Options in order, their values unquoted; undefined when the words do not begin with an option. */
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
