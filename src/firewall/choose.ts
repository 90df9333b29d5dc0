import type { Backend, BackendTools } from './backend.ts';
import { createIpsetBackend } from './ipset/backend.ts';
import type { Variant } from './variants.ts';

/**
 * Returns the backend that carries the fence of this host, reached through `tools` in the given variant of iptables:
 * ipset sets under iptables rules, the only one so far. Runs no tool yet.
 */
export const chooseBackend = (tools: BackendTools, variant: Variant): Backend =>
  createIpsetBackend(tools, variant);
