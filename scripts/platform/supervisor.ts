import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { explain, Failure } from './failure.ts';
import { writeWhole } from './files.ts';
import { signalGroup, spawnNode } from './spawn-node.ts';

/** A process to keep running. */
export interface Service {
  name: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** Answers 200 when the service can be used. Without one, the service counts as ready when `probe` says so. */
  readyUrl?: string;
  probe?: () => Promise<boolean>;
  /** How long it may take to stop in good order before it is killed, in ms. */
  stopWithinMs?: number;
}

export interface SupervisorOptions {
  logs: string;
  /** A file that always says which process is which service: `{"site": 123, …}`. */
  record?: string;
  /** One line for people, whenever something happens that they should know. */
  say: (line: string) => void;
  /** Pauses before each further restart, in ms; the last one repeats. */
  pauses?: number[];
}

type State = 'starting' | 'running' | 'waiting' | 'stopping' | 'stopped';

interface Kept {
  service: Service;
  state: State;
  child?: ChildProcess;
  exited: Promise<void>;
  startedAt: number;
  restarts: number;
  timer?: NodeJS.Timeout;
}

const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];
/** After so long without a fall, a service's pauses begin anew. */
const STEADY_AFTER_MS = 60_000;
const STOP_WITHIN_MS = 12_000;
const LOG_ROTATE_BYTES = 20_000_000;

export type Supervisor = ReturnType<typeof createSupervisor>;

/**
 * Starts services, each in a process group of its own (so that a Ctrl-C reaches the launcher alone, which then stops
 * them in order), with its output in a log file; starts again what falls, with growing pauses; stops them all.
 */
export function createSupervisor({ logs, record, say, pauses = PAUSES_MS }: SupervisorOptions) {
  const all = new Map<string, Kept>();
  let stopped = false;
  mkdirSync(logs, { recursive: true });

  function logFile(name: string): string {
    return path.join(logs, `${name}.log`);
  }

  function writeRecord(): void {
    if (!record) return;
    const living = list().filter(({ state }) => state === 'starting' || state === 'running');
    try {
      writeWhole(
        record,
        `${JSON.stringify(Object.fromEntries(living.map(({ name, pid }) => [name, pid])))}\n`,
      );
    } catch (error) {
      // Called when processes end, where nobody could catch it; the services matter more than the record.
      say(`✗ ${record} could not be written: ${messageOf(error)}`);
    }
  }

  function launch(kept: Kept): void {
    const { service } = kept;
    const file = logFile(service.name);
    if (existsSync(file) && statSync(file).size > LOG_ROTATE_BYTES) renameSync(file, `${file}.1`);
    const log = openSync(file, 'a');
    const child = spawnNode(service.args, { cwd: service.cwd, env: service.env, output: log });
    closeSync(log);
    kept.child = child;
    kept.state = 'starting';
    kept.startedAt = Date.now();
    writeRecord();
    kept.exited = new Promise((resolve) => {
      child.once('error', (error) => {
        say(`✗ ${service.name} could not be started: ${error.message}`);
        resolve();
      });
      child.once('exit', (code, signal) => {
        resolve();
        fell(kept, signal ?? `exit code ${code}`);
      });
    });
  }

  function fell(kept: Kept, how: string): void {
    if (stopped || kept.state === 'stopping' || kept.state === 'stopped') return;
    if (Date.now() - kept.startedAt > STEADY_AFTER_MS) kept.restarts = 0;
    const pause = pauses[Math.min(kept.restarts, pauses.length - 1)] ?? 1_000;
    kept.restarts += 1;
    kept.state = 'waiting';
    writeRecord();
    say(
      `✗ ${kept.service.name} ended (${how}); starting it again in ${pause / 1_000} s. Log: ${path.relative(process.cwd(), logFile(kept.service.name))}`,
    );
    kept.timer = setTimeout(() => {
      if (stopped) return;
      try {
        launch(kept);
      } catch (error) {
        fell(kept, messageOf(error));
        return;
      }
      void untilReady(kept.service.name, 120_000).then(
        () => say(`✓ ${kept.service.name} is back`),
        () => {}, // It fell again, which has been said, or the platform is stopping.
      );
    }, pause);
  }

  /** Starts a service and keeps it running until `stop`. */
  function start(service: Service): void {
    if (stopped) throw new Failure(`${service.name} was not started: everything is stopping.`);
    const kept: Kept = { service, state: 'starting', exited: Promise.resolve(), startedAt: 0, restarts: 0 };
    all.set(service.name, kept);
    launch(kept);
  }

  async function answers(service: Service): Promise<boolean> {
    if (service.probe) return service.probe();
    if (!service.readyUrl) return true;
    try {
      const response = await fetch(service.readyUrl, { signal: AbortSignal.timeout(2_000) });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false; // Not listening yet: asked again.
    }
  }

  /** Waits until a service answers as ready. Fails when it ends at its first start, or is late. */
  async function untilReady(name: string, withinMs = 60_000): Promise<void> {
    const kept = all.get(name);
    if (!kept) throw new Error(`no service ${name}`);
    const deadline = Date.now() + withinMs;
    const restarts = kept.restarts;
    for (;;) {
      const { child } = kept;
      const answered = kept.state === 'starting' && (await answers(kept.service));
      // Meanwhile it may have ended, been started anew, or been told to stop.
      if (answered && kept.state === 'starting' && kept.child === child) kept.state = 'running';
      if (kept.state === 'running') return;
      const log = path.relative(process.cwd(), logFile(name));
      if (stopped) throw new Failure(`${name} was stopped.`);
      if (kept.restarts > restarts) throw new Failure(`${name} ended while starting: see ${log} for why.`);
      if (Date.now() > deadline) {
        throw new Failure(`${name} did not answer within ${withinMs / 1_000} s: see ${log} for why.`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async function stopOne(kept: Kept): Promise<void> {
    kept.state = 'stopping';
    clearTimeout(kept.timer);
    const { child } = kept;
    if (child?.pid && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const { name, stopWithinMs = STOP_WITHIN_MS } = kept.service;
      const late = setTimeout(() => {
        say(`✗ ${name} did not stop within ${stopWithinMs / 1_000} s and was killed.`);
        child.kill('SIGKILL');
      }, stopWithinMs);
      await kept.exited;
      clearTimeout(late);
    }
    clearTimeout(kept.timer);
    // Whatever it may have left in its process group.
    if (child?.pid) signalGroup(child.pid, 'SIGKILL');
    kept.state = 'stopped';
    writeRecord();
  }

  /** Stops the named services side by side and waits until their processes are gone; from then on nothing is started. */
  async function stop(names: string[]): Promise<void> {
    stopped = true;
    const found = names.map((name) => all.get(name)).filter((kept) => kept !== undefined);
    await Promise.all(found.map(stopOne));
  }

  /** What runs now, for the record and for tests. */
  function list(): { name: string; pid: number | undefined; state: State }[] {
    return [...all.values()].map(({ service, child, state }) => ({
      name: service.name,
      pid: child?.pid,
      state,
    }));
  }

  return { start, untilReady, stop, list, logFile };
}

function messageOf(error: unknown): string {
  const reason = explain(error);
  return reason instanceof Error ? reason.message : String(reason);
}
