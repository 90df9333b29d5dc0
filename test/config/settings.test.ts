import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describedProgram, examples } from '../../src/cli/program.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { attributeOf, longOf, settingsOf } from '../../src/config/flags.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { settingsSchema } from '../../src/config/schema.ts';
import { settingNames, settingRows } from '../../src/config/settings.ts';
import { defaults } from '../../src/config/settled.ts';
import { renderStatement } from '../../src/config/toml.ts';
import { escapeRoff } from '../../src/install/templates/roff.ts';
import { manual } from '../../src/install/templates/manual.ts';
import { exampleLine, settingsTemplate } from '../../src/install/templates/settings-template.ts';

const program = await describedProgram('0.0.0');
const page = manual(program, examples);

test('schema, template and manual have the settings of the table, and no others', () => {
  assert.deepEqual(Object.keys(settingsSchema.entries), settingNames);
  const inTemplate = [...settingsTemplate.matchAll(/(?<=\n\n)# .*\n# \[*(\w+)(?: = |\]\]$)/gm)].map(
    ([, name]) => name,
  );
  assert.deepEqual(inTemplate, settingNames);
  const [, configuration = ''] = /^\.SH CONFIGURATION\n([^]*?)^\.SH /m.exec(page) ?? [];
  const inManual = [...configuration.matchAll(/^\\fB\[*(\w+)(?: = |\]\] )/gm)].map(([, name]) => name);
  assert.deepEqual(inManual, settingNames);
});

for (const [
  name,
  { comment, default: byDefault, example = byDefault, flags = [], variable },
] of settingRows) {
  test(`${name} means the same everywhere`, () => {
    assert.ok(settingsTemplate.includes(`# ${comment}\n# ${exampleLine(name).replaceAll('\n', '\n# ')}\n`));
    assert.ok(page.includes(`\n${escapeRoff(comment)}\n`));
    assert.match(comment, /^[A-Z].*\.$/, 'a sentence');
    assert.notEqual(example, undefined);
    assert.deepEqual(parseConfig('', renderStatement(name, example!)), { [name]: example });
    assert.deepEqual(defaults[name], byDefault);
    if (variable !== undefined) {
      assert.match(
        page,
        new RegExp(String.raw`^\\fB${variable}\\fR\n.*\(${name.replaceAll('_', '_')}\)\.$`, 'm'),
      );
      const text = Array.isArray(example) ? example.join(' ,') : JSON.stringify(example).replaceAll('"', '');
      assert.deepEqual(readEnvironment({ [variable]: text }), { [name]: example });
    }
    for (const flag of flags) {
      const options = program.commands.flatMap((command) =>
        [command, ...command.commands].flatMap((one) => one.options),
      );
      const option = options.find(({ flags: syntax }) => syntax === flag.syntax);
      assert.equal(option?.attributeName(), attributeOf(flag), 'as commander has it');
      assert.ok(page.includes(`\\fB${escapeRoff(longOf(flag))}\\fR`));
    }
  });
}

test('settingsOf() understands options that set, and those that nobody typed', () => {
  assert.deepEqual(settingsOf({ local: true }), {}, 'commander makes it true without --no-local');
  assert.deepEqual(settingsOf({ local: false, ipv4Only: true, logDrops: true }), {
    ipv6: false,
    local: false,
    log_drops: true,
  });
  assert.deepEqual(settingsOf({ ipv6: true, allow: ['CA'], maxZoneAge: 3 }), {
    allow: ['CA'],
    ipv6: true,
    max_zone_age_days: 3,
  });
});
