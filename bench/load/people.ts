/** Who takes part: clients with money, and readers whom staff have let in, each by the doors that people have. */

import { randomUUID } from 'node:crypto';
import { signRequest } from '../../realtime/contract/signature.ts';
import { openWindow, type Window } from './window.ts';

export interface Addresses {
  site: string;
  cms: string;
  realtime: string;
}
export interface Person {
  window: Window;
  person_id: string;
  name: string;
}
export interface Reader extends Person {
  reader_id: string;
}

/** Makes an account with the issuer, and comes back to the site signed in; a second press where the first came to nothing. */
export async function signUp({ site }: Addresses, name: string): Promise<Person> {
  const window = openWindow();
  const email = `${name.replaceAll(' ', '-').toLowerCase()}-${randomUUID().slice(0, 8)}@example.com`;
  const password = 'a fine password';
  let back = '';
  for (const act of ['create', 'sign-in', 'sign-in']) {
    const asked = await window.get(`${site}/auth/sign-in?return_to=/offline`);
    const page = new URL(asked.url);
    const form: Record<string, string> =
      act === 'create' ? { display_name: name, email, password } : { email, password };
    // Whom the issuer knows already it sends back without a question.
    const done = page.pathname.startsWith('/interaction/')
      ? await window.submit(`${page.origin}${page.pathname}/${act}`, form)
      : asked;
    if (done.url === `${site}/offline`) {
      const { person_id } = await window.ask<{ person_id: string }>('GET', `${site}/api/me`);
      return { window, person_id, name };
    }
    back = `${done.url}: ${done.status} ${done.text.replace(/<[^>]*>|\s+/g, ' ').slice(0, 300)}`;
  }
  throw new Error(`${name} was left at ${back}`);
}

/** The demo world's administrator, signed in to the CMS. */
export async function staff({ cms }: Addresses): Promise<Window> {
  const window = openWindow();
  const asked = await window.get(`${cms}/api/auth/sign-in`);
  const page = new URL(asked.url);
  const back = await window.submit(`${page.origin}${page.pathname}/choose`, { email: 'admin@soulseer.test' });
  if (!back.url.startsWith(`${cms}/admin`)) throw new Error(`staff were left at ${back.url}`);
  return window;
}

/** What staff write for somebody who is to be a reader: the page of one of the demo world's, under another name. */
export async function createPublisher(addresses: Addresses, admin: Window) {
  const { site, cms } = addresses;
  const { docs } = await admin.ask<{ docs: Record<string, unknown>[] }>(
    'GET',
    `${cms}/api/readers?limit=1&depth=0&sort=slug`,
  );
  const { id: _, slug: __, person: ___, createdAt: ____, updatedAt: _____, ...like } = docs[0] ?? {};
  /** The person's role is reader from now on, and their page is published. */
  return async (person: Person): Promise<Reader> => {
    const found = await admin.ask<{ docs: { id: number }[] }>(
      'GET',
      `${cms}/api/people?where[person_id][equals]=${person.person_id}&depth=0`,
    );
    const id = found.docs[0]?.id;
    await admin.ask('PATCH', `${cms}/api/people/${id}`, { role: 'reader' });
    await admin.ask('POST', `${cms}/api/readers`, {
      ...like,
      name: person.name,
      slug: `load-${person.person_id}`,
      person: id,
      featured: false,
      _status: 'published',
    });
    // The others are told within moments.
    for (let tries = 0; ; tries += 1) {
      const here = await person.window
        .ask('PUT', `${site}/api/readers/me/presence`, { status: 'online' })
        .catch((error: unknown) => {
          if (tries > 60) throw error;
        });
      if (here) break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const made = await admin.ask<{ docs: { id: number }[] }>(
      'GET',
      `${cms}/api/readers?where[slug][equals]=load-${person.person_id}&depth=0`,
    );
    return { ...person, reader_id: String(made.docs[0]?.id) };
  };
}

/** Tells the ledger, as the shop does, that a card has paid into somebody's wallet. */
export async function payIn(
  { realtime }: Addresses,
  secret: string,
  person_id: string,
  amount_cents: number,
): Promise<void> {
  const path = `/service/payments/load-${randomUUID()}`;
  const body = JSON.stringify({ person_id, amount_cents });
  const response = await fetch(`${realtime}${path}`, {
    method: 'PUT',
    body,
    headers: {
      'content-type': 'application/json',
      ...signRequest(secret, { method: 'PUT', path, body }, Date.now()),
    },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

/** Works through `all`, so many at a time. */
export async function inTurns<T, R>(
  all: readonly T[],
  at_once: number,
  work: (one: T, n: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = [...all.entries()];
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) results[next[0]] = await work(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: at_once }, worker));
  return results;
}
