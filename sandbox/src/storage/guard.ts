/** Lets only correctly signed requests through to s3rver, which by itself serves unsigned ones too. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { withCheckedBody } from './payload.ts';
import { type AccessKey, checkSignature, signedPayloadHash } from './signature.ts';

interface Guard {
  key: AccessKey;
  serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/**
 * Answers a request handler: 403 without a valid signature, 400 for a key that climbs out of its bucket and for a
 * body that is not the one that was signed.
 */
export function createGuard({ key, serve }: Guard) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = request;
    const refusal = checkSignature({ method, url, headers }, key, Date.now());
    if (refusal) return refuse(response, 403, refusal.code, refusal.message);

    const path = url.split('?', 1)[0] ?? '/';
    const source = headers['x-amz-copy-source'];
    if (climbs(path) || (typeof source === 'string' && climbs(source))) {
      return refuse(response, 400, 'InvalidURI', 'A key may not hold "." or ".." as a part of its path.');
    }

    const hash = signedPayloadHash({ method, url, headers });
    if (hash === undefined) return serve(request, response);
    const served = await withCheckedBody(request, hash, (checked) => serve(checked, response));
    if (!served) {
      refuse(response, 400, 'XAmzContentSHA256Mismatch', 'The body is not the one that was signed.');
    }
  };
}

/** Whether a path, decoded, has a part that leads elsewhere; s3rver would join it to its folder as it is. */
function climbs(path: string): boolean {
  try {
    const decoded = decodeURIComponent(path);
    return /[\\\0]/.test(decoded) || decoded.split('/').some((part) => part === '.' || part === '..');
  } catch {
    return true;
  }
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  // The body may not have been read: the connection can't be used again.
  response.writeHead(status, { 'content-type': 'application/xml', connection: 'close' });
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
