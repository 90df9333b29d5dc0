import { ChunkedText } from '../words/chunked-text.ts';
import type { Script } from './backend.ts';

/** Joins scripts to one text, each under a "# COMMAND" line with the command that would read it. */
export const formatScripts = (scripts: readonly Script[]): ChunkedText =>
  ChunkedText.join(scripts.flatMap(({ command, text }, i) => [`${i === 0 ? '' : '\n'}# ${command}\n`, text]));
