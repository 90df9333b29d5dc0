import { withInterpreter } from './interpreter.ts';
import { programPath } from './manifest.ts';
import { readIfExists } from '../system/files.ts';
import { thisProgram } from '../system/this-program.ts';
import type { Tree } from '../system/tree.ts';

/** The program as it is installed; undefined where npm has put a link to it already, which npm removes again. */
export async function programText(tree: Tree, prefix: string): Promise<string | undefined> {
  const { path, node, isNodeUsual } = thisProgram();
  if ((await tree.linkTarget(programPath(prefix))) === path) return undefined;
  const text = (await readIfExists(path))?.toString('utf8') ?? '';
  // What is staged may be for another host: there `env` has to find an unusual one.
  return tree.root === '/' || isNodeUsual ? withInterpreter(text, node) : text;
}
