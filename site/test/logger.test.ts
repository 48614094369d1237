import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';

/** Both of its threads write lines that are longer than a pipe takes at once, as quickly as they can. */
const program = `
  import { Worker, isMainThread, workerData } from 'node:worker_threads';
  import { createLogger, createTurns, toStdout } from ${JSON.stringify(new URL('../dist/server/logger.js', import.meta.url).href)};
  const turns = isMainThread ? createTurns() : workerData;
  const worker = isMainThread ? new Worker(process.argv[1], { workerData: turns }) : undefined;
  const log = createLogger('info', toStdout(turns));
  for (let n = 0; n < 60; n += 1) log.info({ by: isMainThread ? 'main' : 'worker', n, long: 'x'.repeat(20_000 + n * 700) }, 'line');
  worker?.once('exit', () => process.exit());
`;

it('no line of one thread is cut by one of the other, however slowly they are read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'soulseer-log-'));
  const file = join(folder, 'program.mjs');
  await writeFile(file, program);
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  // Nobody reads, and the pipe is full.
  await pause(700);
  const lines = (await text(child.stdout))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  await rm(folder, { recursive: true });
  for (const by of ['main', 'worker'])
    expect(lines.filter((line) => line.by === by).map(({ n }) => n)).toEqual(
      Array.from({ length: 60 }, (_, n) => n),
    );
});
