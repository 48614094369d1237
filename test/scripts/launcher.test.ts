import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePortBase } from '../../scripts/testing/platform.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'soulseer-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Runs a command to its end. */
function run(
  command: string,
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: ROOT, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      resolve({
        code: typeof error?.code === 'number' ? error.code : error ? -1 : 0,
        output: stdout + stderr,
      });
    });
  });
}

const start = (args: string[], env: Record<string, string>) =>
  run(process.execPath, ['scripts/start.ts', ...args], { SOULSEER_HOME: home, ...env });

/** What it says, without the frame: the line that names cause and mend. */
const complaint = (output: string) => output.split('\n').filter((line) => line.startsWith('✗'));

describe('npm start says in one line what is wrong and what mends it', () => {
  test.each(['16.20.2', '8.17.0'])('too old a Node: %s', async (version) => {
    const args = ['--yes', '-p', `node@${version}`, '-c', 'node scripts/bootstrap.cjs start'];
    const { code, output } = await run('npx', args, {});
    expect(code).toBe(1);
    expect(output).toContain('SoulSeer needs Node 18 or newer');
    expect(output).toContain(`this is Node ${version}`);
  });

  test('no registry', async () => {
    const { code, output } = await run(process.execPath, ['scripts/bootstrap.cjs', 'start'], {
      SOULSEER_HOME: home,
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_cache: path.join(home, 'cache'),
    });
    expect(code).toBe(1);
    expect(complaint(output)).toHaveLength(1);
    expect(output).toContain('The npm registry can’t be reached: check the network');
  });

  test.runIf(process.getuid?.() === 0 && process.platform === 'linux')('a full disk', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', home]);
    try {
      const { code, output } = await start([], {});
      expect(code).toBe(1);
      expect(complaint(output)).toHaveLength(1);
      expect(output).toMatch(
        /The disk is nearly full: 0\.0 GB free under .*, 1\.5 GB are needed\. Free some space/,
      );
    } finally {
      execFileSync('umount', [home]);
    }
  });

  test('a port in use', async () => {
    const base = await freePortBase(5_000);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(base + 4, '127.0.0.1', resolve));
    const { code, output } = await start([], { SOULSEER_PORT_BASE: String(base) });
    await new Promise((resolve) => server.close(resolve));
    expect(code).toBe(1);
    expect(complaint(output)).toEqual([
      `✗ Port ${base + 4} (realtime) is in use by another program: stop that one, or choose other ports, for example SOULSEER_PORT_BASE=${base + 1_000} npm start`,
    ]);
  });

  test('secrets that are spoilt', async () => {
    writeFileSync(path.join(home, 'secrets.json'), '{"postgres_password": "sand');
    const { code, output } = await start([], { SOULSEER_PORT_BASE: String(await freePortBase(5_400)) });
    expect(code).toBe(1);
    expect(complaint(output)).toHaveLength(1);
    expect(output).toMatch(/secrets\.json can’t be read .*: put it right, or delete it/);
  });

  test('ports that are no number', async () => {
    const { code, output } = await start([], { SOULSEER_PORT_BASE: 'high' });
    expect(code).toBe(1);
    expect(complaint(output)).toHaveLength(1);
  });

  test('--fresh where nobody can be asked, and an option that there isn’t', async () => {
    const base = String(await freePortBase(5_200));
    const fresh = await start(['--fresh'], { SOULSEER_PORT_BASE: base });
    expect(fresh.code).toBe(1);
    expect(fresh.output).toContain('--fresh deletes all data and asks first');
    const unknown = await start(['--quickly'], { SOULSEER_PORT_BASE: base });
    expect(unknown.code).toBe(1);
    expect(complaint(unknown.output)).toHaveLength(1);
    expect(unknown.output).toMatch(/'--quickly'.* There are: --fresh .* and --yes/);
    expect(unknown.output).not.toContain('at ');
  });
});
