import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Store } from '../../src/cache/store.ts';
import type { Family } from '../../src/ip/family.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import { selectSources } from '../../src/sources/catalog.ts';
import type { FetchRequest, ZoneResult } from '../../src/sources/fetch-request.ts';
import { fetchZones } from '../../src/sources/fetch-zones.ts';
import type { ZoneId } from '../../src/zones/zone.ts';
import { setProxies } from './proxy.ts';
import { tempDir } from './temp-dir.ts';
import type { Zones } from './zone-files.ts';
import { folderOf } from './zone-files.ts';
import type { ZoneServer } from './zone-server.ts';
import { startZoneServer } from './zone-server.ts';

export const ca4: ZoneId = { country: 'CA', family: ipv4 };
export const ca6: ZoneId = { country: 'CA', family: ipv6 };

const DAY = 24 * 60 * 60 * 1000;

/** A zone server, an empty cache, and what `fetchZones` is given unless a test says otherwise. */
export class Fetching {
  readonly server: ZoneServer;
  readonly store: Store;
  readonly warnings: string[] = [];
  readonly notes: string[] = [];
  /** Moved by tests; the cached zones of an earlier fetch become stale. */
  now = Date.parse('2025-09-04T12:00:00Z');

  constructor(server: ZoneServer, store: Store) {
    this.server = server;
    this.store = store;
  }

  /** The server takes the place of both sources. */
  request(overrides: Partial<FetchRequest> = {}): FetchRequest {
    return {
      wanted: [ca4],
      sources: selectSources(['ipdeny', 'ipverse'], this.server.url).map((source) => ({
        ...source,
        base: this.server.url,
      })),
      store: this.store,
      maxAgeDays: 6,
      changeLimits: { shrink: Infinity, growth: Infinity },
      forcedGuards: new Set(),
      deadlineSeconds: 20,
      connectTimeoutSeconds: 5,
      headersTimeoutSeconds: 5,
      bodyTimeoutSeconds: 5,
      maxZoneBytes: 2 ** 20,
      maxArchiveBytes: 2 ** 22,
      userAgent: 'geofence/test',
      now: () => this.now,
      sleep: () => sleep(1),
      random: () => 0,
      signal: new AbortController().signal,
      warn: (text) => this.warnings.push(text),
      info: (text) => this.notes.push(text),
      progress: () => {},
      ...overrides,
    };
  }

  fetch(overrides: Partial<FetchRequest> = {}): Promise<ZoneResult[]> {
    return fetchZones(this.request(overrides));
  }

  /** The result for the IPv4 zone of Canada. */
  async fetchOne(overrides: Partial<FetchRequest> = {}): Promise<ZoneResult> {
    const [result] = await this.fetch(overrides);
    assert.ok(result);
    return result;
  }

  /** Fetches, and lets a week pass: what is cached is stale then. */
  async fetchLastWeek(overrides: Partial<FetchRequest> = {}): Promise<void> {
    await this.fetch(overrides);
    this.now += 7 * DAY;
    this.server.forget();
    this.warnings.length = 0;
    this.notes.length = 0;
  }

  /** What the cache holds of a zone. */
  async cached(id: ZoneId = ca4): Promise<string | undefined> {
    const entry = await this.store.read(id);
    return entry.state === 'present' ? Buffer.from(entry.zone.body).toString() : undefined;
  }
}

export async function startFetching(
  t: TestContext,
  zones: Zones,
  latencyMilliseconds = 0,
): Promise<Fetching> {
  setProxies(t);
  const server = await startZoneServer({ zones, latencyMilliseconds });
  t.after(() => server.close());
  return new Fetching(server, new Store(await tempDir(t)));
}

/** Paths of ipdeny's layout. */
export const paths = (family: Family): Record<'sums' | 'archive' | 'zone', string> => {
  const folder = folderOf(family.name);
  const archive = family.version === 4 ? 'all-zones.tar.gz' : 'ipv6-all-zones.tar.gz';
  return { sums: `${folder}/MD5SUM`, archive: `${folder}/${archive}`, zone: `${folder}/ca.zone` };
};

/** So many countries, CA first, with a /28 and a /48 each. */
export function manyZones(count: number): { zones: Required<Zones>; ids4: ZoneId[]; ids6: ZoneId[] } {
  const codes = ['ca', 'us', 'gb', 'fr', 'de', 'nl', 'be', 'it', 'es', 'pt', 'ie', 'dk'].slice(0, count);
  const ids = (family: Family): ZoneId[] => codes.map((code) => ({ country: code.toUpperCase(), family }));
  return {
    zones: {
      ipv4: Object.fromEntries(codes.map((code, i) => [code, [`192.0.2.${i * 16}/28`]])),
      ipv6: Object.fromEntries(codes.map((code, i) => [code, [`2001:db8:${i + 1}::/48`]])),
    },
    ids4: ids(ipv4),
    ids6: ids(ipv6),
  };
}
