import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of package.json: tests run compiled, golden files stay in the source tree. */
export function projectRoot(from: string = import.meta.dirname): string {
  if (existsSync(join(from, 'test', 'golden')) && existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) return process.cwd();
  return projectRoot(parent);
}

/** Compares a text with test/golden/NAME; UPDATE_GOLDEN=1 writes it anew. */
export function assertGolden(text: string, name: string): void {
  const path = join(projectRoot(), 'test', 'golden', name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const golden = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  if (text === golden) return;
  const hint = `differs from ${path}; if that is meant, run the tests with UPDATE_GOLDEN=1 and review the change`;
  if (golden === undefined) assert.fail(`"${name}" is missing: ${hint}`);
  try {
    assert.equal(text, golden);
  } catch (error) {
    throw new Error(`"${name}" ${hint}`, { cause: error });
  }
}
