/**
 * Makes dist/geofence.cjs: the one file that users run, without node_modules.
 *
 * Node reads through all code of a file before it runs the first line of it: 20 ms for the 850 kB that undici and the
 * others come to, nearly as long as Node itself takes to start. So what not every command needs stands in the file as
 * comments, which are passed over, and is compiled when it is first asked for.
 */
import { chmod, copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const TARGET = 'dist/geofence.cjs';

/**
 * Runs in the file itself. Of each part it knows where it starts, counted from the end of the file, its length, both in
 * bytes, and the lines before it.
 */
const loader = (places) => `const parts = { "geofence.cjs": module }, places = ${JSON.stringify(places)};
function part(name) {
  if (parts[name] !== undefined) return parts[name].exports;
  const fs = require("node:fs"), [start, length, lineOffset] = places[name], bytes = Buffer.alloc(length);
  const file = fs.openSync(__filename);
  fs.readSync(file, bytes, 0, length, fs.fstatSync(file).size - start);
  fs.closeSync(file);
  const code = bytes.latin1Slice().replaceAll(/^\\/\\//gm, "");
  const made = (parts[name] = { exports: {} });
  require("node:vm").compileFunction(code, ["module", "exports", "part", "require", "__filename"], { filename: __filename, lineOffset })(made, made.exports, part, require, __filename);
  return made.exports;
}`;

/** For commands that are files of their own, of which we have none, commander loads what takes Node 4 ms to load. */
const LOADED = "const childProcess = require('node:child_process');";
const withoutChildProcess = {
  name: 'without-child-process',
  transform(code, id) {
    if (!id.endsWith('/commander/lib/command.js')) return undefined;
    if (!code.includes(LOADED)) throw new Error(`${id}: "${LOADED}" is not there`);
    return { code: code.replace(LOADED, ''), map: null };
  },
};

/** What each module imports to have it at once. */
const imports = new Map();
const graph = { name: 'graph', moduleParsed: ({ id, importedIds }) => void imports.set(id, importedIds) };

/** The module, and all that is loaded with it. */
function loadedWith(path) {
  if (!imports.has(resolve(path))) throw new Error(`${path}: no module of that name`);
  const loaded = new Set([resolve(path)]);
  for (const id of loaded) for (const imported of imports.get(id) ?? []) loaded.add(imported);
  return loaded;
}

/** To compile one large part takes less time than many small ones. */
const isOfCommands = (id) => loadedWith('src/cli/dispatch.ts').has(id) && !loadedWith('src/cli.ts').has(id);

const bundle = await rolldown({
  input: 'src/cli.ts',
  platform: 'node',
  preserveEntrySignatures: 'allow-extension',
  plugins: [withoutChildProcess, graph],
});
const { output } = await bundle.generate({
  format: 'cjs',
  minify: true,
  sourcemap: true,
  // Text with other characters takes two bytes each, and twice the time to read.
  charset: 'ascii',
  // The licences are there as a whole.
  comments: { legal: false },
  entryFileNames: 'geofence.cjs',
  chunkFileNames: '[name].js',
  codeSplitting: {
    groups: [{ name: 'commands', test: isOfCommands }],
    includeDependenciesRecursively: false,
  },
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

/** Positions are those that stack traces tell: in the text as it is compiled, the marks of comments taken away. */
const section = ({ map, code }, line) => ({
  // A shebang that was taken away was a line of the map. A chunk of the bundler's own has no map.
  offset: { line: line - (code.startsWith('#!') ? 1 : 0), column: 0 },
  map: map ?? { version: 3, sources: [], names: [], mappings: '' },
});
const linesOf = (text) => text.split('\n').length - 1;

const tail = `${commented(await licences())}\n//# sourceMappingURL=geofence.cjs.map\n`;
const texts = others.map((chunk) => `${commented(linked(chunk))}\n`);
const headOf = (places) =>
  [
    '#!/usr/bin/env node',
    // By this line (src/install/mark.ts) `geofence install` knows a program that it may replace.
    '// This file belongs to geofence: its commands install and uninstall write and remove it.',
    loader(places),
    '',
  ].join('\n');
const code = `${linked(entry)}\n`;
const firstLine = linesOf(headOf({}));
const places = {};
const sections = [section(entry, firstLine)];
for (const [i, chunk] of others.entries()) {
  const rest = texts.slice(i).join('') + tail;
  const line = firstLine + linesOf(code) + linesOf(texts.slice(0, i).join(''));
  places[chunk.fileName] = [rest.length, texts[i].length, line];
  sections.push(section(chunk, line));
}
const text = headOf(places) + code + texts.join('') + tail;
const odd = /.{0,40}[^\p{ASCII}].{0,40}/u.exec(text)?.[0];
if (odd !== undefined) throw new Error(`Not ASCII, so that characters are not bytes: ${odd}`);

await mkdir('dist', { recursive: true });
await writeFile(TARGET, text);
await writeFile(`${TARGET}.map`, JSON.stringify({ version: 3, sections }));
await chmod(TARGET, 0o755);
await copyFile('src/report/status.schema.json', 'dist/status.schema.json');
