import type { Family } from '../ip/family.ts';
import type { Policy } from './policy.ts';

/** Returns the configuration with only `available` families, those of the kernel, in its policy. */
export const limitFamilies = <T extends { readonly policy: Policy | undefined }>(
  config: T,
  available: readonly Family[],
): T => ({
  ...config,
  policy: config.policy && {
    ...config.policy,
    families: config.policy.families.filter((family) => available.includes(family)),
  },
});
