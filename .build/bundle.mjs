/**
 * Makes dist/geofence.cjs: the one file that users run, without node_modules.
 *
 * Node reads through all code of a file before it runs the first line of it: 20 ms for the 850 kB that undici and the
 * others come to, nearly as long as Node itself takes to start. So what not every command needs stands in the file as
 * comments, which are passed over, and is compiled when it is first asked for.
 */
import { chmod, copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const TARGET = 'dist/geofence.cjs';

/** Runs in the file itself, which must not need more than this to find a part of its own. */
const loader = `const parts = { "geofence.cjs": module }, text = () => require("node:fs").readFileSync(__filename, "latin1");
function part(name) {
  if (parts[name] !== undefined) return parts[name].exports;
  const all = text(), mark = "\\n//@ " + name + "\\n", start = all.indexOf(mark) + mark.length;
  const code = all.slice(start, all.indexOf("\\n//@ ", start)).replaceAll(/^\\/\\//gm, "");
  const lineOffset = all.slice(0, start).split("\\n").length - 1;
  const made = (parts[name] = { exports: {} });
  require("node:vm").compileFunction(code, ["module", "exports", "part", "require", "__filename"], { filename: __filename, lineOffset })(made, made.exports, part, require, __filename);
  return made.exports;
}`;

const bundle = await rolldown({ input: 'src/cli.ts', platform: 'node' });
const { output } = await bundle.generate({
  format: 'cjs',
  minify: true,
  sourcemap: true,
  // Text with other characters takes two bytes each, and twice the time to read.
  charset: 'ascii',
  entryFileNames: 'geofence.cjs',
  chunkFileNames: '[name].js',
});
const chunks = output.filter(({ type }) => type === 'chunk');
const entry = chunks.find(({ isEntry }) => isEntry);
const others = chunks.filter(({ isEntry }) => !isEntry);

/** A require() of another chunk becomes part(). */
const linked = ({ code }) =>
  code
    .replace(/^#!.*\n/, '')
    .replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '')
    .replaceAll(/\brequire\((["'`])\.\/([\w.-]+)\1\)/g, 'part("$2")');

const commented = (text) => text.replaceAll(/^/gm, '//');

/** The licences of all that is in the file ask to be in every copy. */
async function licences() {
  const folders = new Set(
    chunks
      .flatMap(({ moduleIds }) => moduleIds)
      .map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0])
      .filter((folder) => folder !== undefined),
  );
  const texts = [];
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((candidate) => /^licen[cs]e/i.test(candidate));
    const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
    texts.push(`${name} ${version}, licence ${license}\n\n${text.replaceAll(/[^\x20-\x7E\n]/g, '?')}`);
  }
  return texts.join('\n\n');
}

let text = '';
const sections = [];
const add = (lines) => (text += `${lines}\n`);
/** Positions are those that stack traces tell: in the text as it is compiled, the marks of comments taken away. */
const addMapped = ({ map, code }, lines) => {
  const hadShebang = code.startsWith('#!');
  // A chunk of the bundler's own has no map, and must not get that of the one before.
  const own = map ?? { version: 3, sources: [], names: [], mappings: '' };
  sections.push({
    offset: { line: text.split('\n').length - (hadShebang ? 2 : 1), column: 0 },
    map: own,
  });
  add(lines);
};

add('#!/usr/bin/env node');
// By this line (src/install/mark.ts) `geofence install` knows a program that it may replace.
add('// This file belongs to geofence: its commands install and uninstall write and remove it.');
add(loader);
addMapped(entry, linked(entry));
for (const chunk of others) {
  add(`//@ ${chunk.fileName}`);
  addMapped(chunk, commented(linked(chunk)));
}
add('//@ licences');
add(commented(await licences()));
add('//# sourceMappingURL=geofence.cjs.map');

await mkdir('dist', { recursive: true });
await writeFile(TARGET, text);
await writeFile(`${TARGET}.map`, JSON.stringify({ version: 3, sections }));
await chmod(TARGET, 0o755);
await copyFile('src/report/status.schema.json', 'dist/status.schema.json');
