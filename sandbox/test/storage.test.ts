import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StorageEnvironment, storageEnvironment } from '../src/environment.ts';
import { createLog } from '../src/log.ts';
import { checkSignature } from '../src/storage/signature.ts';
import { startStorage } from '../src/storage/storage.ts';
import { freePort } from './support/ports.ts';

let folder: string;
let environment: StorageEnvironment;
let service: Awaited<ReturnType<typeof startStorage>>;
let s3: S3Client;
let endpoint: string;
let media: string;

function connect(secretAccessKey: string, accessKeyId = 'sandbox-key'): S3Client {
  return new S3Client({
    endpoint,
    region: 'auto',
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soulseer-storage-'));
  environment = storageEnvironment.parse({
    SOULSEER_ENV: 'development',
    PORT: String(await freePort()),
    MEDIA_PORT: String(await freePort()),
    DATA_DIR: join(folder, 'storage'),
    S3_ACCESS_KEY_ID: 'sandbox-key',
    S3_SECRET_ACCESS_KEY: 'sandbox-secret',
  });
  endpoint = `http://localhost:${environment.PORT}`;
  media = `http://localhost:${environment.MEDIA_PORT}`;
  service = await startStorage(environment, createLog('storage', 'silent'));
  s3 = connect('sandbox-secret');
  await put('media', 'portraits/élan vital (1).avif', 'a picture', 'image/avif');
  await put('private', 'book.pdf', 'a secret book', 'application/pdf');
});

afterAll(async () => {
  s3.destroy();
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

async function put(bucket: string, key: string, body: string, type: string) {
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: body,
      ContentType: type,
      CacheControl: 'no-cache',
    }),
  );
}

async function keys(bucket: string): Promise<(string | undefined)[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key }) => Key);
}

