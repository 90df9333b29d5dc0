import type { Option } from 'commander';
import { statedOptions } from './options.ts';
import type { CommandName } from './command-name.ts';

/** Returns the options that a command takes, newly made, in the order of its help. */
export const optionsOf = (name: CommandName): readonly Option[] =>
  statedOptions.filter(({ of }) => of === 'all' || of.includes(name)).map(({ make }) => make());
