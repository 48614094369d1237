import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { HOME, portBase, portsFrom, ROOT } from './platform/layout.ts';
import { describePrograms } from './platform/programs.ts';
import { readOrMakeSecrets } from './platform/secrets.ts';

// pnpm soulseer <command>: realtime's command, and the shop's one, from anywhere in the checkout. Without a DATABASE_URL it is
// about the platform of this checkout, when there is one.
const given = process.argv.slice(2);
const shop = path.join(ROOT, 'commerce');
const isShops = given[0] === 'reconcile';
const [command, args] = isShops
  ? [
      path.join(shop, 'src/reconcile/main.ts'),
      ['--require', path.join(shop, 'node_modules/ts-node/register/transpile-only')],
    ]
  : [path.join(ROOT, 'realtime/src/cli.ts'), []];

function ownPlatform(): Record<string, string> {
  if (process.env.DATABASE_URL || !existsSync(path.join(HOME, 'secrets.json'))) return {};
  const programs = describePrograms(portsFrom(portBase()), readOrMakeSecrets(HOME));
  return (isShops ? programs.commerce : programs.realtime).env;
}

const child = spawn(process.execPath, [...args, command, ...given], {
  // Files are named as they are seen from where the command is given.
  cwd: process.env.INIT_CWD ?? process.cwd(),
  env: { ...ownPlatform(), ...process.env, TS_NODE_PROJECT: path.join(shop, 'tsconfig.json') },
  stdio: 'inherit',
});
child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
