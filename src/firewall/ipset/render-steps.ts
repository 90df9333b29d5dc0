import { ChunkedText } from '../../words/chunked-text.ts';
import type { Variant } from './variant.ts';
import { restoreArgs, toolName } from './variant.ts';
import type { Step } from './step.ts';
import type { Steps } from './steps.ts';

/** Every text the kernel's tools would get, in order, each under the command that would get it. */
export const renderSteps = ({ prepare, commit, tidy }: Steps, variant: Variant): ChunkedText =>
  ChunkedText.join(
    [...prepare, ...commit, ...tidy].flatMap((step, i) => [
      `${i === 0 ? '' : '\n'}# ${commandOf(step, variant)}\n`,
      step.input,
    ]),
  );

const commandOf = (step: Step, variant: Variant): string =>
  step.tool === 'ipset'
    ? 'ipset restore'
    : [toolName(step.family, variant, 'restore'), ...restoreArgs].join(' ');
