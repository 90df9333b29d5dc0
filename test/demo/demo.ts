import { messageOf } from '../../src/errors.ts';
import { Unable, requireEverything } from './requirements.ts';
import type { Stage } from './stage.ts';
import { setStage } from './stage.ts';
import { escapes, visitors, zones } from './world.ts';

/**
 * npm run demo: fences a host with the real geofence and the real kernel, and knocks from all sides. Everything
 * happens in namespaces of this process.
 */
const print = (text = ''): void => void process.stdout.write(`${text}\n`);

const indent = (text: string): string => text.trimEnd().replaceAll(/^(?=.)/gm, '  ');

/** Lines of cells, each column as wide as its widest cell. */
function formatColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Shows a command and what it prints; says whether it went well. */
async function show(stage: Stage, ...args: string[]): Promise<boolean> {
  const command = [...args, '--cache-dir', stage.cacheDir];
  print(`$ geofence ${command.join(' ')}`);
  const { status, stdout, stderr } = await stage.geofence(command);
  print(indent(stderr + stdout));
  if (status !== 0) print(`  (exit code ${status})`);
  print();
  return status === 0;
}

const nameOf = (getsIn: boolean): string => (getsIn ? 'gets in' : 'dropped');

/** Lets everybody knock; says whether each got what the policy says. */
async function knock(stage: Stage): Promise<boolean> {
  const answers = await stage.connectFrom(visitors.map(({ address }) => address));
  const rows = visitors.map(({ address, why, getsIn }, i) => {
    const { host = !getsIn, behind = !getsIn } = answers[i] ?? {};
    const got = host === behind ? nameOf(host) : `host: ${nameOf(host)}, behind: ${nameOf(behind)}`;
    return [address, address.includes(':') ? 'IPv6' : 'IPv4', why, nameOf(getsIn), got];
  });
  print('TCP connections to the host, and through it to a server behind:');
  print();
  print(indent(formatColumns([['FROM', 'FAMILY', 'WHY', 'EXPECTED', 'GOT'], ...rows])));
  print();
  return rows.every(([, , , expected, got]) => expected === got);
}

async function play(): Promise<boolean> {
  await requireEverything();
  print('A visitor, a host, a server behind it and a zone server, all in namespaces of this process.');
  print("Neither this machine's own firewall nor the Internet is touched.");
  print();
  const stage = await setStage(
    zones,
    visitors.map(({ address }) => address).filter((address) => !/^(10\.|fd)/.test(address)),
  );
  try {
    const subnets = escapes.flatMap((escape) => ['--allow-subnet', escape]);
    const steps = [
      await show(stage, 'refresh', '--allow', 'CA', ...subnets, '--mirror', stage.mirror, '--verbose'),
      await knock(stage),
      await show(stage, 'status'),
      await show(stage, 'check', '192.0.2.10', '2001:db8:7::10', '198.51.100.77'),
    ];
    return steps.every(Boolean);
  } finally {
    await stage.close();
  }
}

try {
  const start = performance.now();
  const isRight = await play();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  print(isRight ? `Everything as expected, in ${seconds} s.` : 'NOT everything is as expected.');
  process.exitCode = isRight ? 0 : 1;
} catch (error) {
  process.stderr.write(`Cannot show the demo: ${messageOf(error)}\n`);
  for (const line of error instanceof Unable ? error.advice : []) process.stderr.write(`  try: ${line}\n`);
  process.exitCode = 1;
}
