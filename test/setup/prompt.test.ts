import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Prompt } from '../../src/setup/prompt.ts';
import { ask } from '../../src/setup/prompt.ts';
import {
  countriesPrompt,
  escapesPrompt,
  ipv6Prompt,
  modePrompt,
  schedulePrompt,
} from '../../src/setup/init-prompts.ts';

/** Answers from a list; undefined when it is empty, as at the end of the input. */
async function converse<T>(
  question: Prompt<T>,
  answers: readonly string[],
): Promise<{ shown: string; answer: T }> {
  const left = [...answers];
  let shown = '';
  const dialog = {
    say: (text: string) => void (shown += text),
    ask: async (prompt: string) => {
      shown += `${prompt}\n`;
      return await Promise.resolve(left.shift());
    },
    close: () => {},
  };
  return { answer: await ask(dialog, question, new AbortController().signal), shown };
}

const networks = Array.from({ length: 8 }, (_, i) => `2001:db8:${i + 1}00:1000::/64`);

interface Case {
  readonly name: string;
  readonly run: () => Promise<{ shown: string; answer: unknown }>;
  readonly want: unknown;
}

const given = <T>({
  question,
  answers,
  want,
}: {
  question: Prompt<T>;
  answers: string[];
  want: NoInfer<T>;
}): Case => ({
  name: `ask() "${question.prompt}" understands ${JSON.stringify(answers)}, in 80 columns`,
  run: async () => await converse(question, answers),
  want,
});

const cases: readonly Case[] = [
  given({ question: modePrompt('deny'), answers: ['both', ''], want: 'deny' }),
  given({
    question: countriesPrompt('allow', ['@europe', '!RU']),
    answers: ['UK', '@europ', '@Europe, !ru  !@EU'],
    want: ['@europe', '!RU', '!@eu'],
  }),
  given({ question: countriesPrompt('deny', ['RU']), answers: [''], want: ['RU'] }),
  given({
    question: escapesPrompt({ escapes: networks, remarks: [`This host is on ${networks.join(', ')}.`] }),
    answers: [`${'x'.repeat(20)}/24`, ''],
    want: networks,
  }),
  given({
    question: escapesPrompt({ escapes: ['192.0.2.7/32'], remarks: [] }),
    answers: ['none'],
    want: [],
  }),
  given({
    question: ipv6Prompt('2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', true),
    answers: ['No'],
    want: false,
  }),
  given({
    question: schedulePrompt('/etc/geofence/geofence.toml'),
    answers: ['weekly', 'Cron'],
    want: 'cron',
  }),
];

for (const { name, run, want } of cases) {
  test(name, async () => {
    const { answer, shown } = await run();
    assert.deepEqual(answer, want);
    for (const line of shown.split('\n')) assert.ok(line.length <= 80, line);
  });
}

test('ask() ends when the input does', async () => {
  await assert.rejects(converse(modePrompt('allow'), ['?']), {
    message: 'The input ended: nothing was changed',
    exitCode: 1,
  });
});
