/** Processes that a benchmark starts, and what it asks them. */

import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';

/** Whether a process can be given a core of its own. */
export const hasTaskset = (() => {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Asks a child process and waits for its answer. */
export async function ask<T>(child: ChildProcess, question: object): Promise<T> {
  const answer = once(child, 'message');
  child.send(question);
  return (await answer)[0] as T;
}
