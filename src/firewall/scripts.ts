import { ChunkedText } from '../words/chunked-text.ts';
import type { Script } from './backend.ts';

/** Scripts as one text, each under the command that would read it. */
export const formatScripts = (scripts: readonly Script[]): ChunkedText =>
  ChunkedText.join(scripts.flatMap(({ command, text }, i) => [`${i === 0 ? '' : '\n'}# ${command}\n`, text]));
