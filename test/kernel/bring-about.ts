import type { Backend } from '../../src/firewall/backend.ts';
import { applyPolicy } from '../../src/apply/apply-policy.ts';
import type { Variant } from '../../src/firewall/variants.ts';
import { restoreArgs, toolName } from '../../src/firewall/ipset/tool-names.ts';
import { stepsOf } from '../../src/firewall/ipset/steps.ts';
import { diff } from '../../src/plan/diff.ts';
import type { Change, DesiredState } from '../../src/firewall/model.ts';
import { noFence } from '../../src/firewall/rulesets.ts';
import type { TestKernel } from '../helpers/test-kernel.ts';

/** What refresh does, guards apart. */
export async function bringAbout(backend: Backend, want: DesiredState): Promise<readonly Change[]> {
  const { signal } = new AbortController();
  return (await applyPolicy(backend, { wanted: () => Promise.resolve(want) }, { signal })).changes;
}

/** Puts a fence into an empty kernel without looking: the start of a test, in few commands. */
export async function place(kernel: TestKernel, variant: Variant, state: DesiredState): Promise<void> {
  const { prepare, commit } = stepsOf(diff(state, noFence));
  for (const step of [...prepare, ...commit]) {
    if (step.tool === 'copy') throw new Error('an empty kernel has no entries to keep');
    if (step.tool === 'ipset') await kernel.meddle('ipset', ['restore'], String(step.input));
    else await kernel.meddle(toolName(step.family, variant, 'restore'), restoreArgs, String(step.input));
  }
}

/** A change in two words: its verb and what it is about. */
export function nameChange(change: Change): string {
  if (change.what === 'rules')
    return `replaceRules ${change.rules.stage === 'early' ? 'early ' : ''}${change.rules.family.label}`;
  switch (change.verb) {
    case 'add':
      return `createSet ${change.set.name}`;
    case 'replace':
      return `replaceSet ${change.set.name}`;
    case 'remove':
      return `destroySet ${change.name}`;
  }
}
