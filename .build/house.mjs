/**
 * Holds the house: which folder of src may import which. `npm run lint` runs it. With a list from the ground up, where
 * each folder imports only those before it, no two folders can import each other.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** From the ground up. Files directly in src are floors of their own. */
const floors = [
  ['words', 'errors'],
  ['refusal', 'ip'],
  ['zones'],
  ['report'],
  ['system'],
  ['firewall'],
  ['policy'],
  ['config', 'cache', 'host'],
  ['state', 'explain', 'sources', 'install'],
  ['plan'],
  ['health', 'apply', 'setup'],
  ['context'],
  ['commands'],
  ['cli'],
];

const levels = new Map(floors.flatMap((rooms, level) => rooms.map((room) => [room, level])));

/** What the order alone does not say. */
const narrower = {
  // Report values are rendered the same whoever made them.
  report: new Set(['words', 'ip', 'zones']),
};

const roomOf = (path) => path.split('/')[1].replace(/\.ts$/, '');

function objection(file, target) {
  const [room, wanted] = [roomOf(file), roomOf(target)];
  if (!levels.has(room)) return `${file}: the folder "${room}" has no floor in .build/house.mjs`;
  if (room === wanted) {
    return room === 'commands' ? `${file}: a command imports another, "${target}"` : undefined;
  }
  if (levels.get(wanted) >= levels.get(room)) return `${file}: "${room}" may not import "${target}"`;
  if (narrower[room]?.has(wanted) === false) return `${file}: "${room}" is a leaf, and imports "${target}"`;
  return undefined;
}

const imports = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

const files = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

const objections = files.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(imports)]
    .map(([, path]) => relative('.', join(dirname(file), path)))
    .filter((target) => target.startsWith('src/'))
    .map((target) => objection(file, target))
    .filter((text) => text !== undefined),
);

for (const text of objections) console.error(text);
if (objections.length > 0) process.exitCode = 1;
