import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

// After Astro and the compiler: dist/ is to run from anywhere, and its files are to be small.

const dist = new URL('../dist/', import.meta.url);
await writeFile(new URL('package.json', dist), `${JSON.stringify({ type: 'module' })}\n`);

const worthIt = new Set(['.css', '.js', '.svg', '.txt']);
const client = new URL('client/', dist);
for (const name of await readdir(client, { recursive: true })) {
  if (!worthIt.has(extname(name))) continue;
  const file = new URL(name, client);
  const content = await readFile(file);
  const [brotli, zipped] = await Promise.all([
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    promisify(gzip)(content, { level: 9 }),
  ]);
  if (brotli.length < content.length) await writeFile(new URL(`${name}.br`, client), brotli);
  if (zipped.length < content.length) await writeFile(new URL(`${name}.gz`, client), zipped);
}
