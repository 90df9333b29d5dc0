#!/usr/bin/env node
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import manifest from '../package.json' with { type: 'json' };
import { main } from './cli/main.ts';
import { hostFolders } from './config/folders.ts';
import { GeofenceError, exitCodes } from './errors.ts';
import { exit, realSystem } from './system/system.ts';

/** In a checkout beside the program; wherever else it lies, what is beside it is not ours. */
const cacheDirOf = (program: string): string =>
  /^(?!.*\/node_modules\/).*\/dist\/[^/]+$/.test(program)
    ? join(dirname(program), '..', 'zones-cache')
    : hostFolders.cache;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Not once(): without a listener of ours proper-lockfile's would end the process in the middle of a change.
  process.on(signal, () => {
    if (interrupted.signal.aborted) process.exit(exitCodes.failed);
    interrupted.abort(new GeofenceError(`Interrupted by ${signal}, the firewall is as it was`));
  });
}
// No await at the top level: CommonJS has none, and Node starts one such file faster than an ES module.
async function runThisProgram(): Promise<void> {
  const exitCode = await main(process.argv.slice(2), realSystem(), {
    version: manifest.version,
    defaultCacheDir: cacheDirOf(fileURLToPath(import.meta.url)),
    signal: interrupted.signal,
  });
  exit(exitCode);
}

void runThisProgram();
