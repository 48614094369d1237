import path from 'node:path';
import { LOGS, type Ports } from './layout.ts';

/** The table that a start ends with: addresses, demo accounts, where the logs are. */
export function summary(ports: Ports, tookMs: number): string {
  const at = (name: keyof Ports, rest = '') => `http://localhost:${ports[name]}${rest}`;
  const rows: [string, string][] = [
    ['Site', at('site')],
    ['CMS admin', at('cms', '/admin')],
    ['Shop admin', at('commerce', '/app')],
    ['realtime', at('realtime', '/docs')],
    ['Mail', at('mail')],
    ['Identity', at('identity')],
    ['Payments', at('payments')],
  ];
  const accounts = ['client', 'client2', 'reader', 'reader2', 'admin', 'suspended'].map(
    (name) => `${name}@soulseer.test`,
  );
  const logs = path.relative(process.cwd(), LOGS) || LOGS;
  return [
    '',
    `  SoulSeer is ready after ${(tookMs / 1_000).toFixed(1)} s.`,
    '',
    ...rows.map(([name, address]) => `    ${name.padEnd(12)} ${address}`),
    '',
    `    Accounts     ${accounts.slice(0, 3).join('  ')}`,
    `                 ${accounts.slice(3).join('  ')}`,
    '    Password     soulseer',
    `    Logs         ${logs}${path.sep}*.log`,
    '',
    '  Ctrl-C stops everything.',
    '',
  ].join('\n');
}
