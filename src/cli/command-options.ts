import type { Option } from 'commander';
import { statedOptions } from './options.ts';
import type { CommandName } from './command-name.ts';

/** The options of a command, in the order of its help. */
export const optionsOf = (name: CommandName): readonly Option[] =>
  statedOptions.filter(({ of }) => of === 'all' || of.includes(name)).map(({ make }) => make());
