import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** One request that a fault may answer in its own way. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the file really holds. */
  readonly body: Buffer;
  /** The right answer, with another body perhaps. */
  readonly answer: (body?: Buffer) => void;
}

/** How a server misbehaves. */
export type Fault = (exchange: Exchange) => void;

const half = (body: Buffer): Buffer => body.subarray(0, Math.ceil(body.length / 2));

const MIB = 2 ** 20;

/** The faults seen of servers, proxies and networks. */
export const faults = {
  /** Another body with status 200. */
  body:
    (change: string | Buffer | ((body: Buffer) => string)): Fault =>
    ({ answer, body }) =>
      answer(Buffer.from(typeof change === 'function' ? change(body) : change)),
  html: (): Fault => faults.body('<!DOCTYPE html>\n<html><body>Checking your browser...</body></html>\n'),
  empty: (): Fault => faults.body(''),
  garbage: (): Fault => faults.body(Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 37) % 256))),
  /** The whole length is declared, half of it is sent. */
  cut:
    (): Fault =>
    ({ response, body }) => {
      response.writeHead(200, { 'content-length': body.length });
      response.write(half(body), () => response.destroy());
    },
  /** No length is declared, and the end never comes. */
  cutChunk:
    (): Fault =>
    ({ response, body }) => {
      response.writeHead(200);
      response.write(half(body), () => response.destroy());
    },
  /** Some lines are missing, and nothing in the answer shows it. */
  cutAtLine: (): Fault =>
    faults.body((body) => {
      const lines = String(body).trimEnd().split('\n');
      return `${lines.slice(0, Math.ceil(lines.length * 0.8) - 1).join('\n')}\n`;
    }),
  /** Nothing at all comes. */
  hang: (): Fault => () => {},
  /** Half of it comes, then nothing. */
  stall:
    (): Fault =>
    ({ response, body }) => {
      response.writeHead(200, { 'content-length': body.length });
      response.write(half(body));
    },
  /** One byte at a time, for ever. */
  trickle:
    (milliseconds = 20): Fault =>
    ({ response }) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('#'), milliseconds);
      response.on('close', () => clearInterval(timer));
    },
  status:
    (status: number, headers: Record<string, string> = {}): Fault =>
    ({ response }) => {
      response.writeHead(status, headers).end(`status ${status}\n`);
    },
  redirect: (location: string): Fault => faults.status(302, { location }),
  /** Small on its way, large where it arrives. */
  gzipBomb:
    (mebibytes: number): Fault =>
    ({ response }) => {
      const body = gzipSync(Buffer.alloc(mebibytes * MIB, '#'));
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
    },
  gzipped:
    (): Fault =>
    ({ response, body }) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body));
    },
  /** Compressed, and half of that, with nothing else to show it. */
  cutGzip:
    (): Fault =>
    ({ response, body }) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(half(gzipSync(body)));
    },
  /** In MD5SUM: another sum for this file. */
  wrongSum: (name: string): Fault =>
    faults.body((body) => String(body).replace(new RegExp(`^\\w{32}(?=  ${name}$)`, 'm'), 'f'.repeat(32))),
  /** The first so many requests only. */
  times(count: number, fault: Fault): Fault {
    let left = count;
    return (exchange) => (left-- > 0 ? fault(exchange) : exchange.answer());
  },
};
