import { lookup } from 'node:dns/promises';
import { GeofenceError, codeOf, messageOf } from '../errors.ts';

/** Codes of getaddrinfo(3) in words. */
const lookupReasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'no such host',
  ENODATA: 'it has no address',
  EAI_AGAIN: 'no name server answers',
};

/**
 * Returns all addresses of a host name, as the programs of this host find them: also out of /etc/hosts. Throws
 * GeofenceError when it has none, or no name server answers.
 */
export async function resolveHost(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch (error) {
    const reason = lookupReasons[codeOf(error) ?? ''] ?? messageOf(error);
    throw new GeofenceError(`Cannot resolve "${name}": ${reason}`, { cause: error });
  }
}
