import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isAlive } from '../../scripts/platform/lock.ts';
import { createSupervisor, type Service } from '../../scripts/platform/supervisor.ts';

let folder: string;
let said: string[];
let supervisor: ReturnType<typeof createSupervisor>;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'soulseer-supervisor-'));
  said = [];
  supervisor = createSupervisor({ logs: folder, say: (line) => said.push(line), pauses: [50, 100, 200] });
});

afterEach(async () => {
  await supervisor.stop(supervisor.list().map(({ name }) => name));
  rmSync(folder, { recursive: true, force: true });
});

/** A service that is a small program of its own. */
function service(name: string, source: string): Service {
  const file = path.join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  return { name, args: [file], cwd: folder, env: { PATH: process.env.PATH ?? '' } };
}

const pidOf = (name: string) => supervisor.list().find((kept) => kept.name === name)?.pid ?? 0;
const gone = (pid: number) => vi.waitFor(() => expect(isAlive(pid)).toBe(false), 10_000);

describe('supervisor', () => {
  test('keeps a service’s output in its log and stops it with SIGTERM', async () => {
    supervisor.start(
      service(
        'polite',
        `process.on('SIGTERM', () => { console.log('bye'); process.exit(0); }); console.log('hello'); setInterval(() => {}, 1000);`,
      ),
    );
    await vi.waitFor(
      () => expect(readFileSync(supervisor.logFile('polite'), 'utf8')).toContain('hello'),
      5_000,
    );
    const pid = pidOf('polite');
    await supervisor.stop(['polite']);
    expect(isAlive(pid)).toBe(false);
    expect(readFileSync(supervisor.logFile('polite'), 'utf8')).toContain('bye');
    expect(said).toEqual([]);
  });

  test('starts a killed service again, says so, and leaves the others alone', async () => {
    supervisor.start(service('one', 'setInterval(() => {}, 1000)'));
    supervisor.start(service('two', 'setInterval(() => {}, 1000)'));
    await Promise.all([supervisor.untilReady('one'), supervisor.untilReady('two')]);
    const [one, two] = [pidOf('one'), pidOf('two')];
    process.kill(one, 'SIGKILL');
    await vi.waitFor(() => expect(said.join()).toContain('one is back'), 10_000);
    expect(said[0]).toMatch(/one ended \(SIGKILL\); starting it again in 0\.05 s/);
    expect(pidOf('one')).not.toBe(one);
    expect(pidOf('two')).toBe(two);
  });

  test('waits longer each time for a service that keeps falling', async () => {
    supervisor.start(service('broken', 'process.exit(3)'));
    const pauses = () => said.flatMap((line) => /again in ([\d.]+) s/.exec(line)?.[1] ?? []);
    await vi.waitFor(() => expect(pauses().length).toBeGreaterThanOrEqual(4), 10_000);
    expect(pauses().slice(0, 4)).toEqual(['0.05', '0.1', '0.2', '0.2']);
  });

  test('a service that ends while starting is an error that names its log', async () => {
    const broken = { ...service('broken', 'process.exit(3)'), readyUrl: 'http://127.0.0.1:9/ready' };
    supervisor.start(broken);
    await expect(supervisor.untilReady('broken')).rejects.toThrow(
      /broken ended while starting: see .*broken\.log/,
    );
  });

  test('a service that never answers is an error, not a wait without end', async () => {
    supervisor.start({
      ...service('deaf', 'setInterval(() => {}, 1000)'),
      readyUrl: 'http://127.0.0.1:9/ready',
    });
    await expect(supervisor.untilReady('deaf', 300)).rejects.toThrow(/did not answer within 0\.3 s/);
  });

  test('what a stopped service leaves in its process group goes with it', async () => {
    supervisor.start(
      service(
        'parent',
        `import { spawn } from 'node:child_process';
         const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
         console.log('child ' + child.pid);`,
      ),
    );
    const log = () => readFileSync(supervisor.logFile('parent'), 'utf8');
    await vi.waitFor(() => expect(log()).toMatch(/child \d+/), 10_000);
    const child = Number(/child (\d+)/.exec(log())?.[1]);
    await supervisor.stop(['parent']);
    await gone(child);
  });

  test('nothing is started once everything is stopping', async () => {
    await supervisor.stop([]);
    expect(() => supervisor.start(service('late', ''))).toThrow(/everything is stopping/);
  });

  test('a service that becomes ready while it is being stopped stays stopped', async () => {
    const slow = service(
      'slow',
      `import { createServer } from 'node:http';
       createServer((request, response) => setTimeout(() => response.end(), 400)).listen(0, '127.0.0.1', function () {
         console.log('port ' + this.address().port);
       });`,
    );
    supervisor.start(slow);
    const log = () => readFileSync(supervisor.logFile('slow'), 'utf8');
    await vi.waitFor(() => expect(log()).toMatch(/port \d+/), 10_000);
    slow.readyUrl = `http://127.0.0.1:${/port (\d+)/.exec(log())?.[1]}/ready`;
    const ready = supervisor.untilReady('slow');
    const failed = expect(ready).rejects.toThrow('slow was stopped');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await supervisor.stop(['slow']);
    await failed;
    await new Promise((resolve) => setTimeout(resolve, 300)); // Longer than the pause before a restart.
    expect(said).toEqual([]);
    expect(isAlive(pidOf('slow'))).toBe(false);
  });

  test('a launcher that is killed takes its services with it', async () => {
    const launcher = path.join(folder, 'launcher.ts');
    const supervisorModule = path.resolve(import.meta.dirname, '../../scripts/platform/supervisor.ts');
    const sleeper = service('sleeper', `console.log('awake'); setInterval(() => {}, 1000)`);
    writeFileSync(
      launcher,
      `import { createSupervisor } from ${JSON.stringify(supervisorModule)};
       const supervisor = createSupervisor({ logs: ${JSON.stringify(folder)}, say: () => {} });
       supervisor.start(${JSON.stringify(sleeper)});
       await supervisor.untilReady('sleeper');
       console.log(supervisor.list()[0].pid);
       setInterval(() => {}, 1000);`,
    );
    const child = spawn(process.execPath, [launcher], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) =>
      child.stdout.once('data', (data) => resolve(Number(data))),
    );
    expect(isAlive(pid)).toBe(true);
    // The lifeline is loaded before the service’s own lines.
    const awake = () => readFileSync(path.join(folder, 'sleeper.log'), 'utf8');
    await vi.waitFor(() => expect(awake()).toContain('awake'), 10_000);
    child.kill('SIGKILL');
    await gone(pid);
  });
});
