import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { FencedHost } from './fenced-host.ts';
import { startFencedHost } from './fenced-host.ts';

/** Commands that add fences beside main. */
export const addWeb = ['fence', 'add', 'web', '--allow', '*', '--ports', 'web'];
export const addRu = ['fence', 'add', 'ru', '--deny', 'ru', '--ports', 'ssh tcp/80'];

/** What each file of fences.d holds, by its name. */
export async function filesOf({ dir }: FencedHost): Promise<Record<string, string>> {
  const folder = join(dir, 'fences.d');
  const names = await readdir(folder).catch(() => []);
  const texts = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}

/** What geofence prints, with its folder as users have it. */
export const shown = (host: FencedHost, text: string): string => text.replaceAll(host.dir, '/etc/geofence');

/** A host with the fences main, web and ru. */
export async function startThreeFences(t: TestContext): Promise<FencedHost> {
  const host = await startFencedHost(t);
  for (const command of [addWeb, addRu]) assert.equal((await host.geofence(...command)).exitCode, 0);
  return host;
}
