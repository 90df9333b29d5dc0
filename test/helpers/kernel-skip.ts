import { accessSync, constants } from 'node:fs';
import { messageOf } from '../../src/errors.ts';
import type { Variant } from '../../src/firewall/variants.ts';
import { createNamespace } from './netns.ts';

const tools = ['unshare', 'nsenter', 'ip', 'ipset'];

/** Why the real kernel cannot be used here, or false when it can. Where CI is set that is a failure. */
export const kernelSkip = async (...variants: Exclude<Variant, 'auto'>[]): Promise<string | false> =>
  orFail(await whyNot(variants));

/** The same for tests that run nft itself. */
export const nftSkip = async (): Promise<string | false> =>
  orFail(isInstalled('nft') ? await whyNot([]) : 'not installed: nft');

/** The same for tests that need python3: raw packets, datagram sockets of Unix. */
export const pythonSkip = async (variant: 'nft' | 'legacy'): Promise<string | false> =>
  orFail(isInstalled('python3') ? await whyNot([variant]) : 'not installed: python3');

function orFail(reason: string | undefined): string | false {
  if (reason !== undefined && (process.env['CI'] ?? '') !== '') {
    throw new Error(`Cannot run kernel tests, and in CI none may be skipped: ${reason}`);
  }
  return reason ?? false;
}

async function whyNot(variants: readonly string[]): Promise<string | undefined> {
  const programs = variants.flatMap((variant) =>
    ['iptables', 'ip6tables'].flatMap((tool) =>
      ['save', 'restore'].map((verb) => `${tool}-${variant}-${verb}`),
    ),
  );
  const missing = [...tools, ...programs].filter((tool) => !isInstalled(tool));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  try {
    const namespace = await createNamespace();
    try {
      await namespace.run('ipset', ['restore'], { input: 'create probe hash:net family inet\n' });
      for (const variant of variants) {
        const input =
          '*mangle\n-A INPUT -m set --match-set probe src -m conntrack --ctstate NEW -j RETURN\nCOMMIT\n';
        await namespace.run(`iptables-${variant}-restore`, ['--noflush'], { input });
      }
    } finally {
      await namespace.close();
    }
  } catch (error) {
    return messageOf(error);
  }
  return undefined;
}

function isInstalled(tool: string): boolean {
  return ['/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/local/bin'].some((folder) => {
    try {
      accessSync(`${folder}/${tool}`, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
