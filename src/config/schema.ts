import { TomlDate } from 'smol-toml';
import * as v from 'valibot';
import type { SettingName, Settings } from './settings.ts';
import { settingRows } from './settings.ts';
import type { Kind } from './values.ts';
import { isAccepted, port } from './values.ts';

/** Words a message with what was expected; what was got is added where it is shown. */
const expected = (what: string): string => `expected ${what}`;

const picklistOf = (words: readonly string[]) => v.picklist(words, expected(`one of ${words.join(', ')}`));

// `"CA, US"` or `["CA", "US"]`
const words = v.union(
  [
    v.pipe(
      v.string(),
      v.transform((one) => [one]),
    ),
    v.array(v.string()),
  ],
  expected('a text or a list of texts'),
);

const yesOrNo = v.boolean(expected('true or false'));

const text = (what: string) => v.pipe(v.string(expected(what)), v.nonEmpty(expected(what)));

const fenceEntries = {
  allow: v.optional(words),
  deny: v.optional(words),
  ports: v.optional(words),
  interfaces: v.optional(words),
  allow_subnets: v.optional(words),
  preview: v.optional(yesOrNo),
  log: v.optional(yesOrNo),
  description: v.optional(v.string(expected('a text'))),
};

/** What can stand in a fence. */
export const fenceSettings = Object.keys(fenceEntries);

/** fences.d/NAME.toml: the file has the name. */
export const fenceSchema = v.strictObject(fenceEntries);

/** The schema of what a setting holds. */
function schemaOf(kind: Kind): v.GenericSchema {
  switch (kind.is) {
    case 'words':
      return words;
    case 'switch':
      return yesOrNo;
    case 'number':
      return v.pipe(
        v.number(expected(kind.what)),
        v.check((n) => isAccepted(kind, n), expected(kind.what)),
      );
    case 'ports':
      return v.array(schemaOf(port), expected('a list of ports'));
    case 'choice':
      return picklistOf(kind.of);
    case 'choices':
      return v.pipe(
        v.array(picklistOf(kind.of), expected('a list of texts')),
        v.minLength(1, expected('at least one of them')),
      );
    case 'url':
      return v.pipe(
        v.string(expected('a URL')),
        v.regex(/^https?:\/\/[^\s]+$/, expected('a URL that starts with https:// or http://')),
      );
    case 'path':
      return text('a path');
    case 'fences':
      return v.array(
        v.strictObject({ name: text('a name'), ...fenceEntries }),
        expected('tables: [[fence]]'),
      );
  }
}

type Entries = {
  [Name in SettingName]: v.OptionalSchema<v.GenericSchema<unknown, NonNullable<Settings[Name]>>, undefined>;
};

const entries = Object.fromEntries(
  settingRows.map(([name, { value }]) => [name, v.optional(schemaOf(value))]),
) as Entries;

/** The configuration file, and the settings remembered from the last refresh. */
export const settingsSchema = v.strictObject(entries);

/** escapes.toml */
export const escapesSchema = v.strictObject({
  escape: v.optional(
    v.array(
      v.strictObject({
        cidr: text('an address or network'),
        note: v.optional(v.string(expected('a text'))),
        until: v.optional(
          v.union(
            [
              v.pipe(
                v.instance(TomlDate),
                v.check((date) => !date.isLocal()),
                v.transform((date) => new Date(date.valueOf()).toISOString()),
              ),
              v.pipe(v.string(), v.isoTimestamp()),
            ],
            expected('a time such as "2027-01-31T12:00:00Z"'),
          ),
        ),
      }),
      expected('tables: [[escape]]'),
    ),
    [],
  ),
});
