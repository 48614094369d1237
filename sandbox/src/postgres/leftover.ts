/** Finds and stops a server that outlived the process that started it. */

import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Log } from '../log.ts';
import { Unavailable } from '../service.ts';

const run = promisify(execFile);
const FAST_SHUTDOWN_MS = 20_000;

/**
 * After a `kill -9` of our process its server lives on with the folder locked: stop that one cleanly.
 * A server whose starter is alive belongs to another running sandbox: throws `Unavailable`.
 */
export async function stopLeftover(dataDir: string, log: Log): Promise<void> {
  const lockFile = join(dataDir, 'postmaster.pid');
  const pid = Number((await readFile(lockFile, 'utf8').catch(() => '')).split('\n', 1)[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;

  const found = await describeProcess(pid);
  if (!found?.command.includes(dataDir)) {
    // The number was given to another program since (after a reboot, say); Postgres would not dare to remove this.
    await rm(lockFile, { force: true });
    return;
  }
  const starter = await describeProcess(found.parent);
  if (starter?.command.includes('postgres/main.ts')) {
    throw new Unavailable(`another sandbox (process ${found.parent}) runs Postgres on ${dataDir}`);
  }

  log.warn('stopping a server left by a killed process', { pid });
  process.kill(pid, 'SIGINT');
  for (const deadline = Date.now() + FAST_SHUTDOWN_MS; Date.now() < deadline; await pause(50)) {
    if (!isAlive(pid)) return;
  }
  // Immediate shutdown: nothing is lost, the next start replays the log.
  process.kill(pid, 'SIGQUIT');
  for (const deadline = Date.now() + FAST_SHUTDOWN_MS; Date.now() < deadline; await pause(50)) {
    if (!isAlive(pid)) return;
  }
  throw new Unavailable(`a server left on ${dataDir} (process ${pid}) can't be stopped`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Parent and command line of a process, or nothing when there is none; `/proc` first, since a container may lack `ps`. */
async function describeProcess(pid: number): Promise<{ parent: number; command: string } | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    return { parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]), command };
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    const { stdout } = await run('ps', ['-o', 'ppid=,command=', '-p', String(pid)]);
    const match = /^\s*(\d+)\s+(.*)$/.exec(stdout.trim());
    return match?.[2] ? { parent: Number(match[1]), command: match[2] } : undefined;
  } catch {
    return undefined;
  }
}
