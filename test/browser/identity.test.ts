import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CLOSE_CODES, SOCKET_VERSION, TICKET_PREFIX } from '../../realtime/contract/socket.ts';
import { addressOf } from '../support/addresses.ts';
import { openBrowser } from '../support/browser.ts';
import { withDatabase } from '../support/database.ts';
import { payIn } from '../support/money.ts';
import { signInToCms } from '../support/people.ts';
import { accessTokenOf, tokensOf } from '../support/tokens.ts';

// One account over all programs, by their real doors.

const site = addressOf('site');
const cms = addressOf('cms');

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** At the issuer's page, as one of the demo people. */
async function choose(page: Page, email: string): Promise<void> {
  await page.waitForURL(`${addressOf('identity')}/**`);
  await page.getByRole('button', { name: email }).click();
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, string>;

/** 50 first requests of somebody new at once, half of them at realtime and half at the shop. Answers who they are there. */
async function comeFiftyTimes(): Promise<{ subject: string; people: string[]; customers: string[] }> {
  const newEmail = `new-${randomBytes(6).toString('hex')}@example.com`;
  const token = await accessTokenOf({ newEmail, name: 'Somebody New' });
  const headers = bearer(token);
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const response = await (index % 2
        ? fetch(`${addressOf('realtime')}/api/me`, { headers })
        : fetch(`${addressOf('commerce')}/auth/customer/soulseer`, { method: 'POST', headers }));
      expect(response.status, await response.clone().text()).toBe(200);
      return (await response.json()) as { person_id?: string; token?: string };
    }),
  );
  const people = answers.flatMap(({ person_id }) => person_id ?? []);
  const customers = answers.flatMap(({ token }) => (token ? (claimsOf(token).actor_id ?? []) : []));
  expect([people.length, customers.length]).toEqual([25, 25]);
  return {
    subject: claimsOf(token).sub ?? '',
    people: [...new Set(people)],
    customers: [...new Set(customers)],
  };
}

/** How many profiles, wallets and customers the programs keep of somebody. */
async function kept(subject: string): Promise<{ profiles: number; wallets: number; customers: number }> {
  const count = (database: string, query: string) =>
    withDatabase(database, async (db) => (await db.query<{ n: number }>(query, [subject])).rows[0]?.n ?? -1);
  return {
    profiles: await count('cms', 'select count(*)::int as n from people where subject = $1'),
    wallets: await count(
      'realtime',
      `select count(*)::int as n from accounts
       where name in (select 'wallet:' || person_id from people where subject = $1)`,
    ),
    customers: await count(
      'commerce',
      `select count(*)::int as n from customer c join commerce_person p on c.metadata ->> 'person_id' = p.person_id::text
       where p.subject = $1`,
    ),
  };
}

describe('somebody new (A3)', () => {
  test('who comes 50 times at once is one person, one wallet and one customer', async () => {
    const { subject, people, customers } = await comeFiftyTimes();
    expect([people.length, customers.length]).toEqual([1, 1]);
    expect(await kept(subject)).toEqual({ profiles: 1, wallets: 1, customers: 1 });
  });

  test('… and likewise while the CMS’s outbox stands still', async () => {
    // Whatever comes into the outbox looks as if another node had just taken it.
    await withDatabase('cms', (db) =>
      db.query(`
        create or replace function test_hold() returns trigger language plpgsql as
          $$ begin new.leased_until := now() + interval '1 hour'; return new; end $$;
        create or replace trigger test_hold before insert or update on outbox for each row execute function test_hold()`),
    );
    let subject = '';
    try {
      const came = await comeFiftyTimes();
      const { people, customers } = came;
      subject = came.subject;
      expect([people.length, customers.length]).toEqual([1, 1]);
      expect(await kept(subject)).toEqual({ profiles: 1, wallets: 1, customers: 1 });
      const { waiting } = await withDatabase('cms', async (db) => {
        const { rows } = await db.query<{ waiting: string[] }>(
          'select array_agg(distinct destination::text order by destination::text) as waiting from outbox where key = $1',
          people,
        );
        return rows[0] ?? { waiting: [] };
      });
      expect(waiting, 'the outbox stood still').toEqual(['commerce', 'realtime', 'site']);
    } finally {
      await withDatabase('cms', (db) =>
        db.query('drop function test_hold() cascade; update outbox set leased_until = null'),
      );
    }
    await vi.waitFor(
      async () => {
        const { rows } = await withDatabase('cms', (db) => db.query('select 1 from outbox'));
        expect(rows).toEqual([]);
      },
      { timeout: 30_000 },
    );
    expect(await kept(subject)).toEqual({ profiles: 1, wallets: 1, customers: 1 });
  });
});

describe('tokens of the sandbox’s own issuer (A2)', () => {
  test('an access token is believed; an ID token, a truncated one and one that was written on are not', async () => {
    const { access_token, id_token } = await tokensOf('client@soulseer.test');
    const [head = '', body = '', signature = ''] = access_token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const written = Buffer.from(JSON.stringify({ ...claims, role: 'admin' })).toString('base64url');
    const bad = {
      'an ID token': id_token,
      truncated: access_token.slice(0, -20),
      'a role added': [head, written, signature].join('.'),
      'no signature': [Buffer.from('{"alg":"none"}').toString('base64url'), body, ''].join('.'),
    };
    const doors = {
      realtime: (token: string) => fetch(`${addressOf('realtime')}/api/me`, { headers: bearer(token) }),
      commerce: (token: string) =>
        fetch(`${addressOf('commerce')}/auth/customer/soulseer`, { method: 'POST', headers: bearer(token) }),
    };
    for (const [name, ask] of Object.entries(doors)) {
      expect((await ask(access_token)).status, name).toBe(200);
      for (const [what, token] of Object.entries(bad))
        expect((await ask(token)).status, `${what} at ${name}`).toBe(401);
    }
  });
});

