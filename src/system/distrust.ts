/** What tells who can change a file or folder, as stat(2) has it. */
interface Ownership {
  readonly uid: number;
  readonly mode: number;
}

/**
 * Why what is in a file or folder may be another user's doing: `user` is who runs this process, and what root owns is
 * believed by everybody. Undefined when only these two can have changed it.
 */
export function distrust({ uid, mode }: Ownership, user: number): string | undefined {
  if (uid !== 0 && uid !== user) return `it belongs to user ${uid}`;
  if ((mode & 0o002) !== 0) return 'everybody may write it';
  return (mode & 0o020) === 0 ? undefined : 'its group may write it';
}

/** The effective user id of this process. */
export const myself = (): number => process.geteuid?.() ?? 0;
