import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeFiles } from './files.ts';
import { drawAll } from './pictures/index.ts';
import { makeWorld, picturesOf } from './world.ts';

/** `node sandbox/world/main.ts <dir>`: writes the demo world's data and pictures below `<dir>`. */
const [target] = process.argv.slice(2);
if (!target) {
  console.error('usage: node sandbox/world/main.ts <dir>');
  process.exit(64);
}
const dir = resolve(target);
const world = makeWorld();
mkdirSync(dir, { recursive: true });
for (const [name, data] of Object.entries(world)) {
  writeFileSync(join(dir, `${name}.json`), `${JSON.stringify(data, null, 2)}\n`);
}
writeFiles(dir, world.commerce.products);
await drawAll(
  join(dir, 'pictures'),
  picturesOf(world).map(({ file }) => file),
  (line) => console.log(line),
);
