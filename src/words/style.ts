/** How a text is meant, for who sees colours. */
export type Tone = 'plain' | 'good' | 'warning' | 'bad';

export type Style = (tone: Tone, text: string) => string;

/** SGR parameters (ECMA-48): bold green, yellow and red, which terminals show on dark and light ground alike. */
const parameters: Record<Exclude<Tone, 'plain'>, string> = { good: '1;32', warning: '1;33', bad: '1;31' };

/** The escape sequence Select Graphic Rendition (ECMA-48 8.3.117). */
const sgr = (parameter: string): string => `\u001B[${parameter}m`;

const RESET = sgr('0');

/** What createStyle() puts before and behind a text. */
export const styleCodes: readonly string[] = [...Object.values(parameters).map(sgr), RESET];

/**
 * Returns a function that puts escape codes around a text whose tone is not plain, or, with `isColoured` false, returns
 * it as it is. The text stays as wide as it is.
 */
export const createStyle =
  (isColoured: boolean): Style =>
  (tone, text) =>
    isColoured && tone !== 'plain' ? `${sgr(parameters[tone])}${text}${RESET}` : text;

/** Whether to write colours: only on a terminal that can, and never against NO_COLOR (https://no-color.org). */
export const wantsColour = (
  isTTY: boolean,
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
): boolean => isTTY && (NO_COLOR ?? '') === '' && TERM !== 'dumb';
