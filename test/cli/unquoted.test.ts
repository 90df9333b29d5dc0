import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CommandError } from '../../src/system/run.ts';
import { faults } from '../helpers/faults.ts';
import type { FencedHost } from '../helpers/fenced-host.ts';
import { startFencedHost } from '../helpers/fenced-host.ts';
import type { CommandOutcome } from '../helpers/in-process.ts';
import { OBEYED } from '../helpers/obeyed.ts';

/** A title for the terminal, a cleared screen, a colour by C1, text in another order, a line of its own, and its length. */
const NASTY = '\u001B]0;title\u0007\u001B[2J\u009B31m\u202Eabc\rgeofence: all is well';
const LONG = `${NASTY}${'A'.repeat(1_000_000)}`;
/** The same without what parts words. */
const WORD = LONG.replaceAll(/\s/g, '');

/** More than any answer here takes. */
const MAX_LENGTH = 15_000;

interface Case {
  readonly name: string;
  readonly run: (host: FencedHost) => Promise<CommandOutcome>;
  readonly exitCode: number;
  readonly says: RegExp;
}

const toolFails = async (host: FencedHost, stderr: string): Promise<CommandOutcome> =>
  await host.call(['refresh', '--deny', 'RU'], {
    run: async (tool) => {
      throw new CommandError([tool], { status: 1, stderr });
    },
  });

/** What fetch says when the server answers with these headers. */
async function fetchFrom(
  host: FencedHost,
  status: number,
  headers: Record<string, string>,
): Promise<CommandOutcome> {
  host.server.fault(/./, faults.status(status, headers));
  return await host.geofence('fetch', '--deny', 'RU', '--verbose');
}

const cases: readonly Case[] = [
  {
    name: 'a header of the network',
    run: async (host) => await fetchFrom(host, 200, { 'content-encoding': '\u009B31m\u0085geofence: well' }),
    exitCode: 1,
    says: /content encoding "\\u009b31m\\u0085geofence: well" was not asked for/,
  },
  {
    name: 'a redirect of the network',
    run: async (host) => await fetchFrom(host, 302, { location: `ftp://h/\u009B${'A'.repeat(9000)}` }),
    exitCode: 1,
    says: /redirected to ftp:\/\/h\/.*, which is not followed/,
  },
  {
    name: 'a zone of the network',
    run: async (host) => {
      host.server.fault(/ru\.zone/, faults.body(`${LONG}\n`));
      return await host.geofence('fetch', '--deny', 'RU', '--verbose');
    },
    exitCode: 1,
    says: /line 1: .*\.\.\."/,
  },
  {
    name: 'what a tool says',
    run: async (host) => await toolFails(host, `ipset: ${LONG}: it is full`),
    exitCode: 1,
    says: /ipset: .*characters left out.*A: it is full/,
  },
  {
    name: 'lines that a tool says',
    run: async (host) => await toolFails(host, `${NASTY}\n`.repeat(90_000)),
    exitCode: 1,
    says: /characters left out/,
  },
  {
    name: 'a selector of the command line',
    run: async (host) => await host.geofence('refresh', '--allow', WORD),
    exitCode: 2,
    says: /Cannot select country ".*characters left out.*" from the command line: not an ISO/,
  },
  {
    name: 'an option of the command line',
    run: async (host) => await host.geofence('refresh', `--${LONG}`),
    exitCode: 2,
    says: /^geofence: unknown option '--\\u001b\]0;title.*characters left out.*A'\n$/,
  },
  {
    name: 'a command of the command line',
    run: async (host) => await host.geofence(`${NASTY}\ngeofence: done`),
    exitCode: 2,
    says: /^geofence: unknown command '.*well\\u000ageofence: done'\n$/,
  },
  {
    name: 'an address of the environment',
    run: async (host) => await host.call(['refresh', '--deny', 'RU'], { env: { ALLOWSUBNET: LONG } }),
    exitCode: 2,
    says: /Cannot use ALLOWSUBNET from the environment/,
  },
  {
    name: 'a file name of the environment',
    run: async (host) => await host.call(['refresh'], { env: { GEOFENCE_CONFIG: `/${NASTY}` } }),
    exitCode: 2,
    says: /Cannot read configuration "\/\\u001b/,
  },
  {
    name: 'a user of the environment',
    run: async (host) => {
      await host.call(['refresh', '--deny', 'RU'], { env: { SUDO_USER: `${NASTY}\ngeofence: done` } });
      return await host.geofence('history');
    },
    exitCode: 0,
    says: /\\u001b/,
  },
  ...['refresh', 'config check', 'status'].flatMap((command): Case[] => [
    {
      name: `a selector of the configuration (${command})`,
      run: async (host) => {
        await host.configure(`allow = ${JSON.stringify(WORD)}\n`);
        return await host.geofence(...command.split(' '));
      },
      exitCode: 2,
      says: /characters left out/,
    },
    {
      name: `a setting of the configuration (${command})`,
      run: async (host) => {
        await host.configure(`${JSON.stringify(`${LONG}\ngeofence: done`)} = 1\n`);
        return await host.geofence(...command.split(' '));
      },
      exitCode: 2,
      says: /\\u001b.*characters left out.*: unknown setting/,
    },
    {
      name: `what is no TOML (${command})`,
      run: async (host) => {
        await host.configure(`allow = ${LONG}\n`);
        return await host.geofence(...command.split(' '));
      },
      exitCode: 2,
      says: /line \d+, column \d+: |: column \d+: /,
    },
    {
      name: `a mirror of the configuration (${command})`,
      run: async (host) => {
        await host.configure(`mirror = ${JSON.stringify(LONG)}\n`);
        return await host.call([...command.split(' '), '--verbose'], {
          env: { GEOFENCE_MIRROR: '', MAXZONEAGE: '0' },
        });
      },
      exitCode: 2,
      says: /mirror.*characters left out/,
    },
  ]),
  ...['status', 'zones', 'zones export CA', 'plan', 'restore', 'status --json', 'zones --json'].map(
    (command): Case => ({
      name: `the first line of a cached zone (${command})`,
      run: async (host) => {
        const path = join(host.dir, 'cache', 'ipv4', 'ca.zone');
        const text = await readFile(path, 'utf8');
        await writeFile(path, text.replace(/"source":"[^"]*"/, `"source":${JSON.stringify(LONG)}`));
        return await host.geofence(...command.split(' '));
      },
      exitCode: /status/.test(command) ? 3 : /^(zones( --json)?|plan|restore)$/.test(command) ? 0 : 1,
      says: /damaged/,
    }),
  ),
];

for (const { name, run, exitCode, says } of cases) {
  test(`geofence shows nothing unquoted and without end of ${name}`, async (t) => {
    const host = await startFencedHost(t);
    const outcome = await run(host);
    for (const text of [outcome.stdout, outcome.stderr]) {
      // Also in JSON, which is for programs.
      assert.doesNotMatch(text, OBEYED);
      assert.doesNotMatch(text, /^geofence: (all is well|done|well)/m);
      assert.ok(text.length < MAX_LENGTH, `${text.length} characters`);
      assert.doesNotMatch(text, /internal error/);
    }
    assert.match(outcome.stdout + outcome.stderr, says);
    assert.equal(outcome.exitCode, exitCode);
  });
}
