import { readFile, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { Files, Zones } from './zone-files.ts';
import type { ZoneServerOptions } from './zone-server.ts';
import { startZoneServer } from './zone-server.ts';

/**
 * zone-server-main [--host ADDRESS] [--port PORT] [--latency MILLISECONDS] ZONES.json | FOLDER
 *
 * Serves zones, or a folder with ipdeny's layout, as a process of its own; prints its URL as the first line.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { host: { type: 'string' }, port: { type: 'string' }, latency: { type: 'string' } },
});

async function filesIn(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, Buffer>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(`/${relative(folder, path)}`, await readFile(path));
  }
  return files;
}

async function load(path: string): Promise<ZoneServerOptions> {
  if ((await stat(path)).isDirectory()) return { files: await filesIn(path) };
  return { zones: JSON.parse(await readFile(path, 'utf8')) as Zones };
}

const server = await startZoneServer({
  ...(await load(positionals[0] ?? '.')),
  host: values.host ?? '127.0.0.1',
  port: Number(values.port ?? 0),
  latencyMilliseconds: Number(values.latency ?? 0),
});
console.log(server.url);
