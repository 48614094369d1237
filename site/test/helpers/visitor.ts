/** As much of a browser as these tests need: cookies by host and name, redirects, forms. No JavaScript. */

export interface Seen {
  url: string;
  status: number;
  html: string;
  headers: Headers;
}

interface Going {
  method?: string;
  body?: URLSearchParams | FormData | string;
  headers?: Record<string, string>;
}

export class Visitor {
  /** By the port, since all that tests run is on localhost. */
  readonly jars = new Map<string, Map<string, string>>();
  /** Every answer of every server, headers and all: to look for what should never be in one. */
  readonly answers: { url: string; text: string }[] = [];

  jar(url: string): Map<string, string> {
    const { port } = new URL(url);
    const jar = this.jars.get(port) ?? new Map<string, string>();
    this.jars.set(port, jar);
    return jar;
  }

  /** One request, no redirects followed. */
  async ask(url: string, { method = 'GET', body, headers = {} }: Going = {}): Promise<Seen> {
    const jar = this.jar(url);
    const response = await fetch(url, {
      method,
      body: body ?? null,
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        ...(jar.size > 0 ? { cookie: [...jar].map((pair) => pair.join('=')).join('; ') } : {}),
        ...(method === 'GET' ? {} : { origin: new URL(url).origin, 'sec-fetch-site': 'same-origin' }),
        ...headers,
      },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      const value = pair.slice(pair.indexOf('=') + 1);
      if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    const html = await response.text();
    this.answers.push({
      url,
      text: `${[...response.headers].map((pair) => pair.join(': ')).join('\n')}\n\n${html}`,
    });
    return { url, status: response.status, html, headers: response.headers };
  }

  /** As a browser goes there: redirects followed until a page. */
  async open(url: string, going: Going = {}): Promise<Seen> {
    let next = url;
    let how = going;
    for (let steps = 0; steps < 15; steps += 1) {
      const seen = await this.ask(next, how);
      const location = seen.headers.get('location');
      if (!location) return seen;
      next = new URL(location, next).href;
      how = {};
    }
    throw new Error(`redirected without end, last to ${next}`);
  }

  /** Sends the form whose action ends with `action`, its hidden fields included, and follows where it leads. */
  async submit(page: Seen, action: string, fields: Record<string, string> = {}): Promise<Seen> {
    const form = [...page.html.matchAll(/<form\b[^>]*action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/g)].find(
      ([, to]) => to?.endsWith(action),
    );
    if (!form?.[1]) throw new Error(`no form for ${action} on ${page.url} (${page.status}):\n${page.html}`);
    const hidden = [...(form[2] ?? '').matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const body = new URLSearchParams([
      ...hidden.map(([, name = '', value = '']) => [name, value]),
      ...Object.entries(fields),
    ] as [string, string][]);
    return this.open(new URL(form[1], page.url).href, { method: 'POST', body });
  }
}
