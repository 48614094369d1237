import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import path from 'node:path';
import { hasCode } from './failure.ts';

const LIFELINE = path.join(import.meta.dirname, 'lifeline.ts');

/**
 * Starts a Node process that can't outlive this one, in a process group of its own: a Ctrl-C in the terminal reaches the
 * launcher alone, which then stops what it has started in good order.
 */
export function spawnNode(
  args: string[],
  { cwd, env, output }: { cwd: string; env: NodeJS.ProcessEnv; output: 'pipe' | number },
): ChildProcess {
  const options: SpawnOptions = {
    cwd,
    env: { ...env, SOULSEER_LAUNCHER_PID: String(process.pid) },
    detached: true,
    stdio: ['ignore', output, output, 'pipe'],
  };
  // Not --import: that would load a CommonJS program as a module, past what it requires first (ts-node in commerce).
  return spawn(process.execPath, ['--require', LIFELINE, ...args], options);
}

/** Sends a signal to a process group; one that has ended already is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}
