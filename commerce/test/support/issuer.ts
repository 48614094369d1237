import { createHash, randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { listen } from './listen';

export const AUDIENCE = 'https://api.soulseer.test';

export interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

/** Who signs in at the issuer next. */
export interface Visitor {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
}

export async function makeKey(): Promise<SigningKey> {
  return { kid: randomUUID(), ...(await generateKeyPair('RS256', { extractable: true })) };
}

/**
 * An issuer of our own on HTTP: discovery, keys, code with PKCE, sign-out, and access tokens as it would sign them and as
 * it never would.
 */
export async function openIssuer(client: { id: string; secret: string }) {
  let keys = [await makeKey()];
  let away = false;
  let visitor: Visitor = { sub: 'nobody' };
  /** What is wrong with the next ID token. */
  let spoil: Record<string, unknown> = {};
  const codes = new Map<string, Record<string, string>>();
  const ended: (string | null)[] = [];
  const key = () => keys[0] as SigningKey;
  const sign = (payload: JWTPayload, header: Record<string, unknown> = {}, signer = key()) =>
    // Undefined takes a claim away.
    new SignJWT(JSON.parse(JSON.stringify(payload)) as JWTPayload)
      .setProtectedHeader({ alg: 'RS256', kid: signer.kid, ...header })
      .sign(signer.privateKey);
  const now = () => Math.floor(Date.now() / 1000);

  const server = await listen(async (request, response, body) => {
    if (away) return response.writeHead(503).end();
    const issuer = server.url;
    const url = new URL(request.url ?? '', issuer);
    const json = (value: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (url.pathname === '/.well-known/openid-configuration')
      return json({
        issuer,
        jwks_uri: `${issuer}/jwks`,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        end_session_endpoint: `${issuer}/end`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    if (url.pathname === '/jwks') {
      const published = keys.map(async ({ kid, publicKey }) => ({
        ...(await exportJWK(publicKey)),
        kid,
        alg: 'RS256',
        use: 'sig',
      }));
      return json({ keys: await Promise.all(published) });
    }
    if (url.pathname === '/auth') {
      const asked = Object.fromEntries(url.searchParams);
      const code = randomUUID();
      codes.set(code, asked);
      const back = new URL(asked.redirect_uri ?? '');
      back.searchParams.set('code', code);
      back.searchParams.set('state', asked.state ?? '');
      return response.writeHead(303, { location: back.href }).end();
    }
    if (url.pathname === '/token') {
      const given = Object.fromEntries(new URLSearchParams(body.toString()));
      const asked = codes.get(given.code ?? '');
      codes.delete(given.code ?? '');
      const challenge = createHash('sha256')
        .update(given.code_verifier ?? '')
        .digest('base64url');
      const basic = Buffer.from(
        request.headers.authorization?.slice('Basic '.length) ?? '',
        'base64',
      ).toString();
      // RFC 6749 has both parts encoded as in a form.
      const [id, secret] = basic.split(':').map((it) => decodeURIComponent(it));
      if (id !== client.id || secret !== client.secret) return json({ error: 'invalid_client' }, 401);
      if (
        !asked ||
        asked.code_challenge !== challenge ||
        asked.code_challenge_method !== 'S256' ||
        asked.redirect_uri !== given.redirect_uri
      )
        return json({ error: 'invalid_grant' }, 400);
      const id_token = await sign({
        iss: issuer,
        aud: client.id,
        iat: now(),
        exp: now() + 600,
        nonce: asked.nonce,
        ...visitor,
        ...spoil,
      });
      return json({ access_token: 'opaque', token_type: 'Bearer', expires_in: 600, id_token });
    }
    if (url.pathname === '/end') {
      ended.push(url.searchParams.get('id_token_hint'));
      const back = url.searchParams.get('post_logout_redirect_uri') ?? '';
      return response.writeHead(303, { location: back }).end();
    }
    return response.writeHead(404).end();
  });

  return {
    url: server.url,
    key,
    /** A good access token, unless claims, header or key say otherwise. */
    token: (claims: Record<string, unknown>, header: Record<string, unknown> = {}, signer?: SigningKey) =>
      sign(
        { iss: server.url, aud: AUDIENCE, iat: now(), exp: now() + 600, jti: randomUUID(), ...claims },
        { typ: 'at+jwt', ...header },
        signer,
      ),
    /** Signs with a new key from now on; the old ones are published on. */
    async rotate() {
      keys = [await makeKey(), ...keys];
    },
    setAway: (value: boolean) => (away = value),
    setVisitor(next: Visitor, wrong: Record<string, unknown> = {}) {
      visitor = next;
      spoil = wrong;
    },
    /** The ID tokens with which sessions were ended. */
    ended,
    close: server.close,
  };
}

export type Issuer = Awaited<ReturnType<typeof openIssuer>>;
