import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import S3rver from '@20minutes/s3rver';

export type Storage = {
  endpoint: string;
  /** What lies in a bucket. */
  keys: (bucket?: 'media' | 'private') => Promise<string[]>;
  close: () => Promise<void>;
};

/** A real S3 server with two empty buckets, `media` and `private`, kept in a folder of its own. */
export async function startStorage(): Promise<Storage> {
  const directory = await mkdtemp(path.join(tmpdir(), 'cms-storage-'));
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    vhostBuckets: false,
    configureBuckets: [{ name: 'media' }, { name: 'private' }],
  });
  const { port } = await server.run();
  const suffix = '._S3rver_object';
  return {
    endpoint: `http://127.0.0.1:${port}`,
    keys: async (bucket = 'media') =>
      (await readdir(path.join(directory, bucket), { recursive: true }))
        .filter((file) => file.endsWith(suffix))
        .map((file) => file.slice(0, -suffix.length))
        .sort(),
    close: async () => {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
