import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { HOME, portBase, portsFrom, ROOT } from './platform/layout.ts';
import { describePrograms } from './platform/programs.ts';
import { readOrMakeSecrets } from './platform/secrets.ts';

// pnpm soulseer <command>: realtime's command, and the shop's one, from anywhere in the checkout. Of the database that
// DATABASE_URL names, or else of the platform that this checkout starts.
const given = process.argv.slice(2);
const shop = path.join(ROOT, 'commerce');
const [command, args] =
  given[0] === 'reconcile'
    ? [
        path.join(shop, 'src/reconcile/main.ts'),
        ['--require', path.join(shop, 'node_modules/ts-node/register/transpile-only')],
      ]
    : [path.join(ROOT, 'realtime/src/cli.ts'), []];
/** Where the checkout's own platform keeps what the command is about, if it was ever started. */
function ownPlatform(): { DATABASE_URL?: string; SOULSEER_ENV?: string } {
  if (process.env.DATABASE_URL || !existsSync(path.join(HOME, 'secrets.json'))) return {};
  const programs = describePrograms(portsFrom(portBase()), readOrMakeSecrets(HOME));
  const { DATABASE_URL, SOULSEER_ENV } = programs[given[0] === 'reconcile' ? 'commerce' : 'realtime'].env;
  return { ...(DATABASE_URL ? { DATABASE_URL } : {}), ...(SOULSEER_ENV ? { SOULSEER_ENV } : {}) };
}

const child = spawn(process.execPath, [...args, command, ...given], {
  // Files are named as they are seen from where the command is given.
  cwd: process.env.INIT_CWD ?? process.cwd(),
  env: { ...process.env, ...ownPlatform(), TS_NODE_PROJECT: path.join(shop, 'tsconfig.json') },
  stdio: 'inherit',
});
child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
