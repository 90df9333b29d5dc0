/** What stands in one of the first lines of every file that is ours as a whole, the program included (.build/bundle.mjs). */
const MARK = 'This file belongs to geofence:';

/** The line by which a file is known as ours, as a comment that begins with `comment`. */
export const markLine = (comment: string): string =>
  `${comment} ${MARK} its commands install and uninstall write and remove it.`;

/**
 * Whether a text says of itself that we may overwrite and remove it. Not on the first line everywhere: that is a
 * shebang's, or zsh's.
 */
export const hasMark = (text: string): boolean => text.split('\n', 3).some((line) => line.includes(MARK));