/** Sets somebody's status in the CMS, as the staff who is signed in on this page. */
async function changerOf(staff: Page, email: string): Promise<(status: string) => Promise<void>> {
  const found = await staff.request.get(`${cms}/api/people?where[email][equals]=${email}`);
  const { docs } = (await found.json()) as { docs: { id: number }[] };
  return async (status) => {
    const answer = await staff.request.patch(`${cms}/api/people/${docs[0]?.id}`, {
      headers: { origin: cms },
      data: { status },
    });
    expect(answer.status(), await answer.text()).toBe(200);
  };
}

describe('suspending somebody (A1)', () => {
  test('ends what they have open on the site within five seconds, and lifting it lets them in again', async () => {
    const [staffs, theirs] = [await browser.newContext(), await browser.newContext()];
    const [staff, person] = [await staffs.newPage(), await theirs.newPage()];
    await person.goto(`${site}/dashboard`);
    await choose(person, 'client2@soulseer.test');
    await person.waitForURL(`${site}/dashboard`);
    await signInToCms(staff, 'admin@soulseer.test');
    await staff.waitForURL(`${cms}/admin`);

    const set = await changerOf(staff, 'client2@soulseer.test');
    const mine = async () => (await theirs.request.get(`${site}/api/me`)).status();
    expect(await mine()).toBe(200);
    try {
      await set('suspended');
      await vi.waitFor(async () => expect([401, 403]).toContain(await mine()), {
        timeout: 5_000,
        interval: 100,
      });
    } finally {
      await set('active');
    }
    await vi.waitFor(
      async () => {
        await person.goto(`${site}/auth/sign-in?return_to=/dashboard`);
        if (new URL(person.url()).origin !== site) await choose(person, 'client2@soulseer.test');
        await person.waitForURL(`${site}/dashboard`, { timeout: 5_000 });
        expect(await mine()).toBe(200);
      },
      { timeout: 40_000, interval: 1_000 },
    );
    await Promise.all([staffs.close(), theirs.close()]);
  });

  test('… and the session and the socket that they are in', async () => {
    const realtime = addressOf('realtime');
    const [client, reader] = [
      bearer(await accessTokenOf('client2@soulseer.test')),
      bearer(await accessTokenOf('reader2@soulseer.test')),
    ];
    async function call<T>(
      who: Record<string, string>,
      method: string,
      path: string,
      body?: object,
    ): Promise<T> {
      const response = await fetch(`${realtime}${path}`, {
        method,
        headers: { ...who, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      expect(response.ok, `${path}: ${await response.clone().text()}`).toBe(true);
      return (await response.json()) as T;
    }
    const { person_id } = await call<{ person_id: string }>(client, 'GET', '/api/me');
    const readers = await call<{ person_id: string }>(reader, 'GET', '/api/me');
    const [{ reader_id, modality }] = await withDatabase('realtime', async (db) => {
      const { rows } = await db.query<{ reader_id: string; modality: string }>(
        `select reader_id, case when chat_cents is null then 'video' else 'chat' end as modality
         from readers where person_id = $1`,
        [readers.person_id],
      );
      return rows as [(typeof rows)[number]];
    });
    await payIn(person_id, 10_000);
    await call(reader, 'PUT', '/api/readers/me/presence', { status: 'online' });
    const { id } = await call<{ id: string }>(client, 'POST', '/api/sessions', {
      reader_id,
      modality,
      maximum_minutes: 10,
    });
    await call(reader, 'POST', `/api/sessions/${id}/accept`);
    await call(client, 'POST', `/api/sessions/${id}/join`);
    expect(await call(reader, 'POST', `/api/sessions/${id}/join`)).toMatchObject({ state: 'active' });
    const { ticket } = await call<{ ticket: string }>(client, 'POST', '/api/socket-tickets');
    const socket = new WebSocket(`${realtime.replace(/^http/, 'ws')}/socket`, {
      protocols: [SOCKET_VERSION, `${TICKET_PREFIX}${ticket}`],
      headers: { origin: site },
    } as unknown as string[]);
    await new Promise((opened, failed) => {
      socket.onopen = opened;
      socket.onerror = failed;
    });
    const closed = new Promise<number>((resolve) => {
      socket.onclose = ({ code }) => resolve(code);
    });

    const context = await browser.newContext();
    const staff = await context.newPage();
    await signInToCms(staff, 'admin@soulseer.test');
    await staff.waitForURL(`${cms}/admin`);
    const set = await changerOf(staff, 'client2@soulseer.test');
    try {
      await set('suspended');
      const within = AbortSignal.timeout(5_000);
      expect(
        await Promise.race([
          closed,
          new Promise((resolve) => within.addEventListener('abort', () => resolve('still open'))),
        ]),
      ).toBe(CLOSE_CODES.suspended.code);
      // What is left of the same five seconds, and a breath for the answer itself.
      await vi.waitFor(
        async () =>
          expect(await call(reader, 'GET', `/api/sessions/${id}`)).toMatchObject({
            state: expect.stringMatching(/^(ended|finalized)$/),
            end: { reason: 'suspended' },
          }),
        { timeout: 5_000, interval: 100 },
      );
      const refused = await fetch(`${realtime}/api/sessions/${id}/reconnect`, {
        method: 'POST',
        headers: client,
      });
      expect(refused.status).toBe(403);
    } finally {
      await set('active');
      await context.close();
    }
  });
});
