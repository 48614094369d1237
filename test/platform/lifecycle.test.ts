import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isAlive } from '../../scripts/platform/lock.ts';
import { type Launched, launch } from '../../scripts/testing/platform.ts';
import { addressOf, isReady } from '../support/addresses.ts';

const HOME = process.env.SOULSEER_HOME ?? '';
const PROGRAMS = ['site', 'realtime', 'cms', 'commerce'] as const;

let platform: Launched;

const processes = () =>
  JSON.parse(readFileSync(path.join(HOME, 'processes.json'), 'utf8')) as Record<string, number>;
const log = (name: string) => readFileSync(path.join(HOME, 'logs', `${name}.log`), 'utf8');

/** Every process that belongs to this platform: what it started says so in its environment, and so do its children. */
function ofThisPlatform(): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8');
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      const ours =
        environment.includes('SOULSEER_LAUNCHER_PID=') || command.includes(path.join(HOME, 'data/postgres'));
      return ours && environment.concat(command).includes(HOME) ? [Number(name)] : [];
    } catch {
      return []; // It has ended meanwhile.
    }
  });
}

async function everythingReady(): Promise<void> {
  for (const program of PROGRAMS) {
    await vi.waitFor(async () => expect(await isReady(addressOf(program)), program).toBe(true), {
      timeout: 90_000,
      interval: 250,
    });
  }
}

beforeAll(async () => {
  platform = launch([], {});
  await platform.ready;
});
afterAll(() => platform.interrupt());

describe('a platform that has been started before', () => {
  test('reuses what is there: builds, tables and the demo world', () => {
    expect(platform.output()).not.toMatch(/building|tables of|demo world/);
    expect(platform.output()).toContain('admin@soulseer.test');
  });

  test('refuses to be started twice', async () => {
    const second = launch([], {});
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/✗ SoulSeer runs from .* already \(process \d+\): stop that one first/);
    await everythingReady();
  });

  test.each(PROGRAMS)('kill -9 of %s: it is back, and the others stayed up', async (program) => {
    const before = processes();
    const victim = before[program];
    if (!victim) throw new Error(`${program} has no process`);
    const said = platform.output().length;
    process.kill(victim, 'SIGKILL');
    await vi.waitFor(() => expect(platform.output().slice(said)).toContain(`${program} is back`), {
      timeout: 90_000,
      interval: 100,
    });
    expect(platform.output().slice(said)).toContain(`${program} ended (SIGKILL)`);
    const after = processes();
    expect(after[program]).not.toBe(victim);
    expect({ ...after, [program]: 0 }).toEqual({ ...before, [program]: 0 });
    await everythingReady();
  });

  test('kill -9 of Postgres itself: it comes back and the programs find it again', async () => {
    const postmaster = Number(
      readFileSync(path.join(HOME, 'data/postgres/postmaster.pid'), 'utf8').split('\n')[0],
    );
    const before = processes();
    process.kill(postmaster, 'SIGKILL');
    await vi.waitFor(() => expect(platform.output()).toContain('postgres is back'), {
      timeout: 60_000,
      interval: 100,
    });
    await everythingReady();
    const after = processes();
    for (const program of PROGRAMS) expect(after[program], program).toBe(before[program]);
  });

  test('Ctrl-C stops every process, Postgres in good order', async () => {
    const pids = Object.values(processes());
    expect(pids.length).toBeGreaterThanOrEqual(8);
    expect(ofThisPlatform().length).toBeGreaterThanOrEqual(8);
    expect(await platform.interrupt()).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(ofThisPlatform()).toEqual([]);
    expect(log('postgres').slice(-2_000)).toContain('database system is shut down');
    expect(platform.output()).toContain('Everything has stopped.');
  });

  test('a launcher killed with -9 leaves no process behind, and the next start works', async () => {
    platform = launch([], {});
    await platform.ready;
    const pids = Object.values(processes());
    const launcher = Number(readFileSync(path.join(HOME, 'running'), 'utf8'));
    process.kill(launcher, 'SIGKILL');
    await vi.waitFor(() => expect(ofThisPlatform()).toEqual([]), { timeout: 30_000, interval: 250 });
    expect(pids.filter(isAlive)).toEqual([]);
    platform = launch([], {});
    await platform.ready;
    await everythingReady();
  });
});
