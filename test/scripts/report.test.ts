import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { countOf, failuresOf } from '../../scripts/testing/report.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'report-'));

function report(name: string, testResults: object[]): string {
  const file = path.join(folder, `${name}.json`);
  const all = testResults.flatMap(
    (suite) => (suite as { assertionResults: { status: string }[] }).assertionResults,
  );
  const count = (status: string) => all.filter((one) => one.status === status).length;
  writeFileSync(
    file,
    JSON.stringify({ numPassedTests: count('passed'), numFailedTests: count('failed'), testResults }),
  );
  return file;
}

const suite = { name: path.resolve('test/one.test.ts'), status: 'failed', message: '' };

test('a failed test is told by file, name and message, without the terminal’s colours', () => {
  const file = report('failed', [
    {
      ...suite,
      assertionResults: [
        { title: 'is well', fullName: 'it is well', status: 'passed' },
        {
          title: 'adds up',
          fullName: 'it adds up',
          status: 'failed',
          failureMessages: ['\u001B[31mexpected 1 to be 2\u001B[39m\n  at one.test.ts:3'],
        },
      ],
    },
  ]);
  expect(countOf(file, 1)).toEqual({ passed: 1, failed: 1 });
  expect(failuresOf(file, 1)).toEqual([
    '✗ test/one.test.ts: it adds up\n    expected 1 to be 2\n      at one.test.ts:3',
  ]);
});

test.each([
  ['can’t be collected', []],
  ['are not begun since what they need can’t be made', [{ title: 'a', fullName: 'a', status: 'skipped' }]],
])('a file whose tests %s is one failure, with its reason', (_, assertionResults) => {
  const file = report('empty', [{ ...suite, message: 'no such module', assertionResults }]);
  expect(countOf(file, 1)).toEqual({ passed: 0, failed: 1 });
  expect(failuresOf(file, 1)).toEqual(['✗ test/one.test.ts: its tests could not begin\n    no such module']);
});

test('a run that leaves no report has failed, and so has one with an error outside of any test', () => {
  const none = path.join(folder, 'none.json');
  expect(countOf(none, null)).toEqual({ passed: 0, failed: 1 });
  expect(failuresOf(none, null)).toHaveLength(1);
  const green = report('green', [
    { ...suite, status: 'passed', assertionResults: [{ title: 'a', fullName: 'a', status: 'passed' }] },
  ]);
  expect(countOf(green, 1)).toEqual({ passed: 1, failed: 1 });
  expect(failuresOf(green, 1)).toHaveLength(1);
  expect(countOf(green, 0)).toEqual({ passed: 1, failed: 0 });
  expect(failuresOf(green, 0)).toEqual([]);
});
