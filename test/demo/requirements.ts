import { existsSync, readFileSync } from 'node:fs';
import { messageOf } from '../../src/errors.ts';
import { cliPath } from '../helpers/cli.ts';
import { createNamespace } from '../helpers/netns.ts';

/** The demo cannot be shown on this machine as it is; what to do about it stands in `advice`. */
export class Unable extends Error {
  readonly advice: readonly string[];

  constructor(message: string, advice: readonly string[]) {
    super(message);
    this.advice = advice;
  }
}

/** Debian's packages of the tools; other distributions name them alike. */
const packages: Record<string, string> = {
  ipset: 'ipset',
  'iptables-save': 'iptables',
  'ip6tables-save': 'iptables',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
};
const folders = ['/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/local/bin'];

/** Settings that keep a user from making namespaces, and the value each has then. */
const switches = [
  { name: 'kernel.unprivileged_userns_clone', off: '0', on: '1' },
  { name: 'user.max_user_namespaces', off: '0', on: '15000' },
  { name: 'user.max_net_namespaces', off: '0', on: '15000' },
  { name: 'kernel.apparmor_restrict_unprivileged_userns', off: '1', on: '0' },
];

/** Throws an Unable unless the demo can be shown here. */
export async function requireEverything(): Promise<void> {
  if (process.platform !== 'linux')
    throw new Unable('This is not Linux', ['run it on Linux, or in a virtual machine']);
  if (!existsSync(cliPath)) throw new Unable(`There is no "${cliPath}"`, ['npm run build']);
  const missing = Object.keys(packages).filter(
    (tool) => !folders.some((folder) => existsSync(`${folder}/${tool}`)),
  );
  if (missing.length > 0) {
    const names = new Set(missing.map((tool) => packages[tool]));
    throw new Unable(`Not installed: ${missing.join(', ')}`, [
      `sudo apt-get install ${[...names].join(' ')}`,
    ]);
  }
  try {
    const namespace = await createNamespace();
    await namespace.close();
  } catch (error) {
    throw new Unable(`Cannot make a user and network namespace: ${messageOf(error)}`, adviceOnNamespaces());
  }
}

function adviceOnNamespaces(): string[] {
  const wrong = switches.filter(({ name, off }) => readSetting(name) === off);
  const commands = wrong.map(({ name, on }) => `sudo sysctl -w ${name}=${on}`);
  if (commands.length > 0) return commands;
  return [
    'run it as root: sudo npm run demo',
    'in a container, start that with --privileged, or use a virtual machine',
  ];
}

function readSetting(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    // Kernels have the setting or not.
    return undefined;
  }
}
