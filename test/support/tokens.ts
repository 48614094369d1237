import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { addressOf } from './addresses.ts';

const AUDIENCE = 'https://api.soulseer.test';

/** A secret of the platform under test. */
export function secretOf(name: string): string {
  const file = path.join(process.env.SOULSEER_HOME ?? '', 'secrets.json');
  const secret = (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)[name];
  if (!secret) throw new Error(`${file} has no ${name}`);
  return secret;
}

/** Keeps the cookies of one browser without a window. */
function createJar() {
  const cookies = new Map<string, string>();
  return async function open(
    address: string,
    init: { method?: string; body?: URLSearchParams } = {},
  ): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(address, {
      ...init,
      redirect: 'manual',
      headers: { cookie },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1);
      const at = pair.indexOf('=');
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  };
}

/** A demo account's address, or somebody who has no account yet. */
type Who = string | { newEmail: string; name: string };

/** An access token of somebody, as the site would get it. */
export const accessTokenOf = async (who: Who): Promise<string> => (await tokensOf(who)).access_token;

/** What the sandbox's issuer gives for somebody by the code flow with the site's own client. */
export async function tokensOf(who: Who): Promise<{ access_token: string; id_token: string }> {
  const open = createJar();
  const verifier = randomBytes(32).toString('base64url');
  const redirect = `${addressOf('site')}/auth/callback`;
  const discovery = await fetch(`${addressOf('identity')}/.well-known/openid-configuration`);
  const issuer = (await discovery.json()) as { authorization_endpoint: string; token_endpoint: string };
  const asked = new URLSearchParams({
    client_id: 'soulseer-site',
    redirect_uri: redirect,
    response_type: 'code',
    scope: 'openid profile email',
    audience: AUDIENCE,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const [act, form]: [string, Record<string, string>] =
    typeof who === 'string'
      ? ['choose', { email: who }]
      : ['create', { email: who.newEmail, display_name: who.name, password: 'a fine password' }];
  let response = await open(`${issuer.authorization_endpoint}?${asked}`);
  for (let hop = 0; hop < 8; hop += 1) {
    const location = response.headers.get('location');
    if (!location) throw new Error(`no way on from the issuer: ${response.status} ${await response.text()}`);
    const next = new URL(location, addressOf('identity'));
    if (next.href.startsWith(redirect)) {
      const tokens = await fetch(issuer.token_endpoint, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`soulseer-site:${secretOf('site_client_secret')}`).toString('base64')}`,
        },
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code: next.searchParams.get('code') ?? '',
          redirect_uri: redirect,
          code_verifier: verifier,
        }),
      });
      const { access_token, id_token } = (await tokens.json()) as Record<string, string | undefined>;
      if (!access_token || !id_token) throw new Error(`the issuer gave no tokens: ${tokens.status}`);
      return { access_token, id_token };
    }
    response = next.pathname.startsWith('/interaction/')
      ? await open(`${next}/${act}`, { method: 'POST', body: new URLSearchParams(form) })
      : await open(next.href);
  }
  throw new Error('the issuer leads in a circle');
}
