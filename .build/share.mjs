/** Makes dist/share, what is installed beside the program, out of the compiled sources in dist/build. */
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describedProgram, examples } from '../dist/build/src/cli/program.js';
import { manifestOf } from '../dist/build/src/install/manifest.js';
import { shareTexts } from '../dist/build/src/install/templates/share.js';

const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const texts = shareTexts(await describedProgram(version), examples);
for (const [name, text] of texts) {
  await mkdir(dirname(join('dist/share', name)), { recursive: true });
  await writeFile(join('dist/share', name), text);
}
await copyFile('src/report/status.schema.json', 'dist/share/status.schema.json');
const files = (await readdir('dist', { withFileTypes: true })).filter((entry) => entry.isFile());
const shared = [...texts.keys(), 'status.schema.json', 'manifest.json'].map((name) => `share/${name}`);
const manifest = manifestOf([...files.map(({ name }) => name), ...shared]);
await writeFile('dist/share/manifest.json', `${JSON.stringify(manifest, undefined, 2)}\n`);
