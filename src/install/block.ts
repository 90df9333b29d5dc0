import { GeofenceError } from '../errors.ts';
import { markLine } from './mark.ts';

const [BEGIN, END] = ['# >>> geofence >>>', '# <<< geofence <<<'];
const BLOCK = new RegExp(`^${BEGIN}\\n[^]*?^${END}$`, 'm');

/** How a shell script begins that holds nothing but our block. */
export const scriptHeader = `#!/bin/sh\n${markLine('#')}\n`;

/** Lines of ours between marks, as they stand in somebody's file. */
export const block = (lines: string): string => `${BEGIN}\n${lines}${END}`;

/** Scripts of this kind often end so, and what came after would never run. */
const LAST_EXIT = /(?<=^|\n)exit\b[^\n]*\n*$/;

/**
 * The text of a script with `ours`, made by `block`: in the place of the block it has, or else at its end, before an
 * `exit` there. Taken out again by `withoutBlock`, the text is the same byte for byte, also where the last line is not
 * ended. Throws GeofenceError where a block begins and does not end.
 */
export function withBlock(text: string, ours: string): string {
  if (hasBlock(text)) return text.replace(BLOCK, () => ours);
  const exit = LAST_EXIT.exec(text);
  if (exit !== null) return `${text.slice(0, exit.index)}${ours}\n${exit[0]}`;
  return text === '' || text.endsWith('\n') ? `${text}${ours}\n` : `${text}\n${ours}`;
}

/** The text of a script as it was before `withBlock`. Throws GeofenceError where a block begins and does not end. */
export function withoutBlock(text: string): string {
  if (!hasBlock(text)) return text;
  const { index, 0: found } = BLOCK.exec(text)!;
  const end = index + found.length;
  return end === text.length
    ? text.slice(0, Math.max(0, index - 1))
    : `${text.slice(0, index)}${text.slice(end + 1)}`;
}

function hasBlock(text: string): boolean {
  if (BLOCK.test(text)) return true;
  if (!text.includes(BEGIN)) return false;
  throw new GeofenceError(`Cannot find the end of the lines of geofence: no line "${END}"`);
}
