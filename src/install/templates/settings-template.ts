import { comments, header } from '../../config/comments.ts';
import { hostFolders } from '../../config/folders.ts';
import { renderList, renderScalar } from '../../config/list.ts';
import type { Settings } from '../../config/settings.ts';
import { defaults } from '../../config/settings.ts';

/** Of every setting its default, or an example where it has none. */
const examples: { readonly [Key in keyof Required<Settings>]: NonNullable<Settings[Key]> } = {
  allow: ['CA', 'US'],
  deny: ['RU', 'CN'],
  mirror: 'https://mirror.example/ipdeny',
  concurrency: 2,
  cache_dir: hostFolders.cache,
  state_dir: hostFolders.state,
  ...defaults,
  allow_subnets: ['192.0.2.0/24', '2001:db8::/32'],
};

/** `allow = ["CA", "US"]` */
export const exampleLines: ReadonlyMap<string, string> = new Map(
  Object.keys(comments).map((key) => {
    const value = examples[key as keyof Settings];
    return [key, `${key} = ${Array.isArray(value) ? renderList(key, value) : renderScalar(value)}`];
  }),
);

/** The configuration file before anybody edited it: every setting is there, and none of them set. */
export const settingsTemplate = [
  header,
  ...Object.entries(comments).map(([key, comment]) => `# ${comment}\n# ${exampleLines.get(key)}\n`),
].join('\n');
