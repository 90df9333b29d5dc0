import { GeofenceError, codeOf, messageOf } from '../../errors.ts';

export interface FetchProblem {
  readonly reason: string;
  /** Whether asking again may help. */
  readonly isTransient: boolean;
  /** The status of the answer, when there was one. */
  readonly status?: number;
  /** How long the server asks to be left alone. */
  readonly retryAfterMilliseconds?: number | undefined;
}

/** A URL could not be fetched. */
export class FetchError extends GeofenceError {
  override readonly name = 'FetchError';
  readonly url: string;
  readonly problem: FetchProblem;

  constructor(url: string, problem: FetchProblem, cause?: unknown) {
    super(`Cannot fetch ${url}: ${problem.reason}`, { cause });
    this.url = url;
    this.problem = problem;
  }

  /** For a list of such failures. */
  get brief(): string {
    return `${this.url}: ${this.problem.reason}`;
  }
}

/** It failed in a way that asking again cannot help; the message says how. */
export class HopelessError extends Error {}

export interface Timeouts {
  readonly connectTimeoutSeconds: number;
  readonly headersTimeoutSeconds: number;
  readonly bodyTimeoutSeconds: number;
}

/** The codes of Node.js, libuv, zlib and undici that are seen when the network or a server fails, in words. */
const networkReasons: Readonly<Record<string, (timeouts: Timeouts) => string>> = {
  EAI_AGAIN: () => 'the name server does not answer (EAI_AGAIN)',
  ECONNREFUSED: () => 'connection refused',
  ECONNRESET: () => 'connection closed before the whole body came',
  EHOSTUNREACH: () => 'host cannot be reached',
  ENETUNREACH: () => 'network cannot be reached',
  ENOTFOUND: () => 'host not found (ENOTFOUND)',
  ETIMEDOUT: ({ connectTimeoutSeconds }) => `no connection within ${connectTimeoutSeconds} s`,
  UND_ERR_BODY_TIMEOUT: ({ bodyTimeoutSeconds }) => `nothing more came for ${bodyTimeoutSeconds} s`,
  UND_ERR_CONNECT_TIMEOUT: ({ connectTimeoutSeconds }) => `no connection within ${connectTimeoutSeconds} s`,
  UND_ERR_HEADERS_TIMEOUT: ({ headersTimeoutSeconds }) => `no answer within ${headersTimeoutSeconds} s`,
  UND_ERR_SOCKET: () => 'connection closed before the whole body came',
  Z_BUF_ERROR: () => 'connection closed before the whole body came',
};

/** What TLS refuses; it will refuse it again. */
const CERTIFICATE = /CERT|TLS|SELF_SIGNED|UNABLE_TO/;

/** Words an error of the HTTP client, and says whether asking again may help. */
export function problemOf(error: unknown, timeouts: Timeouts): FetchProblem {
  if (error instanceof HopelessError) return { reason: error.message, isTransient: false };
  const code = codeOf(error) ?? '';
  const reason = networkReasons[code]?.(timeouts);
  if (reason !== undefined) return { reason, isTransient: true };
  const text = code === '' ? messageOf(error) : `${messageOf(error)} (${code})`;
  return { reason: text, isTransient: !CERTIFICATE.test(code) };
}

/** Words an answer whose status is not 200; asking again may help after 429 and from 500 on. */
export const problemOfStatus = (
  status: number,
  retryAfterMilliseconds: number | undefined,
): FetchProblem => ({
  reason: `HTTP ${status}`,
  isTransient: status === 429 || status >= 500,
  status,
  retryAfterMilliseconds,
});
