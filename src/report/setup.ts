import type { Policy } from '../policy/policy.ts';
import { describeFence } from '../policy/policy.ts';
import { formatList, wrapText } from '../words/format.ts';

/** What `init` is about to do, before the plan: the policy as a sentence, and what changes in the configuration file. */
export interface Setup {
  readonly policy: Policy;
  /** ALLOWSUBNET. */
  readonly escapes: readonly string[];
  readonly local: boolean;
  readonly file: string;
  readonly isNewFile: boolean;
  /** Its lines that come and go. */
  readonly changes: readonly string[];
}

export const renderSetup = (setup: Setup): string =>
  [
    ...wrapText(`Policy: ${describePolicy(setup)}`),
    '',
    ...(setup.changes.length === 0
      ? wrapText(`${setup.file} says so already.`)
      : [...wrapText(`${setup.isNewFile ? 'New file' : 'Changes of'} ${setup.file}:`), ...setup.changes]),
    '',
    '',
  ].join('\n');

/** "allow only CA (Canada), for IPv4 and IPv6; 192.0.2.7/32 and local addresses always get in." */
function describePolicy({ policy, escapes, local }: Setup): string {
  const who = formatList([...escapes, ...(local ? ['local addresses'] : [])]);
  const families = policy.families.map(({ label }) => label).join(' and ');
  return `${policy.fences.map(describeFence).join(', ')}, for ${families}${policy.families.length === 1 ? ' only' : ''}; ${who === '' ? 'nobody gets in otherwise' : `${who} always get in`}.`;
}
