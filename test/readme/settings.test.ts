import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { longOf } from '../../src/config/flags.ts';
import type { Flag } from '../../src/config/setting.ts';
import { settingRows } from '../../src/config/settings.ts';
import { renderStatement } from '../../src/config/toml.ts';
import { projectRoot } from '../helpers/golden.ts';

const BLOCK = /(?<=<!-- settings -->\n)[^]*?(?=<!-- end of settings -->\n)/;

/** "`--allow COUNTRIES`" */
const flagCell = (flag: Flag): string => {
  const value = /<(.*)>/.exec(flag.syntax)?.[1]?.toUpperCase();
  return `\`${longOf(flag)}${value === undefined ? '' : ` ${value}`}\`${flag.of === undefined ? '' : ` of \`${flag.of}\``}`;
};

const code = (text: string | undefined): string => (text === undefined ? '' : `\`${text}\``);

const row = (cells: readonly string[]): string =>
  `${`| ${cells.join(' | ')} |`.replaceAll(/\|  (?=\|)/g, '| ')}\n`;

/** The table of all settings, as README.md has it. */
const table = [
  row(['flag', 'environment', 'file', 'default', 'meaning']),
  `${'|---'.repeat(5)}|\n`,
  ...settingRows.map(([name, { flags = [], variable, otherwise, comment, ...setting }]) =>
    row([
      flags.map(flagCell).join(', '),
      code(variable),
      code(name),
      setting.default === undefined
        ? (otherwise ?? '')
        : code(renderStatement(name, setting.default).slice(`${name} = `.length)),
      comment,
    ]),
  ),
].join('');

test('README.md has a table of all settings', async () => {
  const path = join(projectRoot(), 'README.md');
  const readme = await readFile(path, 'utf8');
  const real = readme.replace(BLOCK, () => table);
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(path, real);
  else assert.equal(readme, real, 'README.md: if the change is meant, run the tests with UPDATE_GOLDEN=1');
});
