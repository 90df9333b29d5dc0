import type { Backend } from '../../src/firewall/backend.ts';
import type { Variant } from '../../src/firewall/variants.ts';
import { chooseBackend } from '../../src/firewall/choose.ts';
import { families } from '../../src/ip/family.ts';
import type { Run } from '../../src/system/run.ts';

/** The backend on a kernel whose tools are all there. */
export const backendOn = (
  run: Run,
  sleep: (milliseconds: number) => Promise<void>,
  variant: Variant,
): Backend => chooseBackend({ run, requireTool: async () => {}, sleep, available: families }, variant);
