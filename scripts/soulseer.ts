import { spawn } from 'node:child_process';
import path from 'node:path';
import { ROOT } from './platform/layout.ts';

// pnpm soulseer <command>: realtime's command, from anywhere in the checkout.
const child = spawn(process.execPath, [path.join(ROOT, 'realtime/src/cli.ts'), ...process.argv.slice(2)], {
  // Files are named as they are seen from where the command is given.
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: 'inherit',
});
child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