/** A request with exactly this path: `fetch` would tidy it. */
function raw(
  base: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const request = httpRequest({ hostname, port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('the S3 port, signed', () => {
  it('puts, heads, gets, lists, copies and deletes, whatever letters a key has', async () => {
    const odd = 'folder/a b+c!()*=@:,$~ü.txt';
    await put('private', odd, 'text', 'text/plain');
    expect((await s3.send(new HeadObjectCommand({ Bucket: 'private', Key: odd }))).ContentLength).toBe(4);
    const got = await s3.send(new GetObjectCommand({ Bucket: 'private', Key: odd }));
    expect(await got.Body?.transformToString()).toBe('text');
    expect(got.ContentType).toBe('text/plain');
    expect(await keys('private')).toContain(odd);
    await s3.send(
      new CopyObjectCommand({ Bucket: 'private', Key: 'copy.txt', CopySource: 'private/book.pdf' }),
    );
    expect(await keys('private')).toContain('copy.txt');
    for (const key of [odd, 'copy.txt'])
      await s3.send(new DeleteObjectCommand({ Bucket: 'private', Key: key }));
    expect(await keys('private')).toEqual(['book.pdf']);
  });

  it('serves a presigned link, with a file name of its own, and takes a presigned upload', async () => {
    const url = await getSignedUrl(
      s3,
      new GetObjectCommand({
        Bucket: 'private',
        Key: 'book.pdf',
        ResponseContentDisposition: 'attachment; filename="book.pdf"',
      }),
      { expiresIn: 300 },
    );
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('a secret book');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="book.pdf"');

    const upload = await getSignedUrl(s3, new PutObjectCommand({ Bucket: 'private', Key: 'up.txt' }), {
      expiresIn: 300,
    });
    expect((await fetch(upload, { method: 'PUT', body: 'up' })).status).toBe(200);
    await s3.send(new DeleteObjectCommand({ Bucket: 'private', Key: 'up.txt' }));
  });

  it('refuses a wrong secret and an unknown key', async () => {
    for (const stranger of [
      connect('wrong'),
      connect('sandbox-secret', 'other-key'),
      connect('S3RVER', 'S3RVER'),
    ]) {
      await expect(stranger.send(new ListObjectsV2Command({ Bucket: 'media' }))).rejects.toMatchObject({
        $metadata: { httpStatusCode: 403 },
      });
      await expect(
        stranger.send(new PutObjectCommand({ Bucket: 'media', Key: 'x', Body: 'x' })),
      ).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
      stranger.destroy();
    }
    expect(await keys('media')).toEqual(['portraits/élan vital (1).avif']);
  });

  it('refuses a presigned link that was changed, has ended, or says two things', async () => {
    const sign = (expiresIn: number, signingDate = new Date()) =>
      getSignedUrl(s3, new GetObjectCommand({ Bucket: 'private', Key: 'book.pdf' }), {
        expiresIn,
        signingDate,
      });
    const good = await sign(60);
    const changes = [
      good.replace('book.pdf', 'other.pdf'),
      good.replace('/private/', '/media/'),
      good.replace(/X-Amz-Expires=60/, 'X-Amz-Expires=600'),
      good
        .replace(/(X-Amz-Signature=)./, '$10')
        .replace(/(X-Amz-Signature=)0+/, (all) => (good.includes(all) ? `${all.slice(0, -1)}1` : all)),
      `${good}&response-content-type=text%2Fhtml`,
      `${good}&X-Amz-Expires=600`,
      good.replace(/&X-Amz-Signature=[0-9a-f]+/, ''),
      await sign(1, new Date(Date.now() - 5_000)),
      await sign(60, new Date(Date.now() + 3_600_000)),
    ];
    expect((await fetch(good)).status).toBe(200);
    for (const url of changes) expect((await fetch(url)).status, url).toBe(403);
    expect((await fetch(good, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(good, { method: 'PUT', body: 'mine now' })).status).toBe(403);
    expect((await fetch(good, { headers: { authorization: 'AWS4-HMAC-SHA256 x' } })).status).toBe(403);
    expect((await fetch(good, { headers: { 'x-amz-copy-source': '/private/book.pdf' } })).status).toBe(403);
  });

  it('refuses keys that climb out, even signed', async () => {
    for (const key of ['../private/x.txt', 'a/../../x.txt']) {
      await expect(s3.send(new PutObjectCommand({ Bucket: 'media', Key: key, Body: 'x' }))).rejects.toThrow();
    }
    await expect(
      s3.send(
        new CopyObjectCommand({
          Bucket: 'media',
          Key: 'stolen.txt',
          CopySource: 'media/../private/book.pdf',
        }),
      ),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    expect(await keys('private')).toEqual(['book.pdf']);
  });
});

describe('the hash that an upload is signed with', () => {
  /** A client that signs, rightly, that it sends `text`, whatever it then sends. */
  function claiming(text: string): S3Client {
    const client = connect('sandbox-secret');
    client.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        headers['x-amz-content-sha256'] = createHash('sha256').update(text).digest('hex');
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );
    return client;
  }

  it.each(['a forged book', 'short', ''])('refuses the body “%s” in place of it', async (text) => {
    const Body = Buffer.from(text);
    const forger = claiming('a genuine book');
    for (const Key of ['book.pdf', 'new/other.pdf']) {
      await expect(forger.send(new PutObjectCommand({ Bucket: 'private', Key, Body }))).rejects.toMatchObject(
        {
          name: 'XAmzContentSHA256Mismatch',
          $metadata: { httpStatusCode: 400 },
        },
      );
    }
    await forger.send(new PutObjectCommand({ Bucket: 'private', Key: 'good.txt', Body: 'a genuine book' }));
    forger.destroy();
    expect(await keys('private')).toEqual(['book.pdf', 'good.txt']);
    await s3.send(new DeleteObjectCommand({ Bucket: 'private', Key: 'good.txt' }));
    const kept = await s3.send(new GetObjectCommand({ Bucket: 'private', Key: 'book.pdf' }));
    expect(await kept.Body?.transformToString()).toBe('a secret book');
  });

  it('refuses another list of what is to be deleted', async () => {
    const forger = claiming('<Delete/>');
    const Delete = { Objects: [{ Key: 'book.pdf' }] };
    await expect(forger.send(new DeleteObjectsCommand({ Bucket: 'private', Delete }))).rejects.toMatchObject({
      name: 'XAmzContentSHA256Mismatch',
    });
    forger.destroy();
    expect(await keys('private')).toEqual(['book.pdf']);
  });

  it('answers as ever where there is no such bucket', async () => {
    const put = s3.send(new PutObjectCommand({ Bucket: 'absent', Key: 'x', Body: randomBytes(1024 * 1024) }));
    await expect(put).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('takes an empty object, and a large one whole', async () => {
    for (const body of [Buffer.alloc(0), randomBytes(24 * 1024 * 1024)]) {
      await s3.send(new PutObjectCommand({ Bucket: 'private', Key: 'large.bin', Body: body }));
      const got = await s3.send(new GetObjectCommand({ Bucket: 'private', Key: 'large.bin' }));
      expect(body.equals((await got.Body?.transformToByteArray()) ?? Buffer.of(1))).toBe(true);
    }
    await s3.send(new DeleteObjectCommand({ Bucket: 'private', Key: 'large.bin' }));
  });
});

describe('the S3 port, unsigned', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/media'],
    ['GET', '/media?list-type=2'],
    ['GET', '/media/portraits/%C3%A9lan%20vital%20(1).avif'],
    ['HEAD', '/private/book.pdf'],
    ['GET', '/private/book.pdf'],
    ['GET', '/private/book.pdf%0A'],
    ['GET', '//private/book.pdf'],
    ['GET', '/private/book.pdf?x-amz-algorithm=AWS4-HMAC-SHA256'],
    ['GET', '/private/book.pdf?Signature=x&AWSAccessKeyId=sandbox-key&Expires=9999999999'],
    ['PUT', '/private/mine.txt'],
    ['PUT', '/mine'],
    ['POST', '/private?delete'],
    ['DELETE', '/private/book.pdf'],
    ['DELETE', '/private'],
    ['OPTIONS', '/private/book.pdf'],
  ])('refuses %s %s', async (method, path) => {
    expect((await raw(endpoint, method, path)).status).toBe(403);
    expect(await keys('private')).toEqual(['book.pdf']);
  });

  it('refuses an upload by a form', async () => {
    const form = new FormData();
    form.set('key', 'mine.txt');
    form.set('file', new Blob(['mine']), 'mine.txt');
    expect((await fetch(`${endpoint}/media`, { method: 'POST', body: form })).status).toBe(403);
    expect((await fetch(endpoint, { headers: { authorization: 'AWS sandbox-key:abc' } })).status).toBe(403);
  });

  it('answers health without a signature', async () => {
    expect((await fetch(`${endpoint}/health`)).status).toBe(200);
    expect(await (await fetch(`${endpoint}/ready`)).json()).toMatchObject({ status: 'ready' });
  });
});

describe('the public door', () => {
  const key = 'portraits/%C3%A9lan%20vital%20(1).avif';

  it('serves a picture to any site, to be asked about again after five minutes, with its type and ETag', async () => {
    const response = await fetch(`${media}/${key}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('a picture');
    expect(response.headers.get('content-type')).toBe('image/avif');
    expect(response.headers.get('cache-control')).toBe('public, max-age=300, stale-while-revalidate=86400');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const etag = response.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    const known = await fetch(`${media}/${key}`, { headers: { 'if-none-match': etag } });
    expect(known.status).toBe(304);
    expect(known.headers.get('cache-control')).toBe('public, max-age=300, stale-while-revalidate=86400');
    const head = await fetch(`${media}/${key}`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe('9');
    expect(await head.text()).toBe('');
  });

  it('serves a range', async () => {
    const part = await fetch(`${media}/${key}`, { headers: { range: 'bytes=2-4' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe('bytes 2-4/9');
    expect(await part.text()).toBe('pic');
    expect(await (await fetch(`${media}/${key}`, { headers: { range: 'bytes=0-0' } })).text()).toBe('a');
    expect(await (await fetch(`${media}/${key}`, { headers: { range: 'bytes=-3' } })).text()).toBe('ure');
    expect((await fetch(`${media}/${key}`, { headers: { range: 'bytes=50-' } })).status).toBe(416);
  });

  it.each([
    '/',
    '/portraits',
    '/portraits/',
    '/absent.avif',
    '/?list-type=2',
    '/private/book.pdf',
    '/media/portraits/x.avif',
    '/../private/book.pdf',
    '/%2e%2e/private/book.pdf',
    '/..%2fprivate%2fbook.pdf',
    '/portraits/..%2f..%2fprivate/book.pdf',
    '/..%5cprivate%5cbook.pdf',
    '/%00',
    '/%ff',
    '//private/book.pdf',
    '/portraits/%C3%A9lan%20vital%20(1).avif._S3rver_object',
    '/portraits/%C3%A9lan%20vital%20(1).avif._S3rver_metadata.json',
    `/${'x'.repeat(2000)}`,
    `/${'x'.repeat(300)}`,
  ])('has nothing at %s', async (path) => {
    const { status, text } = await raw(media, 'GET', path);
    expect(status).toBe(404);
    expect(JSON.parse(text)).toMatchObject({ status: 404, code: 'not_found' });
  });

  it.each(['PUT', 'POST', 'DELETE', 'PATCH'])('refuses %s', async (method) => {
    const { status, text } = await raw(media, method, `/${key}`, {}, method === 'DELETE' ? undefined : 'x');
    expect(status).toBe(405);
    expect(JSON.parse(text)).toMatchObject({ code: 'method_not_allowed' });
    expect(await keys('media')).toEqual(['portraits/élan vital (1).avif']);
  });
});

describe('signature', () => {
  it('agrees with the example that AWS publishes', () => {
    const request = {
      method: 'GET',
      url:
        '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
        '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
        '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
      headers: { host: 'examplebucket.s3.amazonaws.com' },
    };
    const key = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
    const signedAt = Date.UTC(2013, 4, 24);
    expect(checkSignature(request, key, signedAt + 86_400_000)).toBeUndefined();
    expect(checkSignature(request, key, signedAt + 86_400_001)).toMatchObject({
      message: 'Request has expired',
    });
    expect(checkSignature({ ...request, headers: { host: 'elsewhere' } }, key, signedAt)).toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });
});
