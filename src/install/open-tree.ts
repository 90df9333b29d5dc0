import { GeofenceError } from '../errors.ts';
import { Tree } from '../system/tree.ts';

interface Access {
  /** Whether the files are only looked at. */
  readonly isDryRun: boolean;
  readonly isRoot: boolean;
}

/**
 * Returns the files of the host, or those below `root` (--root). Throws GeofenceError where somebody who is not root would
 * change those of the host.
 */
export function openTree(root = '/', { isDryRun, isRoot }: Access): Tree {
  const tree = new Tree(root);
  if (tree.root !== '/' || isDryRun || isRoot) return tree;
  throw new GeofenceError('Cannot change the files of this host: it takes root', {
    hint: 'run it with sudo, look with --dry-run, or choose another folder with --root',
  });
}
