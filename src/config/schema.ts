import * as v from 'valibot';
import { variants } from '../firewall/choose.ts';
import { sourceNames } from '../sources/catalog.ts';

/** Words a message with what was expected; what was got is added where it is shown. */
const expected = (what: string): string => `expected ${what}`;

/** `"CA, US"` or `["CA", "US"]`. */
const list = v.union(
  [
    v.pipe(
      v.string(),
      v.transform((text) => [text]),
    ),
    v.array(v.string()),
  ],
  expected('a text or a list of texts'),
);

const positive = (what: string) =>
  v.pipe(v.number(expected(what)), v.finite(expected(what)), v.gtValue(0, expected(what)));
const port = v.pipe(
  v.number(expected('a port')),
  v.integer(expected('a port')),
  v.minValue(1, expected('a port')),
  v.maxValue(65535, expected('a port')),
);
const path = v.pipe(v.string(expected('a path')), v.nonEmpty(expected('a path')));
const flag = v.boolean(expected('true or false'));

/** The configuration file, and the settings remembered from the last refresh. */
export const settingsSchema = v.strictObject({
  allow: v.optional(list),
  deny: v.optional(list),
  allow_subnets: v.optional(list),
  ipv6: v.optional(flag),
  local: v.optional(flag),
  log_drops: v.optional(flag),
  early_drop: v.optional(flag),
  sources: v.optional(
    v.pipe(
      v.array(
        v.picklist(sourceNames, expected(`one of ${sourceNames.join(', ')}`)),
        expected('a list of sources'),
      ),
      v.minLength(1, expected('at least one source')),
    ),
  ),
  mirror: v.optional(
    v.pipe(
      v.string(expected('a URL')),
      v.regex(/^https?:\/\/[^\s]+$/, expected('a URL that starts with https:// or http://')),
    ),
  ),
  max_zone_age_days: v.optional(
    v.pipe(
      v.number(expected('a number of days')),
      v.finite(expected('a number of days')),
      v.minValue(0, expected('a number of days, at least 0')),
    ),
  ),
  concurrency: v.optional(
    v.pipe(
      v.number(expected('a whole number')),
      v.integer(expected('a whole number')),
      v.minValue(1, expected('at least 1')),
      v.maxValue(64, expected('at most 64')),
    ),
  ),
  deadline_seconds: v.optional(positive('a number of seconds above 0')),
  max_zone_shrink_percent: v.optional(positive('a number of percent above 0')),
  max_zone_growth_percent: v.optional(positive('a number of percent above 0')),
  max_extra_entries_percent: v.optional(
    v.pipe(
      v.number(expected('a number of percent')),
      v.minValue(0, expected('at least 0')),
      v.maxValue(1000, expected('at most 1000')),
    ),
  ),
  ssh_ports: v.optional(v.array(port, expected('a list of ports'))),
  iptables: v.optional(v.picklist(variants, expected(`one of ${variants.join(', ')}`))),
  cache_dir: v.optional(path),
  state_dir: v.optional(path),
});

export const settingNames = Object.keys(settingsSchema.entries);
