import { formatList, wrapText } from '../words/format.ts';

/** What `init` is about to do, before the plan: the policy as a sentence, and what changes in the files. */
export interface Setup {
  /** The fences as phrases: "allow only CA (Canada)". */
  readonly fences: readonly string[];
  /** "IPv4", "IPv6" or both. */
  readonly families: readonly string[];
  /** ALLOWSUBNET. */
  readonly escapes: readonly string[];
  readonly local: boolean;
  /** The folder of the configuration. */
  readonly folder: string;
  /** What changes there. */
  readonly files: readonly {
    readonly path: string;
    readonly isNew: boolean;
    /** Its lines that come and go. */
    readonly changes: readonly string[];
  }[];
}

/**
 * What `init` is about to do as text, lines ended: the policy as a sentence, and the lines that change in its files.
 */
export const renderSetup = (setup: Setup): string =>
  [
    ...wrapText(`Policy: ${describePlannedPolicy(setup)}`),
    '',
    ...(setup.files.length === 0 ? [...wrapText(`The files in ${setup.folder} say so already.`), ''] : []),
    ...setup.files.flatMap(({ path, isNew, changes }) => [
      ...wrapText(`${isNew ? 'New file' : 'Changes of'} ${path}:`),
      ...changes,
      '',
    ]),
    '',
  ].join('\n');

/** "allow only CA (Canada), for IPv4 and IPv6; 192.0.2.7/32 and local addresses always get in." */
function describePlannedPolicy({ fences, families, escapes, local }: Setup): string {
  const who = formatList([...escapes, ...(local ? ['local addresses'] : [])]);
  return `${fences.join(', ')}, for ${families.join(' and ')}${families.length === 1 ? ' only' : ''}; ${who === '' ? 'nobody gets in otherwise' : `${who} always get in`}.`;
}
