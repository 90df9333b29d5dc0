import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program that users run. */
export const cliPath = fileURLToPath(new URL('../../../geofence.cjs', import.meta.url));

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a test keeps state that names no folder: beside its cache. Root's usual folder is this machine's own. */
export const stateDirOf = ({ GEOFENCE_CACHE_DIR: cache }: Readonly<Record<string, string>>): string =>
  cache === undefined ? '/nonexistent/state' : join(cache, 'state');

/** Runs a program to its end, with an environment of only PATH, a state folder, and what is given. */
export const runProgram = async (
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<CliResult> =>
  await new Promise((resolve, reject) => {
    const [file = '', ...args] = command;
    const child = spawn(file, args, {
      env: { PATH: process.env['PATH'] ?? '', GEOFENCE_STATE_DIR: stateDirOf(env), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr });
    });
  });

/** Runs geofence as a user does. No configuration of this machine is read. */
export const runCli = async (args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> =>
  await runProgram([process.execPath, cliPath, ...args], env);
