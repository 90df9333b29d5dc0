import type { Context } from './context.ts';
import { createContext } from './create-context.ts';
import type { ParsedOptions } from './parsed-options.ts';

/**
 * Returns the context of the same command line as things are now: another run may have changed what is remembered.
 * Warnings are not given again. Throws what createContext() throws.
 */
export const reload = async (context: Context, options: ParsedOptions): Promise<Context> => {
  const { system, version, signal, trail, info, progress, config } = context;
  const log = { warn: () => {}, info, progress };
  return await createContext(
    system,
    options,
    log,
    { usesMemory: true },
    { version, signal, trail, defaultCacheDir: config.cacheDir },
  );
};
