import type { Kind, Value } from './values.ts';

/** An option of the command line that states a setting. */
export interface Flag {
  /** "--allow <countries>", as commander has it. */
  readonly syntax: string;
  readonly description: string;
  /** Its heading in the help; the commands that take a group stand in cli/options.ts. */
  readonly group: 'Policy' | 'Zones' | 'General';
  /** What it sets, where it takes no value. */
  readonly sets?: boolean;
  /** The one command of its group that takes it. */
  readonly of?: 'init';
}

/** All there is to say of a setting. */
export interface Setting {
  readonly value: Kind;
  /** What holds where nobody says anything. */
  readonly default?: Value;
  /** The same in words, where it depends. */
  readonly otherwise?: string;
  /** For the template, where the default shows nothing. */
  readonly example?: Value;
  /** One sentence, for the template and the manual. */
  readonly comment: string;
  readonly flags?: readonly Flag[];
  /** Of the environment. */
  readonly variable?: string;
  /** Whether changing it changes what the kernel holds. */
  readonly changesFence: boolean;
}
