import type { SettingName } from './settings.ts';

/** What a file of our own beside the configuration file is for. */
export type OwnRole = 'fence' | 'escapes' | 'settings';

/** Whether a setting is part of the fence at the top level, beside whom it lets in or keeps out. */
const isScope = (name: SettingName): boolean => name === 'ports' || name === 'interfaces';

/** Whether a setting is allow or deny, which together are one thing to say. */
export const isMode = (name: SettingName): boolean => name === 'allow' || name === 'deny';

/** Returns the file of our own that a setting belongs in. */
export const ownRoleOf = (name: SettingName): OwnRole =>
  isMode(name) || isScope(name) ? 'fence' : name === 'allow_subnets' ? 'escapes' : 'settings';
