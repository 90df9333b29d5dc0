import { SavedSets } from '../../src/firewall/ipset/parse-sets.ts';
import type { SetState } from '../../src/firewall/model.ts';

/** The sets of what `ipset save` printed, as a whole or in chunks. */
export function parseSavedSets(...chunks: readonly Uint8Array[]): SetState[] {
  const sets = new SavedSets();
  for (const chunk of chunks) sets.add(chunk);
  return sets.finish();
}
