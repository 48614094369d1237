import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The package's folder. */
export const PACKAGE = resolve(__dirname, '../..');
/** What `build` makes. */
export const BUILD = join(PACKAGE, '.medusa/server');

/** Vitest's global set-up: builds, unless the build is newer than everything that it is made of. */
export default async function buildIfStale(): Promise<void> {
  const sources = await Promise.all(
    ['src', 'medusa-config.ts', 'package.json'].map((it) => newest(join(PACKAGE, it))),
  );
  const built = await newest(join(BUILD, 'medusa-config.js'));
  const admin = await newest(join(BUILD, 'public/admin/index.html'));
  if (Math.min(built, admin) >= Math.max(...sources)) return;
  await promisify(execFile)(join(PACKAGE, 'node_modules/.bin/medusa'), ['build'], {
    cwd: PACKAGE,
    // Without Vitest's own.
    env: { PATH: process.env.PATH },
  });
}

async function newest(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  const inside = await Promise.all((await readdir(path)).map((name) => newest(join(path, name))));
  return Math.max(0, ...inside);
}
