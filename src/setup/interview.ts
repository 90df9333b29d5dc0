import { configPath } from '../config/stated-config.ts';
import type { Settings } from '../config/settings.ts';
import type { SettledSettings } from '../config/settled.ts';
import { defined } from '../config/settled.ts';
import type { ScheduleChoice } from '../install/schedules.ts';
import type { Dialog } from '../system/dialog.ts';
import type { Context } from '../context/context.ts';
import { findNeighbourhood, suggestEscapes } from './suggest-escapes.ts';
import type { ParsedOptions } from '../context/parsed-options.ts';
import { requirePolicy } from '../context/require-policy.ts';
import type { Prompt } from './prompt.ts';
import { ask } from './prompt.ts';
import {
  countriesPrompt,
  escapesPrompt,
  ipv6Prompt,
  modePrompt,
  parseSchedule,
  schedulePrompt,
  selectorsIn,
} from './init-prompts.ts';
import { readHostFacts } from '../host/host-facts.ts';

/** What `init` has to be told. */
export interface Answers {
  /** The settings that are asked for, all stated. */
  readonly policy: Settings;
  readonly schedule: ScheduleChoice;
}

type Asked = <T>(prompt: Prompt<T>) => Promise<T>;

/** Asks for what no option says, and suggests what holds now. */
export async function interview(context: Context, options: ParsedOptions, dialog: Dialog): Promise<Answers> {
  const { config, system, signal } = context;
  const { settings } = config;
  const asked: Asked = async (question) => await ask(dialog, question, signal);
  const isFenceGiven = (options.allow ?? options.deny) !== undefined;
  const isIPv6Given = (options.ipv4Only ?? options.ipv6) !== undefined;
  const fence = isFenceGiven ? fenceOf(settings) : await askForFence(settings, asked);
  const suggestion = suggestEscapes(settings, await findNeighbourhood(system));
  const escapes =
    options.allowSubnet === undefined ? await asked(escapesPrompt(suggestion)) : settings.allow_subnets;
  const { globalIPv6 } = await readHostFacts(context);
  const ipv6 = isIPv6Given ? settings.ipv6 : await asked(ipv6Prompt(globalIPv6, settings.ipv6));
  return {
    policy: {
      ...fence,
      allow_subnets: escapes,
      local: settings.local,
      ipv6,
    },
    schedule: scheduleOf(context, options) ?? (await asked(schedulePrompt(fileOf(context, options)))),
  };
}

async function askForFence(settings: Settings, asked: Asked): Promise<Settings> {
  const mode = await asked(modePrompt(settings.deny === undefined ? 'allow' : 'deny'));
  return { [mode]: await asked(countriesPrompt(mode, settings[mode]?.flatMap(selectorsIn))) };
}

/** What the options say, and of the rest what holds now. */
export function answersOf(context: Context, options: ParsedOptions): Answers {
  requirePolicy(context.config);
  const { settings } = context.config;
  const { allow_subnets, local, ipv6 } = settings;
  return {
    policy: { ...fenceOf(settings), allow_subnets, local, ipv6 },
    schedule: scheduleOf(context, options) ?? 'none',
  };
}

const fileOf = ({ system }: Context, { config }: ParsedOptions): string => configPath(config, system.env);

const scheduleOf = (context: Context, options: ParsedOptions): ScheduleChoice | undefined =>
  options.schedule && parseSchedule(options.schedule, fileOf(context, options));

const fenceOf = ({ allow, deny }: SettledSettings): Settings =>
  defined({ allow: allow?.flatMap(selectorsIn), deny: deny?.flatMap(selectorsIn) });
