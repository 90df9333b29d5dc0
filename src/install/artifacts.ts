import { completions } from './templates/completions.ts';
import type { Artifacts } from './manifest.ts';
import { manual } from './templates/manual.ts';
import { settingsTemplate } from './templates/settings-template.ts';
import type { Tree } from '../system/tree.ts';
import type { Context } from '../context/context.ts';
import { describedProgram, examples } from '../cli/program.ts';
import { programText } from './program-text.ts';

/** The texts of this version, for this host. */
export async function artifactsOf({ version }: Context, tree: Tree, prefix: string): Promise<Artifacts> {
  const program = await describedProgram(version);
  return {
    program: await programText(tree, prefix),
    manual: manual(program, examples),
    completions: completions(program),
    settings: settingsTemplate,
  };
}
