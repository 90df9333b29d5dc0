import pLimit from 'p-limit';
import type { Source } from './catalog.ts';
import type { Deadline } from './http/deadline.ts';
import { FetchError } from './http/error.ts';
import type { FetchRequest } from './fetch-request.ts';
import type { Download, GetOptions, HttpClient } from './http/client.ts';
import { pause } from './http/retry.ts';

/** A source that is being asked. */
export interface OpenSource {
  readonly source: Source;
  readonly request: FetchRequest;
  readonly deadline: Deadline;
  /** Fetches a path of the source, no more at a time and no faster than it likes. */
  readonly get: (path: string, options: GetOptions) => Promise<Download>;
}

/** So many failures in a row, each after several attempts, and a source counts as down: 480 zones would take hours. */
const MAX_FAILURES_IN_A_ROW = 3;

/**
 * Returns what asks a source, no more at a time and no faster than it likes, both families together. After three
 * failures in a row its `get` throws FetchError without asking.
 */
export function openSource(
  source: Source,
  { request, http, deadline }: { request: FetchRequest; http: HttpClient; deadline: Deadline },
): OpenSource {
  const limit = pLimit(request.concurrency ?? source.concurrency);
  let failures = 0;
  const getNow = async (path: string, options: GetOptions): Promise<Download> => {
    const url = source.base + path;
    if (failures >= MAX_FAILURES_IN_A_ROW) throw new FetchError(url, { reason: givenUp, isTransient: false });
    try {
      const download = await http.get(url, options);
      failures = 0;
      return download;
    } catch (error) {
      failures = error instanceof FetchError && error.problem.isTransient ? failures + 1 : 0;
      throw error;
    }
  };
  const getThenRest = async (path: string, options: GetOptions): Promise<Download> => {
    const download = await getNow(path, options);
    if (limit.pendingCount > 0 && source.pauseMilliseconds > 0)
      await pause(source.pauseMilliseconds, { sleep: request.sleep, signal: deadline.signal });
    return download;
  };
  return { source, request, deadline, get: (path, options) => limit(getThenRest, path, options) };
}

const givenUp = `not asked, after ${MAX_FAILURES_IN_A_ROW} failures in a row`;
