import { statSync } from 'node:fs';

/**
 * The folder of the lock of this kernel's firewall: one for each network namespace, whatever the folders for cache and
 * state. Root's: in /run/lock anybody could make it first and hold the lock. Its name alone, nothing is made.
 */
export const kernelFolder = (): string => `/run/geofence/net-${statSync('/proc/self/ns/net').ino}`;
