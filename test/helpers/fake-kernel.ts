import type { Family } from '../../src/ip/family.ts';
import { ipv4, ipv6 } from '../../src/ip/family.ts';
import type { CommandResult, Run } from '../../src/system/run.ts';
import { CommandError } from '../../src/system/run.ts';
import { FakeIpset } from './fake-ipset.ts';
import { FakeIptables } from './fake-iptables.ts';
import { TestKernel } from './test-kernel.ts';
import { ToolFailure } from './tool-failure.ts';

/**
 * A kernel as data, that executes what ipset and iptables get, and is strict about what they are strict about.
 * test/kernel compares it with the real one.
 */
export class FakeKernel extends TestKernel {
  constructor() {
    super(createFakeTools());
  }
}

/** ipset and both iptables, on a kernel of their own. */
function createFakeTools(): Run {
  const tables = new Map<string, FakeIptables>();
  const ipset = new FakeIpset((name) => [...tables.values()].some((table) => table.isLookedAt(name)));
  const tableOf = (name: string, family: Family, isLegacy: boolean): FakeIptables => {
    const key = `${name} ${family.name} ${isLegacy}`;
    const table = tables.get(key) ?? new FakeIptables(name, family, isLegacy, (set) => ipset.familyOf(set));
    tables.set(key, table);
    return table;
  };
  const execute = (tool: string, args: readonly string[], input: string): string => {
    if (tool === 'ipset') return ipset.run(args, input);
    const [, version, variant, verb] = /^ip(6?)tables(?:-(nft|legacy))?-(save|restore)$/.exec(tool) ?? [];
    if (verb === undefined) throw new ToolFailure(`${tool}: command not found`, 127);
    if (args[0] === '--version') return `${tool} v1.8.9 (fake)\n`;
    const table = (name = ''): FakeIptables =>
      tableOf(name, version === '6' ? ipv6 : ipv4, variant === 'legacy');
    if (verb === 'save') return table(args[2]).save(args);
    // Each table is committed before the next is read.
    let before = 0;
    for (const text of input.split(/(?<=^COMMIT\n)(?=\*)/m)) {
      table(/^\*(\w+)\n/.exec(text)?.[1]).restore(args, text, before);
      before += text.split('\n').length - 1;
    }
    return '';
  };
  return async (tool, args, { input = '', onOutput } = {}): Promise<CommandResult> => {
    try {
      const output = await Promise.resolve(execute(tool, args, String(input)));
      if (onOutput === undefined) return { stdout: Buffer.from(output), stderr: '' };
      onOutput(Buffer.from(output));
      return { stdout: Buffer.alloc(0), stderr: '' };
    } catch (error) {
      if (!(error instanceof ToolFailure)) throw error;
      throw new CommandError([tool, ...args], {
        status: error.status,
        stderr: `${tool === 'ipset' ? 'ipset v7.17' : tool}: ${error.message}\n`,
      });
    }
  };
}
