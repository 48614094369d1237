import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import ts from 'typescript';

// After Astro and the compiler: dist/ is to run from anywhere, and its files are to be small.

const dist = new URL('../dist/', import.meta.url);
await writeFile(new URL('package.json', dist), `${JSON.stringify({ type: 'module' })}\n`);

await cp(new URL('../src/database/migrations/', import.meta.url), new URL('database/migrations/', dist), {
  recursive: true,
});

// realtime's contract is TypeScript, which Node doesn't run out of node_modules, where a deployed one would be. So the
// build has it as JavaScript beside it, where it is found first.
const contract = new URL('../../realtime/contract/', import.meta.url);
const compiled = new URL('node_modules/realtime/', dist);
await mkdir(compiled, { recursive: true });
for (const name of await readdir(contract)) {
  const { outputText } = ts.transpileModule(await readFile(new URL(name, contract), 'utf8'), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.ESNext,
      rewriteRelativeImportExtensions: true,
    },
  });
  await writeFile(new URL(name.replace(/\.ts$/, '.js'), compiled), outputText);
}
await writeFile(
  new URL('package.json', compiled),
  `${JSON.stringify({ type: 'module', exports: { './contract': './index.js', './contract/signature': './signature.js', './contract/socket-protocol': './socket-protocol.js' } })}\n`,
);

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
