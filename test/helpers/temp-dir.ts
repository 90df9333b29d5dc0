import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A new folder, removed after the test. */
export async function tempDir(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'geofence-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
