/**
 * How programs sign the calls they make to each other: docs/service-calls.md, whose vector the test repeats. Written here
 * once more, since `realtime/contract/signature.ts` is a module of ES that a deployed copy inside node_modules can't load.
 */

import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

/** Furthest that a caller's clock may be from ours, in milliseconds. */
const WINDOW_MS = 5 * 60_000;

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

/** The secrets in one environment value: the first signs, all are believed. */
export function serviceSecrets(value: string): string[] {
  return value
    .split(',')
    .map((secret) => secret.trim())
    .filter(Boolean);
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

/** Why a call is not to be believed, or nothing when one of `secrets` signed it. */
export function refusalOf(
  secrets: readonly string[],
  request: SignedRequest & { header: (name: string) => string | undefined },
  nowMs: number,
): SignatureCode | undefined {
  const key = request.header('x-soulseer-key');
  const time = request.header('x-soulseer-time');
  const nonce = request.header('x-soulseer-nonce');
  const signature = request.header('x-soulseer-signature');
  if (!key || !time || !nonce || !signature) return 'signature_missing';
  const secret = secrets.find((one) => keyIdOf(one) === key);
  if (secret === undefined) return 'signature_unknown_key';
  const given = Buffer.from(signature, 'base64url');
  const wanted = mac(secret, key, request, time, nonce);
  const wellFormed = /^\d{1,15}$/.test(time) && /^[0-9a-f-]{36}$/.test(nonce);
  if (!wellFormed || given.length !== wanted.length || !timingSafeEqual(given, wanted))
    return 'signature_wrong';
  return Math.abs(nowMs - Number(time)) > WINDOW_MS ? 'signature_expired' : undefined;
}

function keyIdOf(secret: string): string {
  return createHash('sha256').update(`soulseer-key-id:${secret}`).digest('hex').slice(0, 16);
}

function mac(secret: string, key: string, request: SignedRequest, time: string, nonce: string): Buffer {
  const body = createHash('sha256')
    .update(request.body ?? '')
    .digest('hex');
  return createHmac('sha256', secret)
    .update([key, request.method.toUpperCase(), request.path, body, time, nonce].join('\n'))
    .digest();
}
