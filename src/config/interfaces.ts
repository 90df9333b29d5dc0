import { UsageError } from '../errors.ts';
import type { InterfacePattern } from '../policy/scope.ts';
import { wordsIn } from './values.ts';

/** The kernel takes names of 15 bytes (IFNAMSIZ - 1). */
const MAX_NAME = 15;

/**
 * Reads interfaces as people write them: names, "ppp*" for all that begin so, and "!" before either for all others.
 * Throws UsageError, which names `where`, for what the kernel would not take, or takes for something else.
 */
export const parseInterfaces = (texts: readonly string[], where: string): InterfacePattern[] =>
  texts.flatMap(wordsIn).map((word) => parseInterface(word, where));

function parseInterface(word: string, where: string): InterfacePattern {
  const refuse = (reason: string, hint?: string): UsageError =>
    new UsageError(`Cannot use interface "${word}" from ${where}: ${reason}`, hint);
  const name = word.replace(/^!/, '');
  if (name === '' || name === '*') throw refuse('it names none', 'leave interfaces out for all of them');
  if (/[?[\]+{}]/.test(name) || name.slice(0, -1).includes('*'))
    // iptables takes "eth?" for a name, without an error.
    throw refuse(
      'it is no pattern that the kernel knows',
      'a name, or the beginning of names and a "*": "ppp*"',
    );
  if (!/^[\w.:@-]+\*?$/.test(name)) throw refuse('it is no name of an interface');
  if (name.replace('*', '').length > MAX_NAME) throw refuse(`names have at most ${MAX_NAME} characters`);
  if (name === 'lo') throw refuse('what a host says to itself is never fenced');
  return word.startsWith('!') ? { name, not: true } : { name };
}
