import { readFileSync } from 'node:fs';

export interface Count {
  passed: number;
  failed: number;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  /** Files whose tests could not even be collected count as failed suites without a failed test. */
  testResults: {
    status: string;
    assertionResults: { title: string; status: string; duration?: number | null }[];
  }[];
}

/** A test that takes long, and how long it took. */
export interface Long {
  title: string;
  passed: boolean;
  seconds: number;
}

/** The tests of a Vitest run that took `seconds` or more, from its JSON report. */
export function longTests(file: string, seconds: number): Long[] {
  let report: VitestReport;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return [];
  }
  return report.testResults
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
  let report: VitestReport;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return { passed: 0, failed: 1 };
  }
  const empty = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + empty;
  // Vitest also fails on unhandled errors, which belong to no test.
  return { passed: report.numPassedTests, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

export function sum(counts: Count[]): Count {
  return counts.reduce((all, one) => ({ passed: all.passed + one.passed, failed: all.failed + one.failed }), {
    passed: 0,
    failed: 0,
  });
}
