import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isAlive } from '../../scripts/platform/lock.ts';
import { freePortBase, type Launched, launch } from '../../scripts/testing/platform.ts';
import { addressOf, isReady } from '../support/addresses.ts';
import { openBrowser } from '../support/browser.ts';

const HOME = process.env.SOULSEER_HOME ?? '';
const PROGRAMS = ['site', 'realtime', 'cms', 'commerce'] as const;
const KILLS = process.env.SOULSEER_TESTS === 'deep' ? 5 : 1;
const VICTIMS = Array.from({ length: KILLS }, () => PROGRAMS).flat();

const launched: Launched[] = [];
let platform: Launched;

/** Starts the platform; whatever becomes of the tests, it is stopped after them. */
async function startPlatform(): Promise<void> {
  platform = launch([], {});
  launched.push(platform);
  await platform.ready;
}

const processes = () =>
  JSON.parse(readFileSync(path.join(HOME, 'processes.json'), 'utf8')) as Record<string, number>;
const log = (name: string) => readFileSync(path.join(HOME, 'logs', `${name}.log`), 'utf8');

/** A process and everything under it: Postgres's own processes leave its group, so only their parents tell. */
function familyOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      // The name of the program stands in brackets and may hold anything; the parent is the second word after it.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const family = [pid];
  for (const member of family) {
    for (const [child, parent] of parents) if (parent === member) family.push(child);
  }
  return family;
}

const launcherPid = () => Number(readFileSync(path.join(HOME, 'running'), 'utf8').split(' ')[0]);

async function everythingReady(): Promise<void> {
  for (const program of PROGRAMS) {
    await vi.waitFor(async () => expect(await isReady(addressOf(program)), program).toBe(true), {
      timeout: 90_000,
      interval: 250,
    });
  }
}

beforeAll(startPlatform);
afterAll(() => Promise.all(launched.map(({ interrupt }) => interrupt())));

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

  test.each(VICTIMS)('kill -9 of %s: it is back, and the others stayed up', async (program) => {
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

  test('whoever is signed in to an admin still is after a kill and a restart', async () => {
    const cms = addressOf('cms');
    const commerce = addressOf('commerce');
    const browser = await openBrowser();
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${cms}/admin/login`);
    await page.getByRole('link', { name: 'Sign in with SoulSeer' }).click();
    await page.getByRole('button', { name: 'admin@soulseer.test' }).click();
    await page.waitForURL(`${cms}/admin`);
    // The issuer knows them by now.
    await page.goto(`${commerce}/app/login`);
    await page.getByRole('link', { name: 'Sign in with SoulSeer' }).click();
    await page.waitForURL(/\/app\/(orders|products)/);
    const whoAmI = async () => {
      const me = await context.request.get(`${cms}/api/people/me`, { headers: { origin: cms } });
      const user = await context.request.get(`${commerce}/admin/users/me`);
      const { user: ofCms } = (await me.json()) as { user: { email: string } | null };
      const { user: ofCommerce } = (await user.json()) as { user?: { email: string } };
      return [ofCms?.email, ofCommerce?.email];
    };
    expect(await whoAmI()).toEqual(['admin@soulseer.test', 'admin@soulseer.test']);

    const { cms: cmsPid = 0, commerce: commercePid = 0 } = processes();
    const said = platform.output().length;
    for (const pid of [cmsPid, commercePid]) process.kill(pid, 'SIGKILL');
    for (const program of ['cms', 'commerce']) {
      await vi.waitFor(() => expect(platform.output().slice(said)).toContain(`${program} is back`), {
        timeout: 90_000,
        interval: 100,
      });
    }
    expect(await whoAmI()).toEqual(['admin@soulseer.test', 'admin@soulseer.test']);
    await browser.close();
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
    const family = familyOf(launcherPid());
    expect(family).toEqual(expect.arrayContaining(Object.values(processes())));
    expect(family.length).toBeGreaterThan(12); // The launcher, eight services, Postgres and its own processes.
    expect(await platform.interrupt()).toBe(0);
    expect(family.filter(isAlive)).toEqual([]);
    expect(log('postgres').slice(-2_000)).toContain('database system is shut down');
    expect(platform.output()).toContain('Everything has stopped.');
  });

  test('a launcher killed with -9 leaves no process behind, and the next start works', async () => {
    await startPlatform();
    const launcher = launcherPid();
    const family = familyOf(launcher);
    process.kill(launcher, 'SIGKILL');
    await vi.waitFor(() => expect(family.filter(isAlive)).toEqual([]), { timeout: 30_000, interval: 250 });
    await startPlatform();
    await everythingReady();
  });
});

describe('a first start that is stopped in the middle', () => {
  test.each(['roles and databases', 'building the CMS admin', 'the demo world', 'of the demo world …'])(
    'at “%s”: nothing is left',
    async (moment) => {
      const home = mkdtempSync(path.join(tmpdir(), 'soulseer-first-'));
      const first = launch([], {
        SOULSEER_HOME: home,
        SOULSEER_PORT_BASE: String(await freePortBase(8_000)),
      });
      launched.push(first);
      await vi.waitFor(() => expect(first.output()).toContain(moment), { timeout: 120_000, interval: 20 });
      const family = familyOf(Number(readFileSync(path.join(home, 'running'), 'utf8').split(' ')[0]));
      expect(await first.interrupt()).toBe(0);
      expect(family.filter(isAlive)).toEqual([]);
      expect(existsSync(path.join(home, 'running'))).toBe(false);
      expect(readFileSync(path.join(home, 'logs/postgres.log'), 'utf8')).toContain(
        'database system is shut down',
      );
      rmSync(home, { recursive: true, force: true });
    },
  );
});
