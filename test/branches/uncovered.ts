// Which blocks of a source file never ran in this process, by V8's own count. Node strips types without moving a letter, so
// the places are those of the file.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

export type Uncovered = { readonly file: string; readonly line: number; readonly code: string };

const root = fileURLToPath(new URL('../../', import.meta.url));

/** To be called before the files are imported; answers a function that tells what never ran. */
export async function watchCoverage(files: readonly string[]): Promise<() => Promise<readonly Uncovered[]>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return async () => {
    const { result } = await session.post('Profiler.takePreciseCoverage');
    session.disconnect();
    const found: Uncovered[] = [];
    for (const file of files) {
      const script = result.find(({ url }) => url.endsWith(`/${file}`));
      if (script === undefined) {
        found.push({ file, line: 1, code: 'the file was never loaded' });
        continue;
      }
      const text = readFileSync(`${root}${file}`, 'utf8');
      for (const { ranges } of script.functions) {
        for (const { count, startOffset, endOffset } of ranges) {
          const code = text.slice(startOffset, endOffset).replace(/\s+/g, ' ').trim();
          // V8 counts the brace after a `return` as a block of its own.
          if (count > 0 || /^[})\];,]*$/.test(code)) continue;
          found.push({ file, line: text.slice(0, startOffset).split('\n').length, code: code.slice(0, 120) });
        }
      }
    }
    return found;
  };
}
