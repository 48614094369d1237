/** The public door to one bucket, as a public R2 bucket behind a domain: reading by key, and nothing else. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Store } from '@20minutes/s3rver';
import { sendProblem } from '../service.ts';

const FOR_EVERYBODY = {
  'access-control-allow-origin': '*',
  'x-content-type-options': 'nosniff',
  // An uploaded document must not become a page that runs scripts here.
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
};

/** Answers a request handler: GET and HEAD of a key, one byte range, 304 for a known ETag, a problem for all else. */
export function createPublicDoor({ store, bucket }: { store: Store; bucket: string }) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(FOR_EVERYBODY)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      response.setHeader('connection', 'close');
      return sendProblem(response, 405, 'method_not_allowed', 'This door is for reading only');
    }

    const key = readKey(request.url ?? '/');
    const metadata = key === undefined ? undefined : await store.getMetadata(bucket, key).catch(ignoreAbsent);
    if (key === undefined || metadata === undefined)
      return sendProblem(response, 404, 'not_found', 'There is nothing here');

    const size = Number(metadata['content-length']);
    const etag = String(metadata.etag);
    response.setHeader('etag', etag);
    response.setHeader('last-modified', String(metadata['last-modified']));
    // Names can be used again for other pictures, so a copy is asked about again before long.
    response.setHeader('cache-control', 'public, max-age=300, stale-while-revalidate=86400');
    response.setHeader('accept-ranges', 'bytes');
    if (knows(request.headers['if-none-match'], etag)) {
      response.writeHead(304).end();
      return;
    }

    const range = readRange(request.headers.range, size);
    if (range === 'unsatisfiable') {
      response.setHeader('content-range', `bytes */${size}`);
      response.setHeader('cache-control', 'no-store');
      return sendProblem(response, 416, 'range_not_satisfiable', 'The range lies outside the file');
    }
    response.setHeader('content-type', String(metadata['content-type'] ?? 'application/octet-stream'));
    if (range) response.setHeader('content-range', `bytes ${range.start}-${range.end}/${size}`);
    response.writeHead(range ? 206 : 200, { 'content-length': range ? range.end - range.start + 1 : size });
    if (request.method === 'HEAD' || size === 0) {
      response.end();
      return;
    }
    const object = await store.getObject(bucket, key, range);
    if (!object?.content) {
      response.destroy();
      return;
    }
    // A reader who goes away half way is no error of ours.
    await pipeline(object.content, response).catch(() => response.destroy());
  };
}

/** The key of a path, or nothing when it could lead out of the bucket, names a folder, or can't be decoded. */
function readKey(url: string): string | undefined {
  try {
    const key = decodeURIComponent((url.split('?', 1)[0] ?? '').slice(1));
    if (key === '' || /[\\\0]/.test(key) || Buffer.byteLength(key) > 1024) return undefined;
    return key.split('/').some((part) => part === '' || part === '.' || part === '..') ? undefined : key;
  } catch {
    return undefined;
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ENAMETOOLONG') return undefined;
  throw error;
}

function knows(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}

/** One range `a-b`, `a-` or `-n`; anything else is answered whole, as HTTP allows. */
function readRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start > end ? 'unsatisfiable' : { start, end };
}
