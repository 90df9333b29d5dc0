import { tryRead } from '../errors.ts';
import type { System } from '../system/system.ts';
import { parseHost } from './parse-host.ts';

/** Here systemd-logind keeps a file for each session, and everybody may read it. */
const FOLDER = '/run/systemd/sessions';

/**
 * Returns the addresses from which somebody is logged in, as texts in canonical form, by systemd-logind; undefined when
 * it cannot tell: it knows no session at all, as where logins do not tell it of any (no pam_systemd), or a host by its
 * name alone.
 */
export async function readLogins({
  readText,
  listFolder,
}: Pick<System, 'readText' | 'listFolder'>): Promise<ReadonlySet<string> | undefined> {
  const names = (await listFolder(FOLDER)).filter((name) => !name.includes('.'));
  const texts = await Promise.all(names.map(async (name) => await tryRead(readText(`${FOLDER}/${name}`))));
  if (texts.every((text) => text === undefined)) return undefined;
  // "REMOTE=1\nREMOTE_HOST=192.0.2.7"
  const hosts = texts.flatMap((text) => /^REMOTE_HOST=(.+)$/m.exec(text ?? '')?.[1] ?? []);
  const addresses = hosts.map(canonical);
  return addresses.includes(undefined) ? undefined : new Set(addresses.filter((one) => one !== undefined));
}

function canonical(host: string): string | undefined {
  const address = parseHost(host);
  return address?.family.format(address.words, 0);
}
