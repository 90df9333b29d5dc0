#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import manifest from '../package.json' with { type: 'json' };
import { main } from './commands/main.ts';
import { GeofenceError } from './errors.ts';
import { realSystem } from './system/system.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Once: whoever insists, kills.
  process.once(signal, () => {
    interrupted.abort(new GeofenceError(`Interrupted by ${signal}, the firewall is as it was`));
  });
}
// The reader of a pipe has seen enough: `geofence plan --script | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await main(process.argv.slice(2), realSystem(), {
  version: manifest.version,
  defaultCacheDir: fileURLToPath(new URL('../zones-cache', import.meta.url)),
  signal: interrupted.signal,
});
