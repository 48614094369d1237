/** As much of a browser as a sign-in needs: cookies by name, forms by address, no JavaScript. */

export interface Page {
  url: string;
  status: number;
  html: string;
  headers: Headers;
}

export class Browser {
  readonly cookies = new Map<string, string>();

  /** Follows redirects until a page, or until an address under `stopAt`, which is not visited. */
  async open(
    url: string,
    init: { method?: string; body?: URLSearchParams } = {},
    stopAt = 'https://nowhere.invalid',
  ): Promise<Page> {
    let next = url;
    let options = init;
    for (let steps = 0; steps < 12; steps += 1) {
      const response = await fetch(next, {
        ...options,
        redirect: 'manual',
        headers: {
          cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        },
      });
      for (const cookie of response.headers.getSetCookie()) this.#keep(cookie);
      const location = response.headers.get('location');
      if (!location)
        return { url: next, status: response.status, html: await response.text(), headers: response.headers };
      next = new URL(location, next).href;
      options = {};
      if (next.startsWith(stopAt))
        return { url: next, status: response.status, html: '', headers: response.headers };
    }
    throw new Error(`redirected without end, last to ${next}`);
  }

  /** Sends a form of `page` whose action ends with `action`, its hidden fields included. */
  async submit(page: Page, action: string, fields: Record<string, string>, stopAt?: string): Promise<Page> {
    const form = [...page.html.matchAll(/<form\b[^>]*action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/g)].find(
      ([, to]) => to?.endsWith(action),
    );
    if (!form?.[1]) throw new Error(`no form for ${action} in\n${page.html}`);
    const hidden = [...(form[2] ?? '').matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
    const body = new URLSearchParams([
      ...hidden.map(([, name = '', value = '']) => [name, value]),
      ...Object.entries(fields),
    ] as [string, string][]);
    return this.open(new URL(form[1], page.url).href, { method: 'POST', body }, stopAt);
  }

  #keep(cookie: string): void {
    const [pair = ''] = cookie.split(';');
    const name = pair.slice(0, pair.indexOf('='));
    const value = pair.slice(pair.indexOf('=') + 1);
    if (value === '' || /expires=Thu, 01 Jan 1970/i.test(cookie)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
