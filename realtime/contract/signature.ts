/** How programs sign the calls they make to each other: docs/service-calls.md. For servers only. */

import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

/** Furthest that a caller's clock may be from the callee's, in milliseconds. */
export const SIGNATURE_WINDOW_MS = 5 * 60_000;

/** What is signed, besides the key's id, the time and the nonce. */
export interface SignedRequest {
  method: string;
  /** Path and query, as they are sent. */
  path: string;
  body?: string | Uint8Array | undefined;
}

export type SignatureCode =
  | 'signature_missing'
  | 'signature_unknown_key'
  | 'signature_wrong'
  | 'signature_expired';

export type SignatureVerdict =
  | { ok: true; caller: string; nonce: string; timeMs: number }
  | { ok: false; code: SignatureCode };

/** The secrets in one environment value: the first signs, all are believed. */
export function serviceSecrets(value: string): string[] {
  return value
    .split(',')
    .map((secret) => secret.trim())
    .filter(Boolean);
}

export function keyIdOf(secret: string): string {
  return createHash('sha256').update(`soulseer-key-id:${secret}`).digest('hex').slice(0, 16);
}

/** The headers that sign `request` under `secret` at `nowMs`. A call that is tried again is signed again. */
export function signRequest(
  secret: string,
  request: SignedRequest,
  nowMs: number,
  nonce: string = randomUUID(),
): Record<string, string> {
  const key = keyIdOf(secret);
  return {
    'x-soulseer-key': key,
    'x-soulseer-time': String(nowMs),
    'x-soulseer-nonce': nonce,
    'x-soulseer-signature': mac(secret, key, request, String(nowMs), nonce).toString('base64url'),
  };
}

/**
 * Checks a signature. `callers` are the secrets of each caller that may call here at all; the answer names which it was.
 * Remembering nonces, where money moves, is for the callee.
 */
export function verifyRequest(
  callers: Readonly<Record<string, readonly string[]>>,
  request: SignedRequest & { header: (name: string) => string | undefined },
  nowMs: number,
): SignatureVerdict {
  const key = request.header('x-soulseer-key');
  const time = request.header('x-soulseer-time');
  const nonce = request.header('x-soulseer-nonce');
  const signature = request.header('x-soulseer-signature');
  if (!key || !time || !nonce || !signature) return { ok: false, code: 'signature_missing' };

  for (const [caller, secrets] of Object.entries(callers)) {
    const secret = secrets.find((one) => keyIdOf(one) === key);
    if (secret === undefined) continue;
    const given = Buffer.from(signature, 'base64url');
    const wanted = mac(secret, key, request, time, nonce);
    // The form of time and nonce is checked as well, since they are kept and compared by those who trust them.
    const wellFormed = /^\d{1,15}$/.test(time) && /^[0-9a-f-]{36}$/.test(nonce);
    if (!wellFormed || given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      return { ok: false, code: 'signature_wrong' };
    }
    if (Math.abs(nowMs - Number(time)) > SIGNATURE_WINDOW_MS) return { ok: false, code: 'signature_expired' };
    return { ok: true, caller, nonce, timeMs: Number(time) };
  }
  return { ok: false, code: 'signature_unknown_key' };
}

function mac(secret: string, key: string, request: SignedRequest, time: string, nonce: string): Buffer {
  const body = createHash('sha256')
    .update(request.body ?? '')
    .digest('hex');
  return createHmac('sha256', secret)
    .update([key, request.method.toUpperCase(), request.path, body, time, nonce].join('\n'))
    .digest();
}
