import { ChunkedText } from '../../words/chunked-text.ts';
import type { Script } from '../backend.ts';
import type { Variant } from '../variants.ts';
import type { Step } from './step.ts';
import type { Steps } from './steps.ts';
import { restoreArgs, toolName } from './tool-names.ts';

/**
 * Returns every text that the tools get for these steps, in order, each with its command; a copy of entries has a
 * command and an empty text.
 */
export const renderSteps = ({ prepare, commit, tidy }: Steps, variant: Variant): Script[] =>
  [...prepare, ...commit, ...tidy].map((step) => ({
    command: commandOf(step, variant),
    text: step.tool === 'copy' ? ChunkedText.of('') : step.input,
  }));

function commandOf(step: Step, variant: Variant): string {
  switch (step.tool) {
    case 'ipset':
      return 'ipset restore';
    case 'iptables':
      return [toolName(step.family, variant, 'restore'), ...restoreArgs].join(' ');
    case 'copy':
      // What they are is only known then: entries come and go meanwhile.
      return `ipset save ${step.from} | sed -n 's/^add ${step.from} /add ${step.to} /p' | ipset restore -exist`;
  }
}
