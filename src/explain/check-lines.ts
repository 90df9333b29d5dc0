import { GeofenceError, exitCodes } from '../errors.ts';
import type { Family } from '../ip/family.ts';
import { families } from '../ip/family.ts';
import type { Classes } from './classify.ts';
import { classify } from './classify.ts';
import { LineAnswers, jsonFormat, textFormat } from '../report/answer-lines.ts';
import { formatPlural } from '../words/format.ts';
import type { LineSummary } from '../report/line-summary.ts';
import { renderSummary, summarize } from '../report/line-summary.ts';
import type { CheckInputs } from '../apply/check-inputs.ts';
import { readCheckInputs } from '../apply/check-inputs.ts';
import type { Context, Outcome } from '../context/context.ts';
import { countryMapFrom } from '../cache/load-zones.ts';

const LF = 0x0a;
/** A line that is longer is cut: it comes from no log, and must not fill the memory. */
const LONGEST_LINE = 1024 * 1024;

export interface CheckOptions {
  /** Of many addresses only what they come to. */
  readonly summary: boolean;
  readonly json: boolean;
}

/**
 * Answers for the first address in each line of standard input, as it comes: many thousands a second, so each family is
 * judged as a whole beforehand. A summary by country follows.
 */
export async function checkLines(context: Context, { summary, json }: CheckOptions): Promise<Outcome> {
  const { system, signal } = context;
  const inputs = await readCheckInputs(context, families);
  const answers = new LineAnswers((family) => classifyFor(inputs, family), json ? jsonFormat : textFormat);
  for await (const block of wholeLines(readInput(context))) {
    const bytes = answers.answer(block);
    if (!summary && !(await system.stdout.writeBytes(bytes)))
      return { exitCode: exitCodes.done, text: '', json: {} };
    signal.throwIfAborted();
  }
  warnOfUnreadable(context, answers);
  const asked = inputs.kernel === undefined ? 'policy' : 'kernel';
  return summaryOutcome(summarize(asked, answers.counts(), answers.unreadable), summary);
}

/** A log has lines about other things; input that holds no address at all is some other file. */
function summaryOutcome(result: LineSummary, isAlone: boolean): Outcome {
  const text = renderSummary(result);
  return {
    exitCode: result.addresses === 0 && result.unreadable > 0 ? exitCodes.usage : exitCodes.done,
    text: isAlone || result.addresses === 0 ? text : `\n${text}`,
    json: isAlone ? result : { summary: result },
    isJsonLine: !isAlone,
  };
}

function classifyFor({ kernel, desired, zones }: CheckInputs, family: Family): Classes {
  const countryMap = countryMapFrom(family, zones);
  const wanted = 'reason' in desired ? undefined : desired;
  if (kernel !== undefined) return classify(family, countryMap, kernel, wanted);
  if (wanted !== undefined) return classify(family, countryMap, wanted);
  throw new GeofenceError(`Cannot check addresses: ${'reason' in desired ? desired.reason : ''}`);
}

async function* readInput({ system, signal }: Context): AsyncGenerator<Uint8Array> {
  try {
    yield* system.stdin.bytes(signal);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** The same bytes, cut after line ends. */
async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(LF) + 1;
    const isCut = end === 0 && rest.length + chunk.length > LONGEST_LINE;
    const cut = isCut ? chunk.length : end;
    if (cut > 0) yield Buffer.concat([rest, chunk.subarray(0, cut)]);
    rest = cut > 0 ? chunk.subarray(cut) : Buffer.concat([rest, chunk]);
  }
  if (rest.length > 0) yield rest;
}

function warnOfUnreadable({ warn }: Context, { unreadable, shown }: LineAnswers): void {
  if (unreadable === 0) return;
  const lines = shown.map(({ line, text }) => `line ${line} "${text}"`);
  const rest = unreadable > lines.length ? ', ...' : '';
  warn(`no address in ${formatPlural(unreadable, 'line')}: ${lines.join(', ')}${rest}`);
}
