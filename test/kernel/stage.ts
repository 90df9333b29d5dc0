import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Backend } from '../../src/firewall/backend.ts';
import { backendOn } from '../helpers/backends.ts';
import type { DesiredState } from '../../src/firewall/model.ts';
import type { KernelKind } from '../helpers/kernels.ts';
import { fakeKind } from '../helpers/kernels.ts';
import type { TestKernel } from '../helpers/test-kernel.ts';
import { bringAbout, place } from './bring-about.ts';
import type { Transition } from './transitions.ts';

/** A kernel with a fence in it. */
export interface Stage {
  readonly kernel: TestKernel;
  readonly backend: Backend;
}

export async function setStage(
  t: TestContext,
  kind: KernelKind,
  from: DesiredState,
  sleep: (milliseconds: number) => Promise<void> = setTimeout,
): Promise<Stage> {
  const kernel = await kind.create(t);
  await place(kernel, kind.variant, from);
  return { kernel, backend: backendOn(kernel.run, sleep, kind.variant) };
}

/** The numbers of lines written in a transition, at which to make it fail: all of them. */
export async function linesOnTheWay(
  t: TestContext,
  kind: KernelKind,
  { from, to }: Transition,
): Promise<number[]> {
  const { kernel, backend } = await setStage(t, kind, from);
  await bringAbout(backend, to);
  const counts = kernel.writes.map(({ lines }) => lines.length);
  const startOf = (command: number): number =>
    counts.slice(0, command).reduce((sum, count) => sum + count, 1);
  if (kind === fakeKind) return Array.from({ length: startOf(counts.length) - 1 }, (_, i) => i + 1);
  // On the real kernel one in the middle of each command: all would take a minute.
  return counts.map((count, i) => startOf(i) + (count >> 1));
}
