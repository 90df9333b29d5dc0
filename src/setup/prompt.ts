import { GeofenceError, UsageError } from '../errors.ts';
import { wrapText } from '../words/format.ts';
import type { Dialog } from '../system/dialog.ts';

/** Something to ask a person. */
export interface Prompt<T> {
  /** Why it is asked, and what there is to know; each is wrapped. */
  readonly explanation: readonly string[];
  readonly prompt: string;
  /** What Enter stands for. */
  readonly suggestion?: string | undefined;
  /** Throws the UsageError that the flag for it would give. */
  readonly parse: (text: string) => T | Promise<T>;
  /** How the answer was understood. */
  readonly echo?: (answer: T) => readonly string[] | Promise<readonly string[]>;
}

/** So that there is room for an answer beside it. */
const LONGEST_SUGGESTION = 40;

/**
 * Asks until there is an answer that can be used, and returns it. Throws GeofenceError when the input ends or the
 * signal aborts before that.
 */
export async function ask<T>(dialog: Dialog, question: Prompt<T>, signal: AbortSignal): Promise<T> {
  const { explanation, prompt, suggestion } = question;
  const isLong = suggestion !== undefined && suggestion.length > LONGEST_SUGGESTION;
  const hint = suggestion === undefined ? '' : ` [${isLong ? 'as above' : suggestion}]`;
  dialog.say(paragraphs(['', ...explanation, ...(isLong ? [`Enter stands for ${suggestion}.`] : [])]));
  for (;;) {
    const text = await dialog.ask(`${prompt}${hint}: `, signal);
    if (text === undefined) {
      throw new GeofenceError(`${signal.aborted ? 'Interrupted' : 'The input ended'}: nothing was changed`);
    }
    const { answers, reply } = await understand(question, text);
    dialog.say(paragraphs(reply, '  '));
    for (const answer of answers) return answer;
  }
}

interface Understood<T> {
  /** One, or none when it could not be understood. */
  readonly answers: readonly T[];
  readonly reply: readonly string[];
}

async function understand<T>(
  { parse, suggestion = '', echo }: Prompt<T>,
  text: string,
): Promise<Understood<T>> {
  try {
    const answer = await parse(text === '' ? suggestion : text);
    return { answers: [answer], reply: (await echo?.(answer)) ?? [] };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { answers: [], reply: [error.message, ...(error.hint === undefined ? [] : [error.hint])] };
  }
}

const paragraphs = (texts: readonly string[], indent?: string): string =>
  texts.map((text) => `${wrapText(text, indent).join('\n')}\n`).join('');

/** A question of yes or no, answered true or false; Enter stands for `suggestion`. */
export const yesOrNo = (
  explanation: readonly string[],
  prompt: string,
  suggestion: boolean,
): Prompt<boolean> => ({
  explanation,
  prompt,
  suggestion: suggestion ? 'Y/n' : 'y/N',
  parse: (text) => {
    if (text === 'Y/n' || /^y(es)?$/i.test(text)) return true;
    if (text === 'y/N' || /^no?$/i.test(text)) return false;
    throw new UsageError(`Cannot use "${text}": expected y or n`);
  },
});
