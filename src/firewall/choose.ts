import type { Family } from '../ip/family.ts';
import type { Run } from '../system/run.ts';
import type { Backend } from './backend.ts';
import { createIpsetBackend } from './ipset/backend.ts';
import type { Variant } from './variants.ts';

/** What the kernel and the tools of a host are reached by. */
export interface BackendTools {
  readonly run: Run;
  /** Throws when a tool is not there. */
  readonly requireTool: (tool: string) => Promise<void>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** The families that the kernel has. */
  readonly available: readonly Family[];
}

/**
 * Returns the backend that carries the fence of this host, reached through `tools` in the given variant of iptables:
 * ipset sets under iptables rules, the only one so far. Runs no tool yet.
 */
export const chooseBackend = (tools: BackendTools, variant: Variant): Backend =>
  createIpsetBackend(tools, variant);
