import { tryRead } from '../errors.ts';
import type { System } from '../system/system.ts';
import type { Listener } from './parse-listeners.ts';
import { distinctListeners, parseListeners } from './parse-listeners.ts';

/** The kernel lists what listens before the connections, of which there may be a million. */
const ENOUGH_BYTES = 2 ** 20;

/**
 * Returns the TCP and UDP ports of this host that wait for others, each once, sorted; a table of /proc/net that cannot
 * be read counts as empty.
 */
export async function readListeners({ readGenerated }: Pick<System, 'readGenerated'>): Promise<Listener[]> {
  const tables = await Promise.all(
    (['tcp', 'udp'] as const).flatMap((protocol) =>
      ['', '6'].map(async (version) => {
        const table = await tryRead(readGenerated(`/proc/net/${protocol}${version}`, ENOUGH_BYTES));
        return parseListeners(protocol, table ?? '');
      }),
    ),
  );
  return distinctListeners(tables.flat());
}
