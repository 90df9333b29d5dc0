import { stringify } from 'smol-toml';
import { COLUMNS } from '../words/format.ts';
import { defined } from './settled.ts';
import type { StatedFence } from './stated-fence.ts';
import type { Value } from './values.ts';

const renderScalar = (value: string | number | boolean): string =>
  stringify({ v: value }).trim().slice('v = '.length);

const isFences = (value: Value): value is readonly StatedFence[] =>
  typeof value === 'object' && typeof value[0] === 'object';

const renderTable = (name: string, fence: StatedFence): string =>
  [`[[${name}]]`, ...Object.entries(defined(fence)).map(([key, value]) => renderStatement(key, value))].join(
    '\n',
  );

/**
 * Renders a TOML statement such as `allow = ["CA", "US"]`; a list that does not fit its line stands on as many as it
 * takes.
 */
export function renderStatement(name: string, value: Value): string {
  if (isFences(value)) return value.map((fence) => renderTable(name, fence)).join('\n\n');
  if (typeof value !== 'object') return `${name} = ${renderScalar(value)}`;
  const items = value.map((item) => renderScalar(item));
  const line = `${name} = [${items.join(', ')}]`;
  if (line.length <= COLUMNS) return line;
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${item},`.length <= COLUMNS)
      lines[lines.length - 1] = `${last} ${item},`;
    else lines.push(`  ${item},`);
  }
  return [`${name} = [`, ...lines, ']'].join('\n');
}
