const MEGABYTE = 1024 * 1024;
/** JSON and plain forms. */
export const MAX_TEXT_BYTES = MEGABYTE;
/** A picture of 10 MB (checked again by Payload) and what multipart adds around it. */
export const MAX_UPLOAD_BYTES = 11 * MEGABYTE;
/** An application with its portrait and documents: the site takes 12 MiB, and writes it anew for us. */
const MAX_APPLICATION_BYTES = 13 * MEGABYTE;
const APPLICATION = /^\/api\/reader-applications\/submit\/?$/;

/**
 * Reads a request's body, as far as it may go.
 * @returns the bytes; null when there are none; 'too_large' as soon as the limit is passed, declared or not.
 */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer> | null | 'too_large'> {
  if (!request.body) return null;
  const isUpload = request.headers.get('content-type')?.startsWith('multipart/form-data') ?? false;
  const limit = isUpload ? uploadLimit(request) : MAX_TEXT_BYTES;
  if (Number(request.headers.get('content-length') ?? 0) > limit) return 'too_large';

  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > limit) return 'too_large';
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function uploadLimit({ url, method }: Request): number {
  return method === 'POST' && APPLICATION.test(new URL(url).pathname)
    ? MAX_APPLICATION_BYTES
    : MAX_UPLOAD_BYTES;
}
