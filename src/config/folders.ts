import { join } from 'node:path';

/** Where an installed geofence keeps zones, and the policy; the units may write to nothing else. */
export const hostFolders = { cache: '/var/cache/geofence', state: '/var/lib/geofence' } as const;

/**
 * Where the policy is when nobody says: on the host apart from the cache, which people delete. So a refresh by hand,
 * cron and the units all use the same.
 */
export const stateDirOf = (cacheDir: string): string =>
  cacheDir === hostFolders.cache ? hostFolders.state : join(cacheDir, 'state');
