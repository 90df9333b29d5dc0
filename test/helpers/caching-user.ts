import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { CliResult } from './cli.ts';
import { runCli } from './cli.ts';
import { tempDir } from './temp-dir.ts';
import type { Zones } from './zone-files.ts';
import type { ZoneServer } from './zone-server.ts';
import { startZoneServer } from './zone-server.ts';

/** Somebody with a cache and a zone server, and no privilege. */
export interface CachingUser {
  readonly server: ZoneServer;
  readonly cache: string;
  readonly geofence: (...args: string[]) => Promise<CliResult>;
}

export async function startCachingUser(t: TestContext, zones: Zones): Promise<CachingUser> {
  const server = await startZoneServer({ zones });
  t.after(() => server.close());
  const dir = await tempDir(t);
  const cache = join(dir, 'cache');
  const config = join(dir, 'geofence.toml');
  // Without ipverse, which is on the Internet.
  await writeFile(config, 'sources = ["ipdeny"]\n');
  const geofence = async (...args: string[]): Promise<CliResult> =>
    await runCli(args, {
      GEOFENCE_MIRROR: server.url,
      GEOFENCE_CACHE_DIR: cache,
      GEOFENCE_CONFIG: config,
    });
  return { server, cache, geofence };
}
