import type { SettingOptions } from '../config/flags.ts';
import type { ExportFormat } from '../report/export-formats.ts';
import type { ScheduleChoice } from '../install/scheduler.ts';
import type { CommandFlags } from './context.ts';

/** What commander hands to an action. */
export interface ParsedOptions extends SettingOptions {
  /** Of `init` and `install`. */
  schedule?: ScheduleChoice;
  yes?: true;
  offline?: true;
  dryRun?: true;
  wait?: number;
  force?: string[];
  script?: true;
  summary?: true;
  /** Of `fence`, with the next two. */
  preview?: boolean;
  enforce?: true;
  description?: string;
  /** Of `check`. */
  port?: string;
  /** Of `open`; `from` of `close`, too. */
  for?: string;
  from?: string;
  /** Of `open`: what stands behind "--". */
  command?: string[];
  /** Of `close`. */
  all?: true;
  setsOnly?: true;
  /** Of `status`. */
  check?: true;
  config?: string;
  confirm?: number;
  /** Of `rollback`, as the timer calls it. */
  pending?: string;
  /** Of `zones export`, with the next two. */
  format?: ExportFormat;
  name?: string;
  ipv4?: true;
  prefix?: string;
  root?: string;
  purge?: true;
  json?: true;
  quiet?: true;
  verbose?: true;
}

/** Returns the options that hold for this run alone, out of what commander parsed. */
export const flagsOf = (options: ParsedOptions): CommandFlags => ({
  dryRun: options.dryRun === true,
  offline: options.offline === true,
  force: new Set(options.force),
  waitSeconds: options.wait ?? 0,
  ...(options.confirm === undefined ? {} : { confirmSeconds: options.confirm }),
});
