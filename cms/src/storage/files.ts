import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Environment } from '../environment.ts';
import { storageOptions } from './s3.ts';

export type StoredFile = { body: ReadableStream<Uint8Array>; bytes: number | undefined };

/** What lies in one bucket. */
export type Files = {
  put: (key: string, data: Uint8Array, type: string) => Promise<void>;
  /** @returns nothing when there is no such file. */
  read: (key: string) => Promise<StoredFile | undefined>;
  /** Takes files away, as far as that goes; it never fails, since whoever calls it has failed already. */
  remove: (keys: readonly string[]) => Promise<void>;
};

export function createFiles(
  environment: Environment,
  bucket: string,
  failed: (error: unknown) => void,
): Files {
  const client = new S3Client(storageOptions(environment));
  return {
    async put(key, data, type) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: data, ContentType: type }));
    },
    async read(key) {
      try {
        const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        if (!Body) return undefined;
        return { body: Body.transformToWebStream() as ReadableStream<Uint8Array>, bytes: ContentLength };
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async remove(keys) {
      for (const key of keys) {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })).catch(failed);
      }
    },
  };
}
