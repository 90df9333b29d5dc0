import type { Family } from '../ip/family.ts';
import type { Policy } from './policy.ts';

/** The policy without the families that the kernel does not have. */
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
