import { messageOf } from '../../errors.ts';
import { FetchError } from './error.ts';
import type { Reach } from './reach.ts';
import { checkReach, reachOfUrl } from './reach.ts';

/** More is a circle. */
export const MAX_REDIRECTS = 5;

/** Half of what the metadata of a cached zone takes. */
const MAX_URL_LENGTH = 8192;

/** Whether a status sends the client to another URL. */
export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/**
 * Returns the URL that an answer from `from` redirects to. Throws FetchError when there is none, when it leads from
 * https to http, to anything but these, to a URL that is too long, or to an address that reaches less far than the
 * Internet and is not `allowed`.
 */
export function redirectTarget(
  from: string,
  location: string | undefined,
  allowed: ReadonlySet<Reach>,
): string {
  const fail = (why: string): FetchError => new FetchError(from, { reason: why, isTransient: false });
  if (location === undefined || !URL.canParse(location, from)) throw fail('redirected to nowhere');
  const to = new URL(location, from);
  const isSafe = to.protocol === 'https:' || (to.protocol === 'http:' && from.startsWith('http:'));
  if (!isSafe) throw fail(`redirected to ${to.href}, which is not followed`);
  if (to.href.length > MAX_URL_LENGTH)
    throw fail(`redirected to a URL of more than ${MAX_URL_LENGTH} characters`);
  try {
    checkReach(to.host, reachOfUrl(to.href), allowed);
  } catch (error) {
    throw fail(messageOf(error));
  }
  return to.href;
}
