/** How a text is meant, for who sees colours. */
export type Tone = 'plain' | 'good' | 'warning' | 'bad';

export type Style = (tone: Tone, text: string) => string;

/** SGR parameters (ECMA-48): bold green, yellow and red, which terminals show on dark and light ground alike. */
const parameters: Record<Exclude<Tone, 'plain'>, string> = { good: '1;32', warning: '1;33', bad: '1;31' };

const codeOf = (parameter: string): string => `\u001B[${parameter}m`;

const RESET = codeOf('0');

/** What createStyle() puts before and behind a text. */
export const styleCodes: readonly string[] = [...Object.values(parameters).map(codeOf), RESET];

/**
 * Returns a function that puts escape codes around a text whose tone is not plain, or, with `isColoured` false, returns
 * it as it is. The text stays as wide as it is.
 */
export const createStyle =
  (isColoured: boolean): Style =>
  (tone, text) =>
    isColoured && tone !== 'plain' ? `${codeOf(parameters[tone])}${text}${RESET}` : text;

/** Whether to write colours: only on a terminal that can, and never against NO_COLOR (https://no-color.org). */
export const wantsColour = (
  isTTY: boolean,
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
): boolean => isTTY && (NO_COLOR ?? '') === '' && TERM !== 'dumb';
