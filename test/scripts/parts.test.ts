import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { explain, Failure } from '../../scripts/platform/failure.ts';
import { portBase, portsFrom } from '../../scripts/platform/layout.ts';
import { takeLock, withLock } from '../../scripts/platform/lock.ts';
import { checkDisk, checkPorts, isTaken } from '../../scripts/platform/preflight.ts';
import { readOrMakeSecrets } from '../../scripts/platform/secrets.ts';
import { hashOf, openStamps } from '../../scripts/platform/stamps.ts';
import { freePortBase } from '../../scripts/testing/platform.ts';
import { countOf, longTests, sum } from '../../scripts/testing/report.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'soulseer-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('ports', () => {
  test('all come from one base, each only once', () => {
    const ports = Object.values(portsFrom(4320));
    expect(portsFrom(4320)).toMatchObject({
      site: 4321,
      cms: 4322,
      commerce: 4323,
      realtime: 4324,
      postgres: 4329,
    });
    expect(new Set(ports).size).toBe(ports.length);
    expect(Math.max(...ports)).toBeLessThan(4340);
  });

  test.each(['abc', '80', '70000', '4320.5', '-1'])('the base “%s” is refused with the mend', (text) => {
    expect(() => portBase(text)).toThrow(
      /SOULSEER_PORT_BASE is “.*”: give a whole number from 1024 to 65500/,
    );
  });

  test('a port that somebody listens on is found, and named with the mend', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const base = await freePortBase(7_000);
    const ports = { ...portsFrom(base), commerce: port };
    expect(await isTaken(port)).toBe(true);
    await expect(checkPorts(ports, base)).rejects.toThrow(
      `Port ${port} (commerce) is in use by another program: stop that one, or choose other ports, for example SOULSEER_PORT_BASE=${base + 1_000} npm start`,
    );
    await new Promise((resolve) => server.close(resolve));
    expect(await isTaken(port)).toBe(false);
  });
});

describe('disk', () => {
  test('too little room is one line with the figure', () => {
    expect(() => checkDisk(folder, Number.MAX_SAFE_INTEGER)).toThrow(
      /nearly full: [\d.]+ GB free under .* are needed/,
    );
    expect(() => checkDisk(folder, 1)).not.toThrow();
  });

  test('a full disk in the middle is explained', () => {
    expect(explain(Object.assign(new Error('write'), { code: 'ENOSPC' }))).toBeInstanceOf(Failure);
    const other = new Error('a bug');
    expect(explain(other)).toBe(other);
  });
});

describe('lock', () => {
  test('is held by one, taken over from the dead, and given back', () => {
    const file = path.join(folder, 'lock');
    writeFileSync(file, '999999999');
    const release = takeLock(file);
    if (typeof release === 'number') throw new Error('the lock of a dead process was respected');
    expect(takeLock(file)).toBe(process.pid);
    release();
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is not given back by whoever has lost it', () => {
    const file = path.join(folder, 'lock');
    const release = takeLock(file);
    writeFileSync(file, '1');
    if (typeof release === 'function') release();
    expect(takeLock(file)).toBe(1);
  });

  test.runIf(process.platform === 'linux')(
    'a later process with the id of a dead one is not taken for it',
    () => {
      const file = path.join(folder, 'lock');
      writeFileSync(file, '1 123456789012345');
      expect(typeof takeLock(file)).toBe('function');
    },
  );

  test('work waits for a living holder', async () => {
    const file = path.join(folder, 'lock');
    writeFileSync(file, '1');
    const waits: number[] = [];
    const done = withLock(
      file,
      (owner) => waits.push(owner),
      async () => 'done',
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(waits).toEqual([1]);
    rmSync(file);
    await expect(done).resolves.toBe('done');
  });
});

describe('stamps', () => {
  test('a hash changes with a name and with a content, and with nothing else', () => {
    mkdirSync(path.join(folder, 'a'));
    writeFileSync(path.join(folder, 'a/one'), '1');
    const first = hashOf(path.join(folder, 'a'));
    expect(hashOf(path.join(folder, 'a'))).toBe(first);
    writeFileSync(path.join(folder, 'a/one'), '2');
    const second = hashOf(path.join(folder, 'a'));
    writeFileSync(path.join(folder, 'a/two'), '');
    expect(new Set([first, second, hashOf(path.join(folder, 'a'))]).size).toBe(3);
  });

  test('what was stamped is known in the next start, until it changes', () => {
    const file = path.join(folder, 'data/stamps.json');
    openStamps(file).set('seed', 'x');
    expect(openStamps(file).has('seed', 'x')).toBe(true);
    expect(openStamps(file).has('seed', 'y')).toBe(false);
    expect(openStamps(file).has('other', 'x')).toBe(false);
  });
});

describe('secrets', () => {
  test('are made once, differ, and say that they are the sandbox’s', () => {
    const first = readOrMakeSecrets(folder);
    expect(readOrMakeSecrets(folder)).toEqual(first);
    const values = Object.values(first);
    expect(new Set(values).size).toBe(values.length);
    const { commerce_publishable_key: known, receipt_keys: keys, ...secrets } = first;
    for (const value of Object.values(secrets)) expect(value).toMatch(/^sandbox-[0-9a-f]{48}$/);
    expect(JSON.parse(keys)).toEqual([expect.objectContaining({ kid: expect.stringMatching(/^sandbox-/) })]);
    expect(known).toMatch(/^pk_[0-9a-f]{64}$/);
  });

  test('a spoilt file is told, not replaced', () => {
    writeFileSync(path.join(folder, 'secrets.json'), '{ not json');
    expect(() => readOrMakeSecrets(folder)).toThrow();
  });
});

describe('counting', () => {
  const report = (content: unknown) => {
    const file = path.join(folder, 'report.json');
    writeFileSync(file, JSON.stringify(content));
    return file;
  };

  test('a run without a report, or with an error of nobody’s, is a failure', () => {
    expect(countOf(path.join(folder, 'none.json'), 0)).toEqual({ passed: 0, failed: 1 });
    const clean = report({ numPassedTests: 3, numFailedTests: 0, testResults: [] });
    expect(countOf(clean, 0)).toEqual({ passed: 3, failed: 0 });
    expect(countOf(clean, 1)).toEqual({ passed: 3, failed: 1 });
  });

  test('a file that could not be collected counts', () => {
    const file = report({
      numPassedTests: 3,
      numFailedTests: 1,
      testResults: [
        { status: 'failed', assertionResults: [] },
        { status: 'failed', assertionResults: [{ status: 'failed' }] },
      ],
    });
    expect(countOf(file, 1)).toEqual({ passed: 3, failed: 2 });
    expect(sum([countOf(file, 1), { passed: 1, failed: 0 }])).toEqual({ passed: 4, failed: 2 });
  });

  test('what takes long is told by name', () => {
    const file = report({
      testResults: [
        { assertionResults: [{ title: 'slow', status: 'passed', duration: 5_000 }] },
        {
          assertionResults: [
            { title: 'quick', status: 'passed', duration: 4_999 },
            { title: 'skipped', status: 'skipped' },
            { title: 'broken', status: 'failed', duration: 70_000 },
          ],
        },
      ],
    });
    expect(longTests(file, 5)).toEqual([
      { title: 'slow', passed: true, seconds: 5 },
      { title: 'broken', passed: false, seconds: 70 },
    ]);
    expect(longTests(path.join(folder, 'none.json'), 5)).toEqual([]);
  });
});
