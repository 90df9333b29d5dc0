import type { Context } from './context.ts';

/** PLACEHOLDER until the branch install is merged. */
export async function installSchedule(_context: Context, _schedule?: string): Promise<string[]> {
  return await Promise.resolve([]);
}
