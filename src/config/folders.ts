import { join } from 'node:path';

/** Where an installed geofence keeps zones, and the policy; the units may write to nothing else. */
export const hostFolders = { cache: '/var/cache/geofence', state: '/var/lib/geofence' } as const;

/** Where state lies beside a cache folder: that of users without privilege, and that of root in earlier versions. */
export const stateBesideCache = (cacheDir: string): string => join(cacheDir, 'state');

/**
 * Returns the state folder when nobody names one. Root's is always in a folder of root's, whoever may write the cache,
 * and which people delete: so a refresh by hand, cron and the units all use the same, and nobody else can plant a
 * policy there.
 */
export const stateDirOf = (cacheDir: string, isRoot: boolean): string =>
  isRoot || cacheDir === hostFolders.cache ? hostFolders.state : stateBesideCache(cacheDir);
