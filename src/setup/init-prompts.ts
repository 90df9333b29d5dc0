import { countriesOf } from '../policy/policy.ts';
import { DEFAULT_FILE } from '../config/stated-config.ts';
import { resolveConfig } from '../config/resolve.ts';
import { wordsIn } from '../config/values.ts';
import { UsageError } from '../errors.ts';
import type { ScheduleChoice } from '../install/scheduler.ts';
import { scheduleChoices } from '../install/scheduler.ts';
import type { Mode } from '../policy/policy.ts';
import { countries, groups } from '../zones/countries.ts';
import type { Suggestion } from './suggest-escapes.ts';
import type { Prompt } from './prompt.ts';
import { yesOrNo } from './prompt.ts';

/** In messages: where what is wrong stands. */
const ORIGIN = 'the answer';

const parseChoice = <T extends string>(choices: readonly T[], text: string): T => {
  const found = choices.find((choice) => choice === text.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`Cannot use "${text}": expected one of ${choices.join(', ')}`);
};

/**
 * The words of a list of countries and groups, written as one usually does: codes in upper case, groups in lower case.
 */
export const selectorsIn = (text: string): string[] =>
  wordsIn(text).map((word) => (word.includes('@') ? word.toLowerCase() : word.toUpperCase()));

/** Asks whether the countries are those that may get in or those that may not; Enter stands for `current`. */
export const modePrompt = (current: Mode): Prompt<Mode> => ({
  explanation: ['Who may get in? With "allow" only the countries you name, with "deny" all but those.'],
  prompt: 'allow or deny',
  suggestion: current,
  parse: (text) => parseChoice<Mode>(['allow', 'deny'], text),
});

/** Asks for the countries of a mode; Enter stands for the `current` ones, if there are any. */
export const countriesPrompt = (mode: Mode, current: readonly string[] | undefined): Prompt<string[]> => ({
  explanation: [
    `Which countries ${mode === 'allow' ? 'may get in' : 'may not get in'}? Codes such as CA or DE; groups: ${[...groups.keys()].join(' ')}; a "!" takes away, as in @eu !HU.`,
  ],
  prompt: mode === 'allow' ? 'countries to let in' : 'countries to keep out',
  suggestion: current?.join(' '),
  parse: async (text) => {
    await resolveConfig([{ origin: ORIGIN, settings: { [mode]: [text] } }]);
    return selectorsIn(text);
  },
  echo: async (words) => {
    const { policy } = await resolveConfig([{ origin: ORIGIN, settings: { [mode]: words } }]);
    const codes = policy?.fences.flatMap(countriesOf) ?? [];
    return [codes.map((code) => `${code} = ${countries.get(code)?.name}`).join(', ')];
  },
});

const NO_ESCAPES = 'none';

/** Asks which addresses and networks always get in; Enter stands for those that are suggested. */
export const escapesPrompt = ({ escapes, remarks }: Suggestion): Prompt<string[]> => ({
  explanation: [
    'Which addresses must always get in, whatever their country? Your own, say, or your office.',
    ...remarks,
  ],
  prompt: 'addresses and networks',
  suggestion: escapes.length === 0 ? NO_ESCAPES : escapes.join(' '),
  parse: async (text) => {
    const settings = { allow_subnets: text === NO_ESCAPES ? [] : [text] };
    return (await resolveConfig([{ origin: ORIGIN, settings }])).settings.allow_subnets;
  },
  echo: (texts) => (texts.length === 0 ? [] : [`always in: ${texts.join(', ')}`]),
});

/** Asks whether IPv6 is fenced too; `globalIPv6` is an address of this host that the Internet can reach. */
export const ipv6Prompt = (globalIPv6: string | undefined, current: boolean): Prompt<boolean> => ({
  ...yesOrNo(
    [
      `Fence IPv6 too? If not, everybody gets in there. ${globalIPv6 === undefined ? 'This host has no global IPv6 address now.' : `This host is ${globalIPv6}.`}`,
    ],
    'fence IPv6',
    current,
  ),
  echo: (isFenced) => (isFenced ? [] : ['IPv6 stays open to everybody']),
});

/**
 * The schedule that somebody chose, in words of --schedule. `file` is the configuration file in use; throws UsageError
 * for another word, and where the runs of a schedule, which read the usual file, would not find the policy there.
 */
export function parseSchedule(text: string, file: string): ScheduleChoice {
  const schedule = parseChoice(scheduleChoices, text);
  if (schedule === 'none' || file === DEFAULT_FILE) return schedule;
  throw new UsageError(
    `Cannot use --schedule "${text}": its runs would read ${DEFAULT_FILE}, and the policy is in "${file}"`,
    'leave --config and GEOFENCE_CONFIG away, or say --schedule none',
  );
}

/** Asks which schedule to install; `file` is the configuration file in use. */
export const schedulePrompt = (file: string): Prompt<ScheduleChoice> => ({
  explanation: [
    'Zones change: shall a job refresh the fence every week, and put it back at boot? "auto" takes systemd where it runs, else cron.',
  ],
  prompt: `schedule (${scheduleChoices.join(', ')})`,
  suggestion: file === DEFAULT_FILE ? 'auto' : 'none',
  parse: (text) => parseSchedule(text, file),
});
