import assert from 'node:assert/strict';
import { appendFile, chmod, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { HistoryLine } from '../../src/state/history.ts';
import { History } from '../../src/state/history.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const now = Date.parse('2026-11-28T12:00:00.000Z');
const at = new Date(now).toISOString();

const begun = (id: string, changes: readonly string[] = ['create set x']): HistoryLine => ({
  id,
  at,
  command: 'refresh --allow CA',
  by: 'alice',
  changes,
});

const run = (id: string, exitCode?: number, changes?: readonly string[]): object => {
  const { id: _, ...entry } = begun(id, changes);
  return exitCode === undefined ? entry : { ...entry, exitCode };
};

test('a run is what it set out to change, and how it ended, also beside others', async (t) => {
  const history = new History(join(await tempDir(t), 'state'));
  await history.append(begun('a', ['one']));
  await history.append(begun('b'));
  await history.append(begun('a', ['two']));
  await history.append({ id: 'a', exitCode: 1 });
  assert.deepEqual(await history.read(now), {
    entries: [run('a', 1, ['one', 'two']), run('b')],
    problems: [],
  });
});

test('a run is forgotten after a year', async (t) => {
  const history = new History(await tempDir(t));
  await history.append(begun('a'));
  const day = 86_400_000;
  assert.equal((await history.read(now + 366 * day)).entries.length, 1);
  assert.equal((await history.read(now + 366 * day + 1)).entries.length, 0);
});

test('a line that was cut is told, and hides no other', async (t) => {
  const dir = await tempDir(t);
  const history = new History(dir);
  await history.append(begun('a'));
  await appendFile(join(dir, 'history.jsonl'), '{"id":"b","at":"2026-1\n{"id":"c","at":1}\nnull\n');
  await history.append({ id: 'a', exitCode: 0 });
  assert.deepEqual(await history.read(now), {
    entries: [run('a', 0)],
    problems: [`"${join(dir, 'history.jsonl')}" has 3 damaged lines`],
  });
});

test('what a terminal would obey is damage', async (t) => {
  const dir = await tempDir(t);
  const history = new History(dir);
  await writeFile(
    join(dir, 'history.jsonl'),
    `${JSON.stringify({ ...begun('a'), command: '\u001B[2J' })}\n${JSON.stringify(begun('b', ['\u009B2J']))}\n`,
    { mode: 0o644 },
  );
  const { entries, problems } = await history.read(now);
  assert.deepEqual(entries, []);
  assert.equal(problems.length, 1);
});

test('the history takes two files of one MiB at most, and the latest runs are in them', async (t) => {
  const dir = await tempDir(t);
  const history = new History(dir);
  // 100 kB a line: some 30 of them are more than what is kept.
  for (let i = 0; i < 30; i++) await history.append(begun(String(i), [`${i} ${'x'.repeat(100_000)}`]));
  assert.deepEqual((await readdir(dir)).sort(), ['history.1.jsonl', 'history.jsonl']);
  for (const name of await readdir(dir)) assert.ok((await stat(join(dir, name))).size < 1.2e6, name);
  const { entries, problems } = await history.read(now);
  const first = 30 - entries.length;
  assert.deepEqual(
    entries.map(({ changes }) => Number(changes[0]?.split(' ')[0])),
    Array.from({ length: entries.length }, (_, i) => first + i),
  );
  assert.ok(entries.length > 10, `${entries.length} runs are left`);
  assert.deepEqual(problems, []);
});

test('the history is not written where others can write, and not through a link', async (t) => {
  const [dir, other] = [await tempDir(t), await tempDir(t)];
  await symlink(join(other, 'target'), join(dir, 'history.jsonl'));
  await assert.rejects(
    async () => await new History(dir).append(begun('a')),
    /^GeofenceError: Cannot write ".*history.jsonl": it is a symbolic link$/,
  );
  assert.deepEqual(await readdir(other), []);
  await chmod(other, 0o777);
  await assert.rejects(
    async () => await new History(other).append(begun('a')),
    /^UntrustedFolderError: Cannot use the state folder ".*": everybody may write it$/,
  );
  assert.deepEqual(await readdir(other), []);
});

test('a history that others could have written is not told as ours', async (t) => {
  const dir = await tempDir(t);
  const history = new History(dir);
  await history.append(begun('a'));
  await chmod(join(dir, 'history.jsonl'), 0o666);
  assert.deepEqual(await history.read(now), {
    entries: [],
    problems: [`"${join(dir, 'history.jsonl')}" cannot be used: everybody may write it`],
  });
});
