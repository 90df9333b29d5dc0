import type { Settings } from '../config/settings.ts';
import { defined } from '../config/settings.ts';
import type { Variant } from '../firewall/choose.ts';
import type { ExportFormat } from '../report/export-formats.ts';
import type { ScheduleChoice } from '../install/schedules.ts';
import type { CommandFlags } from './context.ts';

/** What commander hands to an action. */
export interface ParsedOptions {
  allow?: string[];
  deny?: string[];
  allowSubnet?: string[];
  ipv4Only?: true;
  /** Of `init` and `zones export`. */
  ipv6?: true;
  /** Of `init`, with the next. */
  schedule?: ScheduleChoice;
  yes?: true;
  /** False with --no-local; commander makes it true without. */
  local?: boolean;
  logDrops?: true;
  mirror?: string;
  maxZoneAge?: number;
  concurrency?: number;
  offline?: true;
  dryRun?: true;
  wait?: number;
  force?: string[];
  script?: true;
  summary?: true;
  setsOnly?: true;
  /** Of `status`. */
  check?: true;
  config?: string;
  cacheDir?: string;
  stateDir?: string;
  confirm?: number;
  /** Of `rollback`, as the timer calls it. */
  pending?: string;
  /** Of `zones export`, with the next two. */
  format?: ExportFormat;
  name?: string;
  ipv4?: true;
  iptables?: Variant;
  prefix?: string;
  root?: string;
  purge?: true;
  json?: true;
  quiet?: true;
  verbose?: true;
}

/** The options that are settings: the strongest layer of the configuration. */
export const settingsOf = (options: ParsedOptions): Settings =>
  defined({
    allow: options.allow,
    deny: options.deny,
    allow_subnets: options.allowSubnet,
    ipv6: options.ipv4Only === true ? false : options.ipv6,
    local: options.local === false ? false : undefined,
    log_drops: options.logDrops,
    mirror: options.mirror,
    max_zone_age_days: options.maxZoneAge,
    concurrency: options.concurrency,
    iptables: options.iptables,
    cache_dir: options.cacheDir,
    state_dir: options.stateDir,
  });

/** The options that hold for this run alone. */
export const flagsOf = (options: ParsedOptions): CommandFlags => ({
  dryRun: options.dryRun === true,
  offline: options.offline === true,
  force: new Set(options.force),
  waitSeconds: options.wait ?? 0,
  ...(options.confirm === undefined ? {} : { confirmSeconds: options.confirm }),
});
