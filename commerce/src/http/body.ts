import { type RequestHandler, raw } from 'express';

/** Keeps the body as it was sent, whatever it says it is: at most `limit` such as `64kb`. */
export const rawBody = (limit: string): RequestHandler => raw({ type: () => true, limit, inflate: false });

/** The bytes that `rawBody` kept. */
export function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** The JSON in them; nothing when it is none. */
export function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(bytesOf(body).toString('utf8'));
  } catch {
    return undefined;
  }
}
