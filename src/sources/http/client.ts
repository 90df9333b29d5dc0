import type { LookupFunction } from 'node:net';
import type { Dispatcher, EnvHttpProxyAgent } from 'undici';
import { messageOf } from '../../errors.ts';
import { readBody } from './body.ts';
import type { Timeouts } from './error.ts';
import { FetchError, HopelessError, problemOf, problemOfStatus } from './error.ts';
import type { Reach } from './reach.ts';
import { checkReach, checkedLookup, reachOfUrl } from './reach.ts';
import { MAX_REDIRECTS, isRedirect, redirectTarget } from './redirect.ts';
import type { RetryOptions } from './retry.ts';
import { parseRetryAfter, withRetry } from './retry.ts';

export interface HttpOptions extends Timeouts, RetryOptions {
  readonly userAgent: string;
  readonly now: () => number;
}

/** By these a server can tell whether a copy is still the same. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface GetOptions {
  readonly maxBytes: number;
  /** The file itself is compressed: take it as it lies there, even when the server calls that an encoding. */
  readonly isCompressed?: boolean;
  /** Of the copy there is. */
  readonly validators?: Validators;
}

export interface Download {
  /** Where it really came from, after redirects. */
  readonly url: string;
  /** False when the server says that the copy with these validators is still good; the body is empty then. */
  readonly isChanged: boolean;
  readonly body: Uint8Array;
  readonly validators: Validators;
}

/** Where a redirect may lead besides the Internet; undefined for what was asked for itself. */
type Allowed = ReadonlySet<Reach> | undefined;

interface Loaded {
  readonly request: (url: string, options: object) => Promise<Dispatcher.ResponseData>;
  readonly newAgent: (lookup: LookupFunction) => EnvHttpProxyAgent;
}

/** Fetches whole files over HTTP; the only place that knows undici, which is loaded with the first request. */
export class HttpClient {
  readonly #options: HttpOptions;
  #loaded: Promise<Loaded> | undefined;
  readonly #agents = new Map<string, EnvHttpProxyAgent>();
  /** How far the hosts reach that were asked, as far as their names were looked up here and not by a proxy. */
  readonly #reaches = new Map<string, Set<Reach>>();

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** Rejects with a FetchError, or with the reason of the signal once that has aborted. */
  get(url: string, options: GetOptions): Promise<Download> {
    return withRetry(() => this.#follow(url, options), this.#options);
  }

  /** Ends every connection, so that the process can end. */
  async close(): Promise<void> {
    await this.#loaded?.catch(() => undefined);
    await Promise.all([...this.#agents.values()].map(async (agent) => await agent.destroy()));
  }

  async #follow(url: string, options: GetOptions): Promise<Download> {
    let current = url;
    let allowed: Allowed;
    for (let followed = 0; followed <= MAX_REDIRECTS; followed++) {
      const response = await this.#request(current, options, allowed);
      if (!isRedirect(response.statusCode)) return await this.#download(current, response, options);
      discard(response);
      allowed ??= this.#reachesOf(url);
      current = redirectTarget(current, headerText(response.headers['location']), allowed);
    }
    throw new FetchError(url, { reason: `more than ${MAX_REDIRECTS} redirects`, isTransient: false });
  }

  #reachesOf(url: string): ReadonlySet<Reach> {
    const literal = reachOfUrl(url);
    return literal === undefined
      ? (this.#reaches.get(new URL(url).hostname) ?? new Set())
      : new Set([literal]);
  }

  /** One agent for what is asked for itself, and one for redirects that may lead to the same places. */
  #agentFor(allowed: Allowed, newAgent: Loaded['newAgent']): EnvHttpProxyAgent {
    const key = allowed === undefined ? 'any' : [...allowed].sort().join();
    const note = (host: string, reach: Reach | undefined): void => {
      if (reach === undefined) return;
      this.#reaches.set(host, (this.#reaches.get(host) ?? new Set()).add(reach));
    };
    const agent =
      this.#agents.get(key) ??
      newAgent(
        checkedLookup(allowed === undefined ? note : (host, reach) => checkReach(host, reach, allowed)),
      );
    this.#agents.set(key, agent);
    return agent;
  }

  async #request(
    url: string,
    { isCompressed, validators }: GetOptions,
    allowed: Allowed,
  ): Promise<Dispatcher.ResponseData> {
    const { signal, userAgent, headersTimeoutSeconds, bodyTimeoutSeconds } = this.#options;
    const headers = {
      'user-agent': userAgent,
      'accept-encoding': isCompressed === true ? 'identity' : 'gzip',
      ...(validators?.etag === undefined ? {} : { 'if-none-match': validators.etag }),
      ...(validators?.lastModified === undefined ? {} : { 'if-modified-since': validators.lastModified }),
    };
    try {
      this.#loaded ??= load(this.#options);
      const { request, newAgent } = await this.#loaded;
      return await request(url, {
        dispatcher: this.#agentFor(allowed, newAgent),
        headers,
        signal,
        headersTimeout: headersTimeoutSeconds * 1000,
        bodyTimeout: bodyTimeoutSeconds * 1000,
      });
    } catch (error) {
      throw this.#told(url, error);
    }
  }

  async #download(url: string, response: Dispatcher.ResponseData, options: GetOptions): Promise<Download> {
    const { statusCode, headers } = response;
    const validators = responseValidators(response);
    const isUnchanged = statusCode === 304 && options.validators !== undefined;
    if (statusCode !== 200) {
      discard(response);
      if (isUnchanged) return { url, isChanged: false, body: new Uint8Array(0), validators };
      const retryAfter = parseRetryAfter(headerText(headers['retry-after']), this.#options.now());
      throw new FetchError(url, problemOfStatus(statusCode, retryAfter));
    }
    const encoding = options.isCompressed === true ? undefined : headerText(headers['content-encoding']);
    try {
      const body = await readBody(response.body, encoding, options.maxBytes);
      return { url, isChanged: true, body, validators };
    } catch (error) {
      throw this.#told(url, error);
    }
  }

  #told(url: string, error: unknown): FetchError {
    return new FetchError(url, problemOf(error, this.#options), error);
  }
}

async function load({ connectTimeoutSeconds, headersTimeoutSeconds }: HttpOptions): Promise<Loaded> {
  const { EnvHttpProxyAgent, Pool, request } = await import('undici');
  // Said again here, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment would change the default.
  const connect = { timeout: connectTimeoutSeconds * 1000, rejectUnauthorized: true };
  const options = {
    proxyTls: connect,
    requestTls: connect,
    proxyTunnel: false,
    // Without this a proxy that accepts and says nothing would hold us until the deadline.
    clientFactory: (origin: URL, poolOptions: object) =>
      new Pool(origin, { ...poolOptions, headersTimeout: headersTimeoutSeconds * 1000 }),
  };
  const newAgent = (lookup: LookupFunction): EnvHttpProxyAgent => {
    try {
      return new EnvHttpProxyAgent({ ...options, connect: { ...connect, lookup } });
    } catch (error) {
      throw new HopelessError(`the proxy of the environment cannot be used: ${messageOf(error)}`);
    }
  };
  return { request, newAgent };
}

/** Lets the rest of an answer go by, so that its connection can be used again. */
function discard({ body }: Dispatcher.ResponseData): void {
  body.dump().catch(() => {});
}

const headerText = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

function responseValidators({ headers }: Dispatcher.ResponseData): Validators {
  const etag = headerText(headers['etag']);
  const lastModified = headerText(headers['last-modified']);
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}
