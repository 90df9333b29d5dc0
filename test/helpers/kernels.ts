import type { TestContext } from 'node:test';
import type { Variant } from '../../src/firewall/variants.ts';
import { FakeKernel } from './fake-kernel.ts';
import { kernelSkip } from './kernel-skip.ts';
import { createNamespace } from './netns.ts';
import { TestKernel } from './test-kernel.ts';

/** A kind of kernel to run a test on. */
export interface KernelKind {
  readonly name: string;
  readonly variant: Variant;
  /** Why it cannot be had here. */
  readonly skip: string | false;
  /** A kernel without anything in it, gone after the test. */
  readonly create: (t: TestContext) => Promise<TestKernel>;
}

async function createRealKernel(t: TestContext): Promise<TestKernel> {
  const namespace = await createNamespace();
  t.after(namespace.close);
  return new TestKernel(namespace.run);
}

export const fakeKind: KernelKind = {
  name: 'the fake kernel',
  variant: 'auto',
  skip: false,
  create: () => Promise.resolve(new FakeKernel()),
};

const realKind = async (variant: 'nft' | 'legacy'): Promise<KernelKind> => ({
  name: `the real kernel, iptables-${variant}`,
  variant,
  skip: await kernelSkip(variant),
  create: createRealKernel,
});

/** The fake one, and the real one under both iptables. */
export const kernelKinds: readonly KernelKind[] = [
  fakeKind,
  ...(await Promise.all([realKind('nft'), realKind('legacy')])),
];
