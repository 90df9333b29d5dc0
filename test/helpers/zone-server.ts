import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults.ts';
import type { Files, Zones } from './zone-files.ts';
import { md5, zoneFiles } from './zone-files.ts';

export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface ZoneServerOptions {
  readonly zones?: Zones;
  /** Served as they are, instead of zones. */
  readonly files?: Files;
  readonly latencyMilliseconds?: number;
  readonly host?: string;
  readonly port?: number;
}

/** Any fault for the paths that are, or match, `path`; the latest one counts. */
type PathPattern = string | RegExp;

const matches = (pattern: PathPattern, path: string): boolean =>
  typeof pattern === 'string' ? pattern === path : pattern.test(path);

/** A real server with the layouts of ipdeny and ipverse, whose faults can be chosen. */
export class ZoneServer {
  /** Without a slash at its end. */
  url = '';
  readonly requests: RequestRecord[] = [];
  /** The most requests that were ever under way at once. */
  maxAtOnce = 0;
  #atOnce = 0;
  #files: Files;
  /** By path: when its content last changed. */
  readonly #modified = new Map<string, Date>();
  #clock = Date.parse('2025-09-04T12:00:00Z');
  #faults: [PathPattern, Fault][] = [];
  readonly #latency: number;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(files: Files, latencyMilliseconds: number) {
    this.#files = files;
    this.#latency = latencyMilliseconds;
  }

  /** The paths that were asked for since the start or the last `forget`. */
  get paths(): string[] {
    return this.requests.map(({ path }) => path);
  }

  forget(): void {
    this.requests.length = 0;
    this.maxAtOnce = 0;
  }

  fault(path: PathPattern, fault: Fault): void {
    this.#faults.unshift([path, fault]);
  }

  clearFaults(): void {
    this.#faults = [];
  }

  async update(zones: Zones): Promise<void> {
    const files = await zoneFiles(zones);
    this.#clock += 60_000;
    for (const [path, content] of files)
      if (this.#files.get(path)?.equals(content) !== true) this.#modified.set(path, new Date(this.#clock));
    this.#files = files;
  }

  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, host, resolve));
    const { address, family, port: chosen } = this.#server.address() as AddressInfo;
    this.url = `http://${family === 'IPv6' ? `[${address}]` : address}:${chosen}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURI(request.url ?? '');
    this.requests.push({ method: request.method ?? '', path, headers: request.headers });
    this.#atOnce++;
    this.maxAtOnce = Math.max(this.maxAtOnce, this.#atOnce);
    response.on('close', () => this.#atOnce--);
    if (this.#latency > 0) await sleep(this.#latency);
    const file = this.#files.get(path);
    const answer = (body = file): void => this.#answer(request, response, path, body);
    const fault = this.#faults.find(([pattern]) => matches(pattern, path))?.[1];
    if (fault === undefined) answer();
    else fault({ request, response, body: file ?? Buffer.alloc(0), answer });
  }

  #answer(request: IncomingMessage, response: ServerResponse, path: string, body: Buffer | undefined): void {
    if (body === undefined) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html>404 Not Found</html>\n');
      return;
    }
    const etag = `"${md5(body)}"`;
    const modified = this.#modified.get(path) ?? new Date('2025-09-04T12:00:00Z');
    response.setHeader('etag', etag).setHeader('last-modified', modified.toUTCString());
    const { 'if-none-match': known, 'if-modified-since': since } = request.headers;
    const isSame = known === undefined ? Date.parse(since ?? '') >= modified.getTime() : known === etag;
    if (isSame) response.writeHead(304).end();
    else response.writeHead(200, { 'content-length': body.length }).end(body);
  }
}

/** Starts a server, by default on a free port of the loopback interface. */
export async function startZoneServer(options: ZoneServerOptions): Promise<ZoneServer> {
  const files = options.files ?? (await zoneFiles(options.zones ?? {}));
  const server = new ZoneServer(files, options.latencyMilliseconds ?? 0);
  await server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  return server;
}
