import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** "    at run (/usr/local/bin/geofence:12:3456)": a file, a line and a column. */
const POSITION = /([^\s()]+):(\d+):(\d+)(?=\)?$)/gm;

/**
 * Returns the text of a stack with positions of the sources in place of those of the chunks, where a map lies beside
 * them. Not Node's --enable-source-maps: it would read the map of every chunk that is loaded.
 */
export function readableStack(stack: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  return stack.replace(POSITION, (position, file: string, line: string, column: string) => {
    if (!maps.has(file)) maps.set(file, readMap(file));
    const origin = maps.get(file)?.findOrigin(Number(line), Number(column));
    return origin === undefined || !('fileName' in origin)
      ? position
      : `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
