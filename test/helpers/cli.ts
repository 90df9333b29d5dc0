import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The program that users run. */
export const cliPath = fileURLToPath(new URL('../../../geofence.cjs', import.meta.url));

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with an environment of only PATH and what is given. */
export const runProgram = async (
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<CliResult> =>
  await new Promise((resolve, reject) => {
    const [file = '', ...args] = command;
    const child = spawn(file, args, {
      env: { PATH: process.env['PATH'] ?? '', ...env },
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
