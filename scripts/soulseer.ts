import { spawn } from 'node:child_process';
import path from 'node:path';
import { ROOT } from './platform/layout.ts';

// pnpm soulseer <command>: realtime's command, and the shop's one, from anywhere in the checkout.
const given = process.argv.slice(2);
const shop = path.join(ROOT, 'commerce');
const [command, args] =
  given[0] === 'reconcile'
    ? [
        path.join(shop, 'src/reconcile/main.ts'),
        ['--require', path.join(shop, 'node_modules/ts-node/register/transpile-only')],
      ]
    : [path.join(ROOT, 'realtime/src/cli.ts'), []];
const child = spawn(process.execPath, [...args, command, ...given], {
  // Files are named as they are seen from where the command is given.
  cwd: process.env.INIT_CWD ?? process.cwd(),
  env: { ...process.env, TS_NODE_PROJECT: path.join(shop, 'tsconfig.json') },
  stdio: 'inherit',
});
child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
