import { existsSync } from 'node:fs';
import { Failure } from '../platform/failure.ts';
import { installFromDebian, onPath } from './debian.ts';

/**
 * A `redis-server` for the tests of what production runs on Redis: `REDIS_SERVER_PATH`, else one found, else Debian's
 * package when this is root. Fails with the mend when none can be had.
 */
export function findRedisServer(say: (line: string) => void): string {
  const named = process.env.REDIS_SERVER_PATH;
  if (named) {
    if (!existsSync(named))
      throw new Failure(`REDIS_SERVER_PATH is ${named}, where there is nothing: correct or unset it.`);
    return named;
  }
  const found = onPath(['redis-server']);
  if (found) return found;
  installFromDebian('redis-server', say);
  const installed = onPath(['redis-server']);
  if (installed) return installed;
  throw new Failure(
    'No redis-server for the tests: install one (on Debian: apt-get install redis-server) or name it in REDIS_SERVER_PATH.',
  );
}
