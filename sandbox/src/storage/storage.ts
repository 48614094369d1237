/** Puts storage together: s3rver on a folder → the guard before it → the public door beside it. */

import { access, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import S3rver from '@20minutes/s3rver';
import account from '@20minutes/s3rver/lib/models/account.js';
import type { StorageEnvironment } from '../environment.ts';
import type { Log } from '../log.ts';
import { openDoor } from '../service.ts';
import { createGuard } from './guard.ts';
import { createPublicDoor } from './public.ts';

export const MEDIA_BUCKET = 'media';
export const PRIVATE_BUCKET = 'private';

/** Starts both doors and answers how to stop them. */
export async function startStorage(
  environment: StorageEnvironment,
  log: Log,
): Promise<{ stop: () => Promise<void> }> {
  const directory = resolve(environment.DATA_DIR);
  await mkdir(directory, { recursive: true });

  const key = { id: environment.S3_ACCESS_KEY_ID, secret: environment.S3_SECRET_ACCESS_KEY };
  // s3rver knows one key that is the same for everybody; ours takes its place.
  account.DUMMY_ACCOUNT.revokeAccessKey('S3RVER');
  account.DUMMY_ACCOUNT.createKeyPair(key.id, key.secret);
  const s3 = new S3rver({
    directory,
    silent: true,
    vhostBuckets: false,
    // The guard has checked the signature already, over the exact bytes of the address; s3rver's own check encodes
    // some keys otherwise than the SDKs do.
    allowMismatchedSignatures: true,
    configureBuckets: [{ name: MEDIA_BUCKET }, { name: PRIVATE_BUCKET }],
  });
  await s3.configureBuckets();

  const { HOST: host, PORT: port, MEDIA_PORT: mediaPort } = environment;
  const checks = { folder: () => access(directory) };
  const guarded = await openDoor({
    host,
    port,
    log,
    checks,
    handler: createGuard({ key, serve: s3.getMiddleware() }),
  });
  try {
    const handler = createPublicDoor({ store: s3.store, bucket: MEDIA_BUCKET });
    const open = await openDoor({ host, port: mediaPort, log, checks, handler });
    return {
      async stop() {
        await Promise.all([guarded.close(), open.close()]);
      },
    };
  } catch (error) {
    await guarded.close();
    throw error;
  }
}
