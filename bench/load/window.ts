/** A browser without a window: cookies, redirects, and an address of its own, as the site's door sees it. */

/** Given up after so long. */
const TIMEOUT_MS = 30_000;

export interface Answered {
  status: number;
  url: string;
  text: string;
  /** From the request to the last byte. */
  took_ms: number;
}

export interface Window {
  get(url: string): Promise<Answered>;
  /** Sends a form as a page would, and follows where it leads. */
  submit(url: string, fields: Record<string, string>): Promise<Answered>;
  /** Asks for JSON, or sends it; anything but a 2xx is thrown. */
  ask<T>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    url: string,
    body?: object,
  ): Promise<T & { took_ms: number }>;
  readonly address: string;
}

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: string | URLSearchParams;
}

let opened = 0;

/** Of the network that is set apart for such tests (RFC 2544): limits by address hold for each as for people in their homes. */
function nextAddress(): string {
  opened += 1;
  return `198.${18 + (opened >> 16)}.${(opened >> 8) & 255}.${opened & 255}`;
}

export function openWindow(): Window {
  const address = nextAddress();
  const cookies = new Map<string, string>();

  async function once(url: string, init: Sent): Promise<Response> {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        ...init.headers,
        'x-forwarded-for': address,
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1);
      const at = pair.indexOf('=');
      if (/;\s*max-age=0\b/i.test(line) || pair.length === at + 1) cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  async function follow(url: string, init: Sent): Promise<Answered> {
    const began = performance.now();
    let [at, asked] = [url, init];
    for (let hop = 0; hop < 12; hop += 1) {
      const response = await once(at, asked);
      const location = response.headers.get('location');
      const text = await response.text();
      if (!location) return { status: response.status, url: at, text, took_ms: performance.now() - began };
      at = new URL(location, at).href;
      asked = {};
    }
    throw new Error(`${url} leads in a circle`);
  }

  return {
    address,
    get: (url) => follow(url, {}),
    submit: (url, fields) =>
      follow(url, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { origin: new URL(url).origin },
      }),
    async ask<T>(method: string, url: string, body?: object) {
      const began = performance.now();
      const response = await once(url, {
        method,
        headers: {
          accept: 'application/json',
          origin: new URL(url).origin,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 300)}`);
      return { ...(text ? (JSON.parse(text) as T) : ({} as T)), took_ms: performance.now() - began };
    },
  };
}
