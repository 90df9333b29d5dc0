import type { Fence } from '../../src/policy/policy.ts';
import { everything } from '../../src/policy/scope.ts';

/** The fence "allow only CA" that covers everything, but for what is given. */
export const fenceOf = (given: Partial<Fence> = {}): Fence => ({
  name: 'main',
  mode: 'allow',
  countries: ['CA'],
  scope: everything,
  spared: new Map(),
  isPreview: false,
  logs: false,
  ...given,
});
