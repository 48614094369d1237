import { createApiHandler } from '../../src/api/handler.ts';
import type { Cms } from './cms.ts';
import { testEnvironment } from './environment.ts';
import { Browser, type Issuer } from './issuer.ts';

const ORIGIN = testEnvironment.CMS_URL;

export type Answer = {
  status: number;
  type: string | null;
  // What a route answers is what its test asserts.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  body: any;
  headers: Headers;
};

/** The CMS's API as browsers and programs call it, and sign-ins to the admin through a real issuer. */
export function browse(cms: Cms, issuer: Issuer) {
  const handle = createApiHandler(cms.config);

  const raw = (path: string, init?: RequestInit) => handle(new Request(`${ORIGIN}${path}`, init));
  const call = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await raw(`/api${path}`, init);
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text,
      headers: response.headers,
    };
  };

  /** The way through the issuer and back; answers the last response and the cookies that the browser has then. */
  const signIn = async (email: string, { browser = new Browser(), returnTo = '', cookie = '' } = {}) => {
    const query = returnTo && `?return_to=${encodeURIComponent(returnTo)}`;
    const begun = await raw(`/api/auth/sign-in${query}`);
    const jar = cookiesOf(begun, cookie);
    const back = await issuer.choose(begun.headers.get('location') ?? '', email, browser);
    const finished = await raw(back.slice(ORIGIN.length), { headers: { cookie: jar } });
    return { response: finished, cookie: cookiesOf(finished, jar), back, attempt: jar };
  };

  /** A signed-in browser's headers: its cookie, and the page that it shows. */
  const asPerson = async (email: string) => {
    const { cookie } = await signIn(email);
    return { cookie, origin: ORIGIN };
  };

  return { call, raw, signIn, asPerson };
}

/** What a browser would send back, given what it had. */
export function cookiesOf(response: Response, had = ''): string {
  const jar = new Map(
    had
      .split('; ')
      .filter(Boolean)
      .map((pair) => split(pair)),
  );
  for (const cookie of response.headers.getSetCookie()) {
    const [name, value] = split(cookie.split(';')[0] as string);
    if (cookie.includes('Max-Age=0')) jar.delete(name);
    else jar.set(name, value);
  }
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}

function split(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}

export const json = (body: unknown, headers: Record<string, string> = {}, method = 'POST'): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
