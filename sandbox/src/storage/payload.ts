/** The body of a request, let through only when it is the one that was signed. */

import { createHash, randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const EMPTY = createHash('sha256').digest('hex');

/**
 * Reads the whole body, and only if its SHA-256 is `hash` (hex) calls `serve` with a request that gives it again.
 * Answers whether it did. The body waits in the system's temporary folder, not in memory.
 */
export async function withCheckedBody(
  request: IncomingMessage,
  hash: string,
  serve: (request: IncomingMessage) => Promise<void>,
): Promise<boolean> {
  if (!hasBody(request)) {
    if (hash !== EMPTY) return false;
    await serve(request);
    return true;
  }

  const name = join(tmpdir(), `soulseer-upload-${randomUUID()}`);
  const file = await open(name, 'wx+', 0o600);
  try {
    // Without a name from the start, nothing is left behind however we end.
    await rm(name);
    const actual = createHash('sha256');
    await file.writeFile(
      (async function* () {
        for await (const chunk of request) {
          actual.update(chunk);
          yield chunk;
        }
      })(),
    );
    if (actual.digest('hex') !== hash) return false;

    const { method, url, headers, socket, httpVersion, httpVersionMajor, httpVersionMinor } = request;
    const body = file.createReadStream({ start: 0, autoClose: false });
    const again = { method, url, headers, socket, httpVersion, httpVersionMajor, httpVersionMinor };
    await serve(Object.assign(body, again) as unknown as IncomingMessage);
    return true;
  } finally {
    await file.close();
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
