import type { CliResult } from './cli.ts';
import { runProgram } from './cli.ts';

/** nobody(5): who has no file of ours. */
export const OTHER_USER = 65_534;

/** The words before a command that run it as another user, who has no power at all. */
export const asOtherUser = ['setpriv', `--reuid=${OTHER_USER}`, `--regid=${OTHER_USER}`, '--clear-groups'];

/** Whether this process may become another user, who finds Node.js: root may, unless its user namespace has no other. */
export async function hasOtherUser(): Promise<boolean> {
  const { exitCode } = await runProgram([...asOtherUser, process.execPath, '-e', '']).catch(() => ({
    exitCode: 1,
  }));
  if (exitCode !== 0 && process.getuid?.() === 0 && (process.env['CI'] ?? '') !== '')
    throw new Error('In CI root has to be one who can become another user');
  return exitCode === 0;
}

/** Runs a program to its end as another user; undefined where we cannot. */
export const tryAsOtherUser = async (...command: string[]): Promise<CliResult | undefined> =>
  (await hasOtherUser()) ? await runProgram([...asOtherUser, ...command]) : undefined;
