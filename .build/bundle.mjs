/**
 * Makes dist/: the program that users run, without node_modules, and in dist/share what is installed beside it.
 *
 * CommonJS: Node starts the same chunks as ES modules 3 to 20 ms later. Lazy imports are chunks of their own. The names
 * of chunks tell their content, so that an upgrade never mixes two versions.
 */
import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

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

/** A group of what is loaded with one module and with none of the others: one chunk, for many small ones take 5 ms longer. */
const group = (name, path, ...others) => ({
  name,
  test: (id) => loadedWith(path).has(id) && !others.some((other) => loadedWith(other).has(id)),
});
const [start, options, complete] = ['src/cli.ts', 'src/cli/command-options.ts', 'src/cli/complete.ts'];
const commands = 'src/cli/dispatch.ts';
const groups = [
  group('options', options, start),
  group('commands', commands, start, options, complete),
  group('parse', 'src/config/parse.ts', start, options, complete, commands),
];

/** By this line (src/install/mark.ts) `geofence install` knows a program that it may replace. */
const mark = '// This file belongs to geofence: its commands install and uninstall write and remove it.';

// What an earlier build left there would be installed, too.
await mkdir('dist', { recursive: true });
for (const name of await readdir('dist'))
  if (name !== 'build') await rm(join('dist', name), { recursive: true });
const bundle = await rolldown({
  input: { geofence: 'src/cli.ts' },
  platform: 'node',
  preserveEntrySignatures: 'allow-extension',
  plugins: [graph],
});
const { output } = await bundle.write({
  dir: 'dist',
  format: 'cjs',
  minify: true,
  sourcemap: true,
  // Of a map only positions are needed.
  sourcemapExcludeSources: true,
  // Text with other characters takes two bytes each, and twice the time to read.
  charset: 'ascii',
  // The licences are in a file of their own.
  comments: { legal: false },
  postBanner: mark,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
  codeSplitting: { groups, includeDependenciesRecursively: false },
});
await chmod('dist/geofence.cjs', 0o755);

const folderOf = (id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0];
const chunks = output.filter(({ type }) => type === 'chunk');
// Nobody mends what is not ours: half of all maps would be undici's.
for (const { fileName, moduleIds } of chunks)
  if (moduleIds.every((id) => folderOf(id) !== undefined)) await rm(`dist/${fileName}.map`, { force: true });

/** The licences of all that is in the chunks ask to be in every copy. */
async function licences() {
  const folders = new Set(
    chunks
      .flatMap(({ moduleIds }) => moduleIds)
      .map(folderOf)
      .filter((folder) => folder !== undefined),
  );
  const texts = [];
  for (const folder of ['.', ...[...folders].sort()]) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((candidate) => /^licen[cs]e/i.test(candidate));
    const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
    texts.push(`${name} ${version}, licence ${license}\n\n${text}`);
  }
  return texts.join('\n\n');
}

await writeFile('dist/LICENSES', await licences());
await import('./share.mjs');
