// Stacks in terms of the sources. The bundle's own places say little, and letting Node translate every stack costs 10 MB
// from the start: here a map is read when there is a bug to tell of.
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

const PLACE = /(file:\/\/[^\s()"\\]+\.js):(\d+):(\d+)/g;

/** Replaces every place in the bundle with the place in the sources, in whatever text it stands. */
export function inSources(text: string): string {
  const maps = new Map<string, SourceMap | null>();
  return text.replaceAll(PLACE, (place: string, url: string, line: string, column: string) => {
    if (!maps.has(url)) maps.set(url, readMap(url));
    const entry = maps.get(url)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return place;
    const { originalSource, originalLine, originalColumn } = entry;
    return `${originalSource.replace(/^.*?\/(?=(src|node_modules)\/)/, '')}:${originalLine + 1}:${originalColumn + 1}`;
  });
}

/** Where in our sources a bug showed, ` (at src/…)`; empty when its stack does not say. */
export function whereShown(error: unknown): string {
  const stack = error instanceof Error ? inSources(error.stack ?? '') : '';
  const place = /\bsrc\/[a-z0-9/-]+\.ts:\d+:\d+/.exec(stack)?.[0];
  return place === undefined ? '' : ` (at ${place})`;
}

function readMap(url: string): SourceMap | null {
  const file = `${fileURLToPath(url)}.map`;
  return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : null;
}
