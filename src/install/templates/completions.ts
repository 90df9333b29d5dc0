import type { Command } from 'commander';
import { bashCompletion } from './bash-completion.ts';
import { completionTree } from './completion-tree.ts';
import { fishCompletion } from './fish-completion.ts';
import { zshCompletion } from './zsh-completion.ts';

/** The completions of three shells, made from the command tree. */
export function completions(program: Command): Record<'bash' | 'zsh' | 'fish', string> {
  const tree = completionTree(program);
  return { bash: bashCompletion(tree), zsh: zshCompletion(tree), fish: fishCompletion(tree) };
}
