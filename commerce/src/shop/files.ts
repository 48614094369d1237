/** The files that digital goods are: in the private bucket, out of which nothing comes but by a link that ends soon. */

import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Pool } from 'pg';
import type { Environment } from '../environment';
import { type FileType, TYPES, typeOfName } from './file-types';

export const MOST_BYTES = 512 * 1024 * 1024;
/** How long a link is good for, in seconds. */
export const LINK_S = 5 * 60;
/** The parts in which a file goes on to the storage, of which four are in memory. */
const PART_BYTES = 5 * 1024 * 1024;

export interface SoldFile {
  id: string;
  product_id: string;
  name: string;
  content_type: string;
  bytes: number;
}
export type Stored =
  | { ok: true; file: SoldFile }
  | { ok: false; code: 'type_not_allowed' | 'file_too_large' | 'file_empty' };

export interface Files {
  /** Passes a file on to the storage as it comes. What is too large or not what its name says is not kept. */
  store(product_id: string, name: string, content: Readable, by: string | null): Promise<Stored>;
  of(product_ids: readonly string[]): Promise<SoldFile[]>;
  /** Takes it out of sale and out of the storage. @returns whether it was there */
  remove(product_id: string, id: string): Promise<boolean>;
  /** An address that gives the file to whoever has it, for `LINK_S`. */
  link(id: string): Promise<string | undefined>;
  stop(): void;
}

export function openStorage(environment: Environment): S3Client {
  return new S3Client({
    endpoint: environment.S3_ENDPOINT,
    region: environment.S3_REGION,
    credentials: {
      accessKeyId: environment.S3_ACCESS_KEY_ID,
      secretAccessKey: environment.S3_SECRET_ACCESS_KEY,
    },
    forcePathStyle: true,
    // Storages other than Amazon's know no trailing checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

export function createFiles({ pool, s3, bucket }: { pool: Pool; s3: S3Client; bucket: string }): Files {
  return {
    async store(product_id, name, content, by) {
      const type = typeOfName(name);
      if (!type) return { ok: false, code: 'type_not_allowed' };
      const id = `file_${randomUUID().replaceAll('-', '')}`;
      const Key = `goods/${product_id}/${id}`;
      const counted = { bytes: 0 };
      const upload = new Upload({
        client: s3,
        partSize: PART_BYTES,
        params: {
          Bucket: bucket,
          Key,
          Body: Readable.from(checked(content, type, counted)),
          ContentType: TYPES[type].content_type,
          ContentDisposition: attachment(name),
        },
      });
      try {
        await upload.done();
      } catch (error) {
        await upload.abort().catch(() => {});
        if (error instanceof NotKept) return { ok: false, code: error.code };
        throw error;
      }
      const file = { id, product_id, name, content_type: TYPES[type].content_type, bytes: counted.bytes };
      await pool.query(
        `insert into commerce_file (id, product_id, object_key, name, content_type, bytes, created_by)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [id, product_id, Key, name, file.content_type, file.bytes, by],
      );
      return { ok: true, file };
    },

    async of(product_ids) {
      const { rows } = await pool.query<SoldFile & { bytes: string }>(
        `select id, product_id, name, content_type, bytes from commerce_file
         where product_id = any ($1) and removed_at is null order by created_at, id`,
        [product_ids],
      );
      return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
    },

    async remove(product_id, id) {
      const { rows } = await pool.query<{ object_key: string }>(
        `update commerce_file set removed_at = now() where id = $1 and product_id = $2 and removed_at is null
         returning object_key`,
        [id, product_id],
      );
      if (!rows[0]) return false;
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: rows[0].object_key }));
      return true;
    },

    async link(id) {
      const { rows } = await pool.query<{ object_key: string; name: string; content_type: string }>(
        'select object_key, name, content_type from commerce_file where id = $1 and removed_at is null',
        [id],
      );
      const [file] = rows;
      if (!file) return undefined;
      return getSignedUrl(
        s3,
        new GetObjectCommand({
          Bucket: bucket,
          Key: file.object_key,
          ResponseContentDisposition: attachment(file.name),
          ResponseContentType: file.content_type,
        }),
        { expiresIn: LINK_S },
      );
    },

    stop: () => s3.destroy(),
  };
}

/** Saved and never shown: what somebody has written must not run as a page. */
const attachment = (name: string) => `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;

class NotKept extends Error {
  constructor(readonly code: 'type_not_allowed' | 'file_too_large' | 'file_empty') {
    super(code);
  }
}

/** Lets a file through while it is what its name says and not too large. */
async function* checked(
  content: Readable,
  type: FileType,
  counted: { bytes: number },
): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  let known = false;
  // What is refused is still to be answered, so the request that it came by must stay.
  for await (const chunk of content.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    counted.bytes += chunk.length;
    if (counted.bytes > MOST_BYTES) throw new NotKept('file_too_large');
    if (known) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 16) continue;
    if (!TYPES[type].begins(head)) throw new NotKept('type_not_allowed');
    known = true;
    yield head;
  }
  if (counted.bytes === 0) throw new NotKept('file_empty');
  if (!known) throw new NotKept('type_not_allowed');
}
