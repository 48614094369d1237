/**
 * `pnpm --filter cms build`: Next's build, then everything that running it takes in one folder, `dist/`, which can be copied
 * anywhere and started with `node dist/cms/main.ts`.
 */
import { spawnSync } from 'node:child_process';
import { cp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const next = createRequire(import.meta.url).resolve('next/dist/bin/next');

const { status } = spawnSync(process.execPath, [next, 'build'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
});
if (status !== 0) process.exit(status ?? 1);

const dist = path.join(root, 'dist');
const program = path.join(dist, 'cms');
await rm(dist, { recursive: true, force: true });
await rename(path.join(root, '.next/standalone'), dist);
await cp(path.join(root, '.next/static'), path.join(program, '.next/static'), { recursive: true });
await cp(path.join(root, 'public'), path.join(program, 'public'), { recursive: true });
await cp(path.join(root, 'src/server/main.ts'), path.join(program, 'main.ts'));
