import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hasCode } from './failure.ts';

/** Whether a process with this id lives (also when it belongs to somebody else). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** When a process began, as Linux counts it; empty where that can't be known. Tells a process from a later one of its id. */
function beginningOf(pid: number): string {
  try {
    // After the program's name in brackets, which may hold anything, it is the 20th word.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** The process that holds a lock with this content, if it still lives. */
function livingOwner(content: string): number | undefined {
  const [word, beginning] = content.split(' ');
  const pid = Number(word);
  if (!pid || !isAlive(pid)) return undefined;
  return beginning && beginning !== beginningOf(pid) ? undefined : pid;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Takes a lock that is a file naming its owner's process; one left by a dead process is taken over.
 * @returns a function that gives it back, or the living owner's process id.
 */
export function takeLock(file: string): (() => void) | number {
  mkdirSync(path.dirname(file), { recursive: true });
  const ours = `${process.pid} ${beginningOf(process.pid)}`;
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, ours);
  try {
    for (;;) {
      try {
        linkSync(mine, file); // With its content at once, or not at all.
        return () => {
          if (contentOf(file) === ours) rmSync(file, { force: true });
        };
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      const theirs = contentOf(file);
      if (theirs === undefined) continue;
      const owner = livingOwner(theirs);
      if (owner !== undefined) return owner;
      // Moved away rather than deleted: somebody quicker may have put a lock of their own in its place.
      const stale = `${mine}.stale`;
      try {
        renameSync(file, stale);
      } catch (error) {
        if (hasCode(error, 'ENOENT')) continue;
        throw error;
      }
      if (contentOf(stale) !== theirs) linkSync(stale, file);
      rmSync(stale, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
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
