// `npm run build`: writes the bundle into dist/ (or the folder that is named), and says what came out.
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle, ROOT } from './bundle.ts';

const folder = resolve(process.argv[2] ?? join(ROOT, 'dist'));
const chunks = await bundle(folder);
const sizes = chunks.map(({ fileName }) => ({ fileName, size: statSync(join(folder, fileName)).size }));
const total = sizes.reduce((sum, { size }) => sum + size, 0);
const packages = readFileSync(join(folder, 'licences.txt'), 'utf8').match(/^-{80}$/gm)?.length ?? 0;
console.log(`${folder}: ${(total / 1e6).toFixed(2)} MB of code in ${chunks.length} files, ${packages + 1} packages`);
for (const { fileName, size } of sizes.sort((a, b) => b.size - a.size).slice(0, 8)) {
  console.log(`  ${(size / 1e3).toFixed(0).padStart(6)} kB  ${fileName}`);
}
