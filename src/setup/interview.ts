import type { SettingOptions } from '../config/flags.ts';
import type { StatedConfig } from '../config/stated-config.ts';
import { configPath } from '../config/stated-config.ts';
import type { Settings } from '../config/settings.ts';
import type { SettledSettings } from '../config/settled.ts';
import { defined } from '../config/settled.ts';
import type { ScheduleChoice } from '../install/scheduler.ts';
import type { Dialog } from '../system/dialog.ts';
import type { System } from '../system/system.ts';
import {
  countriesPrompt,
  escapesPrompt,
  ipv6Prompt,
  modePrompt,
  parseSchedule,
  schedulePrompt,
  selectorsIn,
} from './init-prompts.ts';
import type { Prompt } from './prompt.ts';
import { ask } from './prompt.ts';
import { findNeighbourhood, suggestEscapes } from './suggest-escapes.ts';

/** What `init` has to be told. */
export interface Answers {
  /** The settings that are asked for, all stated. */
  readonly policy: Settings;
  readonly schedule: ScheduleChoice;
}

/** The options of `init` that answer a question beforehand, and --config. */
interface InitOptions extends SettingOptions {
  schedule?: ScheduleChoice;
  config?: string;
}

/** What the answers are made of, whether or not anybody is asked. */
export interface AnswerInputs {
  /** Settled: options, variables, files and what is remembered. */
  readonly config: StatedConfig;
  readonly options: InitOptions;
  readonly system: System;
}

interface InterviewInputs extends AnswerInputs {
  readonly dialog: Dialog;
  readonly signal: AbortSignal;
  /** A global IPv6 address of this host, if it has one. */
  readonly findGlobalIPv6: () => Promise<string | undefined>;
}

type AskOne = <T>(prompt: Prompt<T>) => Promise<T>;

/** Asks for what no option says, and suggests what holds now; throws GeofenceError when the input ends before the answers. */
export async function interview(inputs: InterviewInputs): Promise<Answers> {
  const { config, options, system, dialog, signal } = inputs;
  const { settings } = config;
  const askOne: AskOne = async (prompt) => await ask(dialog, prompt, signal);
  const isFenceGiven = (options.allow ?? options.deny) !== undefined;
  const isIPv6Given = (options.ipv4Only ?? options.ipv6) !== undefined;
  const fence = isFenceGiven ? fenceOf(settings) : await askForFence(settings, askOne);
  const suggestion = suggestEscapes(settings, await findNeighbourhood(system));
  const escapes =
    options.allowSubnet === undefined ? await askOne(escapesPrompt(suggestion)) : settings.allow_subnets;
  const ipv6 = isIPv6Given
    ? settings.ipv6
    : await askOne(ipv6Prompt(await inputs.findGlobalIPv6(), settings.ipv6));
  return {
    policy: { ...fence, allow_subnets: escapes, local: settings.local, ipv6 },
    schedule: scheduleOf(inputs) ?? (await askOne(schedulePrompt(configFileOf(inputs)))),
  };
}

async function askForFence(settings: Settings, askOne: AskOne): Promise<Settings> {
  const mode = await askOne(modePrompt(settings.deny === undefined ? 'allow' : 'deny'));
  return { [mode]: await askOne(countriesPrompt(mode, settings[mode]?.flatMap(selectorsIn))) };
}

/** The answers where nobody is asked: what the options say, and of the rest what holds now. */
export function answersOf(inputs: AnswerInputs): Answers {
  const { config } = inputs;
  const { allow_subnets, local, ipv6 } = config.settings;
  return {
    policy: { ...fenceOf(config.settings), allow_subnets, local, ipv6 },
    schedule: scheduleOf(inputs) ?? 'none',
  };
}

const configFileOf = ({ options, system }: AnswerInputs): string => configPath(options.config, system.env);

const scheduleOf = (inputs: AnswerInputs): ScheduleChoice | undefined =>
  inputs.options.schedule && parseSchedule(inputs.options.schedule, configFileOf(inputs));

const fenceOf = ({ allow, deny }: SettledSettings): Settings =>
  defined({ allow: allow?.flatMap(selectorsIn), deny: deny?.flatMap(selectorsIn) });
