import { GeofenceError } from '../errors.ts';
import { thisProgram } from '../system/this-program.ts';
import { Tree } from '../system/tree.ts';
import type { Context } from '../context/context.ts';

/** The files of the host, which only root may change, or those of --root. */
export function openTree({ flags }: Context, root = '/'): Tree {
  const tree = new Tree(root);
  if (tree.root !== '/' || flags.dryRun || thisProgram().isRoot) return tree;
  throw new GeofenceError('Cannot change the files of this host: it takes root', {
    hint: 'run it with sudo, look with --dry-run, or choose another folder with --root',
  });
}
