/** Makes a new, empty cluster. */

import { execFile } from 'node:child_process';
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Runner } from './runner.ts';

const run = promisify(execFile);

/** Runs initdb on `folder`, which must not exist; the superuser is `postgres` with `password`. */
export async function initialise({
  initdb,
  runner,
  folder,
  password,
}: {
  initdb: string;
  runner: Runner;
  folder: string;
  password: string;
}): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  const secrets = await mkdtemp(join(dirname(folder), '.initdb-'));
  const passwordFile = join(secrets, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (runner.owner) {
    for (const path of [folder, secrets, passwordFile]) await chown(path, runner.owner.uid, runner.owner.gid);
  }
  try {
    const [command, args] = runner.wrap(initdb, [
      `--pgdata=${folder}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The built-in provider sorts the same on every machine, whatever locales it has.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ]);
    await run(command, args, runner.identity);
  } finally {
    await rm(secrets, { recursive: true, force: true });
  }
}
