/** An issuer of our own on HTTP: discovery, keys, tokens as it would sign them and as it never would. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export const AUDIENCE = 'https://api.soulseer.test';

interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

/** Making a key takes a while, so issuers of one test file share the first. */
let first: Promise<SigningKey> | undefined;

export async function makeKey(): Promise<SigningKey> {
  return { kid: randomUUID(), ...(await generateKeyPair('RS256', { extractable: true })) };
}

export interface TestIssuer {
  issuer: string;
  /** The key that signs now. */
  key: () => SigningKey;
  /** A token of the issuer: good, unless claims or header say otherwise. Undefined takes a claim away. */
  token: (
    claims?: Record<string, unknown>,
    header?: Record<string, unknown>,
    key?: SigningKey,
  ) => Promise<string>;
  /** Signs with a new key from now on; the old ones are published on unless `withdraw`. */
  rotate: (options?: { withdraw?: boolean }) => Promise<void>;
  /** Whether it answers. */
  setAway: (away: boolean) => void;
  /** How often its keys were asked for. */
  asked: () => number;
  close: () => Promise<void>;
}

export async function createIssuer(clock: { now: () => number }): Promise<TestIssuer> {
  first ??= makeKey();
  let keys = [await first];
  let away = false;
  let asked = 0;
  const server = createServer(async (request, response) => {
    if (away) return response.writeHead(503).end();
    response.setHeader('content-type', 'application/json');
    if (request.url === '/.well-known/openid-configuration')
      return response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }));
    if (request.url !== '/jwks') return response.writeHead(404).end();
    asked += 1;
    const published = await Promise.all(
      keys.map(async ({ kid, publicKey }) => ({
        ...(await exportJWK(publicKey)),
        kid,
        alg: 'RS256',
        use: 'sig',
      })),
    );
    return response.end(JSON.stringify({ keys: published }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = () => keys[0] as SigningKey;
  return {
    issuer,
    key,
    async token(claims = {}, header = {}, signer = key()) {
      const now = Math.floor(clock.now() / 1_000);
      const payload: JWTPayload = {
        iss: issuer,
        aud: AUDIENCE,
        sub: 'sandbox|somebody',
        iat: now,
        exp: now + 600,
        jti: randomUUID(),
        ...claims,
      };
      return new SignJWT(JSON.parse(JSON.stringify(payload)) as JWTPayload)
        .setProtectedHeader({ alg: 'RS256', kid: signer.kid, typ: 'at+jwt', ...header })
        .sign(signer.privateKey);
    },
    async rotate({ withdraw = false } = {}) {
      keys = [await makeKey(), ...(withdraw ? [] : keys)];
    },
    setAway: (value) => (away = value),
    asked: () => asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
