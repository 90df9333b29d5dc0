/** What reads an export. */
export const exportFormats = [
  'cidr',
  'ipset',
  'nft',
  'iptables',
  'nginx',
  'haproxy',
  'pf',
  'mikrotik',
] as const;

export type ExportFormat = (typeof exportFormats)[number];

/** Of the 31 characters that the kernel takes for a set, "-4.new" takes six. */
const LONGEST_NAME = 25;

/**
 * Returns why a name cannot be used for an export in any format; undefined when it can. Upper case is for the chains
 * and targets of iptables itself: with one of those names INPUT would be emptied.
 */
export function exportNameProblem(name: string): string | undefined {
  if (name.length > LONGEST_NAME) return `it has ${name.length} characters, ${LONGEST_NAME} are the most`;
  if (!/^[a-z][a-z0-9_-]*$/.test(name)) return 'expected a lower-case letter, then a-z, 0-9, "-" and "_"';
  if (name.startsWith('geofence')) return 'that is how the names of our own sets begin';
  return undefined;
}
