import { countryMapFrom } from '../zones/loaded-zone.ts';
import { GeofenceError } from '../errors.ts';
import type { WayExample } from '../policy/who-gets-in.ts';
import type { LineSummary } from '../report/line-summary.ts';
import { formatPlural } from '../words/format.ts';
import { LineAnswers, jsonFormat, textFormat } from './answer-lines.ts';
import type { CheckInputs } from './check-inputs.ts';
import type { Classes } from './classify.ts';
import { classify } from './classify.ts';
import type { Traffic } from './packet.ts';
import { packetLike } from './packet.ts';
import { summarize } from './summarize.ts';
import { LF } from '../words/ascii.ts';

/** A line that is longer is cut: it comes from no log, and must not fill the memory. */
const LONGEST_LINE = 1024 * 1024;

/** How many lines are answered. */
export interface LineOptions {
  /** Given the answers to each block of lines; says whether somebody still reads them. */
  readonly write: ((answers: Uint8Array) => Promise<boolean>) | undefined;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
  /** What they ask for. */
  readonly example: WayExample;
}

/**
 * Answers for the first address in each line of `input`, as it comes: many thousands a second, so each family is judged
 * as a whole beforehand. Returns the counts by country and verdict; undefined when nobody reads the answers any more.
 * Throws GeofenceError when neither kernel nor policy can be asked, the signal's reason when it aborts.
 */
export async function checkLines(
  input: AsyncIterable<Uint8Array>,
  inputs: CheckInputs,
  { write, json, signal, warn, example }: LineOptions,
): Promise<LineSummary | undefined> {
  const answers = new LineAnswers(
    (family) => classifyFor(inputs, packetLike(family, example)),
    json ? jsonFormat : textFormat,
  );
  for await (const block of wholeLines(input)) {
    const bytes = answers.answer(block);
    if (write !== undefined && !(await write(bytes))) return undefined;
    signal.throwIfAborted();
  }
  warnOfUnreadable(answers, warn);
  const asked = inputs.kernel === undefined ? 'policy' : 'kernel';
  return summarize(asked, answers.counts(), answers.unreadable);
}

function classifyFor({ kernel, desired, zones }: CheckInputs, traffic: Traffic): Classes {
  const countryMap = countryMapFrom(traffic.family, zones);
  const wanted = 'reason' in desired ? undefined : desired;
  if (kernel !== undefined) return classify(traffic, countryMap, kernel, wanted);
  if (wanted !== undefined) return classify(traffic, countryMap, wanted);
  throw new GeofenceError(`Cannot check addresses: ${'reason' in desired ? desired.reason : ''}`);
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

function warnOfUnreadable({ unreadable, shown }: LineAnswers, warn: LineOptions['warn']): void {
  if (unreadable === 0) return;
  const lines = shown.map(({ line, text }) => `line ${line} "${text}"`);
  const rest = unreadable > lines.length ? ', ...' : '';
  warn(`no address in ${formatPlural(unreadable, 'line')}: ${lines.join(', ')}${rest}`);
}
