import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { writeTable } from '../bench/table.ts';
import { ROOT } from './platform/layout.ts';

// pnpm bench <name> [options]: runs bench/<name>.ts, or that of the program to which it belongs.
const FOLDERS = ['bench', 'realtime/bench', 'commerce/bench', 'site/bench']
  .map((folder) => path.join(ROOT, folder))
  .filter(existsSync);

const [name, ...rest] = process.argv.slice(2);
const file = FOLDERS.map((folder) => path.join(folder, `${name}.ts`)).find(existsSync);
if (!name || !file) {
  const names = FOLDERS.flatMap((folder) => readdirSync(folder))
    .filter((entry) => entry.endsWith('.ts'))
    .map((entry) => path.parse(entry).name);
  const shared = ['table', 'support', 'figures', 'children', 'bare', 'crowd', 'generator', 'world'];
  console.error(`Which one? pnpm bench ${names.filter((entry) => !shared.includes(entry)).join(' | ')}`);
  process.exit(1);
}
// The shop is CommonJS, which Node does not read from TypeScript as it is written here.
const commerce = path.join(ROOT, 'commerce');
const loader = file.startsWith(`${commerce}${path.sep}`)
  ? ['--require', path.join(commerce, 'node_modules/ts-node/register/transpile-only')]
  : [];
const child = spawn(process.execPath, [...loader, file, ...rest], {
  env: { ...process.env, TS_NODE_PROJECT: path.join(commerce, 'tsconfig.json') },
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
// And its benches can't load what writes tables: they send theirs.
child.on('message', ({ title, rows }: { title: string; rows: string[][] }) => writeTable(name, title, rows));
child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
