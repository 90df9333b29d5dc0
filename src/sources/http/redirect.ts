import { FetchError } from './error.ts';

/** More is a circle. */
export const MAX_REDIRECTS = 5;

export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** Where an answer sends us; never from https to http, and never to what is not the web. */
export function redirectTarget(from: string, location: string | undefined): string {
  const fail = (why: string): FetchError => new FetchError(from, { reason: why, isTransient: false });
  if (location === undefined || !URL.canParse(location, from)) throw fail('redirected to nowhere');
  const to = new URL(location, from);
  const isSafe = to.protocol === 'https:' || (to.protocol === 'http:' && from.startsWith('http:'));
  if (!isSafe) throw fail(`redirected to ${to.href}, which is not followed`);
  return to.href;
}
