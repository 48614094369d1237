/**
 * AWS Signature Version 4 for S3, checked: in the `Authorization` header or in the query of a presigned address.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface AccessKey {
  id: string;
  secret: string;
}

export interface SignedRequest {
  method: string;
  /** Path and query exactly as they came. */
  url: string;
  headers: IncomingHttpHeaders;
}

export interface Refusal {
  code: string;
  message: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MOST_SKEW_MS = 15 * 60_000;
const MOST_EXPIRY_SECONDS = 7 * 24 * 60 * 60;

interface Claim {
  credential: string;
  date: string;
  signedHeaders: string[];
  signature: string;
  payloadHash: string;
  query: [string, string][];
  /** Seconds that a presigned address is good for. */
  expires?: number;
}

/** Answers nothing when the request is signed with `key` and timely at `nowMs`, else why it is refused. */
export function checkSignature(request: SignedRequest, key: AccessKey, nowMs: number): Refusal | undefined {
  const claim = readClaim(request);
  if (!claim) return { code: 'AccessDenied', message: 'Every request here must be signed.' };

  const [accessKeyId, day, region, service, end, ...more] = claim.credential.split('/');
  const wellFormed = day && region && service === 's3' && end === 'aws4_request' && more.length === 0;
  if (!wellFormed || !claim.date.startsWith(day))
    return { code: 'AccessDenied', message: 'The credential is malformed.' };
  if (accessKeyId !== key.id)
    return { code: 'InvalidAccessKeyId', message: 'The access key is not known here.' };

  const signedAt = parseDate(claim.date);
  if (signedAt === undefined) return { code: 'AccessDenied', message: 'The date is malformed.' };
  if (claim.expires !== undefined) {
    if (nowMs > signedAt + claim.expires * 1000)
      return { code: 'AccessDenied', message: 'Request has expired' };
    if (signedAt - nowMs > MOST_SKEW_MS) return { code: 'AccessDenied', message: 'Request is not yet valid' };
  } else if (Math.abs(nowMs - signedAt) > MOST_SKEW_MS) {
    return { code: 'RequestTimeTooSkewed', message: 'The request’s time is too far from the server’s.' };
  }

  // What is not signed could have been put in by anybody on the way.
  const unsigned = Object.keys(request.headers).find(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !claim.signedHeaders.includes(name),
  );
  if (unsigned) return { code: 'AccessDenied', message: `The header ${unsigned} is not signed.` };

  const path = request.url.split('?', 1)[0] ?? '/';
  const canonical = [
    request.method,
    path,
    canonicalQuery(claim.query),
    ...claim.signedHeaders.map((name) => `${name}:${headerText(request.headers[name])}`),
    '',
    claim.signedHeaders.join(';'),
    claim.payloadHash,
  ].join('\n');
  const scope = [day, region, service, end].join('/');
  const toSign = [ALGORITHM, claim.date, scope, createHash('sha256').update(canonical).digest('hex')].join(
    '\n',
  );
  const signingKey = [day, region, service, end].reduce<string | Buffer>(hmac, `AWS4${key.secret}`);
  const expected = hmac(signingKey, toSign);
  const given = Buffer.from(/^[0-9a-f]{64}$/.test(claim.signature) ? claim.signature : '', 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return { code: 'SignatureDoesNotMatch', message: 'The signature does not match the request.' };
  }
  return undefined;
}

/** The hash that the body was signed with: 64 hex digits, or nothing when the body was left out of the signature. */
export function signedPayloadHash(request: SignedRequest): string | undefined {
  const hash = readClaim(request)?.payloadHash.toLowerCase();
  return hash !== undefined && /^[0-9a-f]{64}$/.test(hash) ? hash : undefined;
}

function readClaim({ url, headers }: SignedRequest): Claim | undefined {
  const query = parseQuery(url);
  if (!query) return undefined;
  const inQuery = query.some(([name]) => name.toLowerCase() === 'x-amz-algorithm' || name === 'Signature');
  const { authorization } = headers;

  if (authorization !== undefined && !inQuery) {
    const match = new RegExp(
      `^${ALGORITHM} +Credential=([^, ]+), *SignedHeaders=([^, ]+), *Signature=([^, ]+)$`,
    ).exec(authorization);
    const date = headers['x-amz-date'];
    const payloadHash = headers['x-amz-content-sha256'];
    if (!match || typeof date !== 'string' || typeof payloadHash !== 'string') return undefined;
    const [, credential = '', names = '', signature = ''] = match;
    return { credential, date, signedHeaders: names.split(';'), signature, payloadHash, query };
  }

  if (authorization === undefined && inQuery) {
    const one = (name: string) => {
      const found = query.filter(([given]) => given === name);
      return found.length === 1 ? found[0]?.[1] : undefined;
    };
    const [credential, date, names, signature] = ['Credential', 'Date', 'SignedHeaders', 'Signature'].map(
      (part) => one(`X-Amz-${part}`),
    );
    const expires = Number(one('X-Amz-Expires'));
    if (one('X-Amz-Algorithm') !== ALGORITHM || !credential || !date || !names || !signature)
      return undefined;
    if (!Number.isInteger(expires) || expires < 1 || expires > MOST_EXPIRY_SECONDS) return undefined;
    const payloadHash = one('X-Amz-Content-Sha256') ?? headerText(headers['x-amz-content-sha256']);
    return {
      credential,
      date,
      signedHeaders: names.split(';'),
      signature,
      payloadHash: payloadHash || 'UNSIGNED-PAYLOAD',
      query: query.filter(([name]) => name !== 'X-Amz-Signature'),
      expires,
    };
  }
  return undefined;
}

function parseQuery(url: string): [string, string][] | undefined {
  const start = url.indexOf('?');
  if (start === -1) return [];
  try {
    return url
      .slice(start + 1)
      .split('&')
      .filter(Boolean)
      .map((pair) => {
        const [name = '', ...value] = pair.split('=');
        return [decodeURIComponent(name), decodeURIComponent(value.join('='))];
      });
  } catch {
    return undefined;
  }
}

function canonicalQuery(query: [string, string][]): string {
  return query
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map((pair) => pair.join('='))
    .join('&');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** RFC 3986: all but letters, digits, `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function headerText(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().replace(/ +/g, ' ');
}

/** `20261120T101500Z` as milliseconds since 1970. */
function parseDate(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
