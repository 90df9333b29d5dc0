import type { Option } from 'commander';
import {
  checkOption,
  commonOptions,
  confirmOption,
  dryRunOption,
  exportOptions,
  forceOption,
  initOptions,
  maxAgeOption,
  offlineOption,
  pendingOption,
  policyOptions,
  prefixOption,
  purgeOption,
  rootOption,
  scheduleOption,
  scriptOption,
  setsOnlyOption,
  summaryOption,
  waitOption,
  yesOption,
  zoneOptions,
} from './options.ts';
import type { CommandName } from './program.ts';

const changeOptions = [offlineOption, dryRunOption, forceOption, waitOption, confirmOption];

const own: Record<CommandName, readonly Option[]> = {
  init: [...policyOptions, ...initOptions, ...zoneOptions, ...changeOptions],
  refresh: [...policyOptions, ...zoneOptions, ...changeOptions],
  fetch: [...policyOptions, ...zoneOptions, forceOption, waitOption],
  plan: [...policyOptions, ...zoneOptions, offlineOption, forceOption, waitOption, scriptOption],
  restore: [...policyOptions, setsOnlyOption, dryRunOption, forceOption, waitOption],
  status: [...policyOptions, maxAgeOption, checkOption],
  check: [...policyOptions, summaryOption],
  confirm: [waitOption],
  rollback: [forceOption, waitOption, pendingOption],
  remove: [dryRunOption, waitOption],
  zones: [],
  'zones diff': [],
  'zones export': exportOptions,
  install: [prefixOption, rootOption, scheduleOption, dryRunOption, yesOption],
  uninstall: [prefixOption, rootOption, purgeOption, dryRunOption, waitOption, yesOption],
};

/** The options of a command, in the order of its help. */
export const optionsOf = (name: CommandName): readonly Option[] => [...own[name], ...commonOptions];
