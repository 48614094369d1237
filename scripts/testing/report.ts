import { readFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ROOT } from '../platform/layout.ts';

export interface Count {
  passed: number;
  failed: number;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: {
      title: string;
      fullName: string;
      status: string;
      duration?: number | null;
      failureMessages?: string[] | null;
    }[];
  }[];
}

/** A test that takes long, and how long it took. */
export interface Long {
  title: string;
  passed: boolean;
  seconds: number;
}

/** Lines of a failure's message that are told again at the end. */
const LINES_TOLD = 12;

/** What a Vitest run wrote down as JSON, or nothing when it left none. */
function read(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return undefined;
  }
}

/** The tests of a Vitest run that took `seconds` or more, from its JSON report. */
export function longTests(file: string, seconds: number): Long[] {
  return (read(file)?.testResults ?? [])
    .flatMap(({ assertionResults }) => assertionResults)
    .map(({ title, status, duration }) => ({
      title,
      passed: status === 'passed',
      seconds: (duration ?? 0) / 1_000,
    }))
    .filter((test) => test.seconds >= seconds);
}

/** What a Vitest run counted, from its JSON report; a run that left none counts as one failure. */
export function countOf(file: string, exitCode: number | null): Count {
  const report = read(file);
  if (!report) return { passed: 0, failed: 1 };
  const empty = report.testResults.filter(failedWhole).length;
  const failed = report.numFailedTests + empty;
  // Vitest also fails on unhandled errors, which belong to no test.
  return { passed: report.numPassedTests, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

/** What failed in a Vitest run, each with its file and the beginning of its message: a long run's output is often kept only in part. */
export function failuresOf(file: string, exitCode: number | null): string[] {
  const report = read(file);
  if (!report) return [`no report in ${path.relative(ROOT, file)} (exit code ${exitCode})`];
  const failures = report.testResults.flatMap((suite) => {
    const told = (title: string, message: string) =>
      [
        `✗ ${path.relative(ROOT, suite.name)}: ${title}`,
        ...stripVTControlCharacters(message)
          .split('\n')
          .slice(0, LINES_TOLD)
          .map((line) => `    ${line}`),
      ].join('\n');
    if (failedWhole(suite)) return [told('its tests could not begin', suite.message)];
    return suite.assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => told(fullName, failureMessages?.[0] ?? ''));
  });
  return failures.length === 0 && exitCode !== 0
    ? ['✗ an error outside of any test: see the output above']
    : failures;
}

/** A file that failed without any of its tests failing: it can't be read, or what it prepares went wrong. */
const failedWhole = ({ status, assertionResults }: VitestReport['testResults'][number]): boolean =>
  status === 'failed' && !assertionResults.some((one) => one.status === 'failed');

export function sum(counts: Count[]): Count {
  return counts.reduce((all, one) => ({ passed: all.passed + one.passed, failed: all.failed + one.failed }), {
    passed: 0,
    failed: 0,
  });
}
