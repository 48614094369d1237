/** As whom Postgres runs. It refuses to be root; anybody else runs it as themselves. */

import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Unavailable } from '../service.ts';

const run = promisify(execFile);
const USER = 'postgres';

export interface Runner {
  /** Given to `spawn`, and the owner of the data; empty for ourselves. */
  identity: { uid?: number; gid?: number };
  /** Who must own the files; nothing when that is us already. */
  owner: { uid: number; gid: number } | undefined;
  wrap(program: string, args: string[]): [string, string[]];
}

/** Finds or makes the user for Postgres, able to reach `folders`. Throws `Unavailable` when there can't be one. */
export async function findRunner(folders: string[]): Promise<Runner> {
  const asIs = (program: string, args: string[]): [string, string[]] => [program, args];
  if (process.getuid?.() !== 0) return { identity: {}, owner: undefined, wrap: asIs };

  const owner = (await findUser()) ?? (await makeUser());
  const closed = await firstClosed(folders);
  if (!closed) return { identity: owner, owner, wrap: asIs };

  // A clone below /root or in a folder of mktemp: nobody but root may pass through. Rather than open somebody's
  // folder, the server keeps root's right to read and to pass everywhere while it runs as its own user; it
  // can write only what is its own. The secure bit makes access(2), with which Postgres looks for its own parts, count
  // that right too.
  const setpriv = [
    '--securebits=+no_setuid_fixup',
    '--inh-caps=+dac_read_search',
    '--ambient-caps=+dac_read_search',
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
  ];
  try {
    await run('setpriv', [...setpriv, 'test', '-x', `${closed}/.`]);
  } catch {
    throw new Unavailable(
      `Postgres doesn't run as root, and its user can't enter ${closed}: ` +
        `run "chmod o+x ${closed}", or keep SoulSeer below a folder that everybody may enter, such as /srv`,
    );
  }
  return { identity: {}, owner, wrap: (program, args) => ['setpriv', [...setpriv, '--', program, ...args]] };
}

async function findUser(): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', USER]), run('id', ['-g', USER])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function makeUser(): Promise<{ uid: number; gid: number }> {
  try {
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      USER,
    ]);
  } catch {
    throw new Unavailable(
      `Postgres doesn't run as root, and the user ${USER} can't be made: make one, or run as another user`,
    );
  }
  const made = await findUser();
  if (!made) throw new Unavailable(`the user ${USER} was made but can't be found`);
  return made;
}

/** The first folder on the way to any of `folders` that others may not enter. */
async function firstClosed(folders: string[]): Promise<string | undefined> {
  for (const start of folders) {
    for (let folder = start; ; folder = dirname(folder)) {
      if (((await stat(folder)).mode & 0o001) === 0) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}
