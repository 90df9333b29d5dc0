import { GeofenceError } from '../errors.ts';
import { thisProgram } from '../system/this-program.ts';
import { Tree } from '../system/tree.ts';

/**
 * The files of the host, or those below `root` (--root). Throws GeofenceError where somebody who is not root would change
 * those of the host; with `isDryRun` they are only looked at.
 */
export function openTree(root = '/', { isDryRun }: { isDryRun: boolean }): Tree {
  const tree = new Tree(root);
  if (tree.root !== '/' || isDryRun || thisProgram().isRoot) return tree;
  throw new GeofenceError('Cannot change the files of this host: it takes root', {
    hint: 'run it with sudo, look with --dry-run, or choose another folder with --root',
  });
}
