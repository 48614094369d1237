import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Whether a process with this id lives (also when it belongs to somebody else). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Takes a lock that is a file holding its owner's process id; one left by a dead process is taken over.
 * @returns a function that gives it back, or the living owner's process id.
 */
export function takeLock(file: string): (() => void) | number {
  mkdirSync(path.dirname(file), { recursive: true });
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const owner = Number(readFileSync(file, 'utf8'));
      if (owner > 0 && owner !== process.pid && isAlive(owner)) return owner;
      rmSync(file, { force: true });
    }
  }
}

/** Runs `work` while holding the lock, waiting for whoever holds it. `waiting` is told once when there is a wait. */
export async function withLock<T>(
  file: string,
  waiting: (owner: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  let told = false;
  for (;;) {
    const taken = takeLock(file);
    if (typeof taken === 'function') {
      try {
        return await work();
      } finally {
        taken();
      }
    }
    if (!told) waiting(taken);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
