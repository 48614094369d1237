import { expect } from 'vitest';
import { z } from 'zod';
import type { Report } from '../../src/payments/reconcile';
import { openBrowser } from './browser';
import { openLedger } from './ledger';
import { openStripe } from './programs';
import { openShop } from './shop';

const emptyWorld = { categories: [], products: [] };

export const topUpSchema = z.object({
  id: z.string(),
  state: z.string(),
  amount_cents: z.number(),
  credited_cents: z.number(),
  refunded_cents: z.number(),
  checkout_url: z.string().nullable(),
  card: z.object({ brand: z.string(), last4: z.string() }).nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
});

/** A shop that takes money, with the payments sandbox and a ledger; `bring` changes its environment before it starts. */
export async function openPaidShop(
  bring: (environment: Record<string, string>) => Promise<Record<string, string>> = async () => ({}),
  { world, pictures }: { world: object; pictures: Record<string, Buffer> } = {
    world: emptyWorld,
    pictures: {},
  },
) {
  const shop = await openShop();
  const ledger = await openLedger(shop.environment.SERVICE_KEY_COMMERCE_TO_REALTIME ?? '');
  const stripe = await openStripe(`${shop.origin}/stripe/webhook`);
  Object.assign(shop.environment, { STRIPE_API_URL: stripe.url, REALTIME_URL: ledger.url });
  Object.assign(shop.environment, await bring(shop.environment));
  const directory = await shop.writeWorld(world, pictures);
  expect(await shop.run('migrate/main.js')).toMatchObject({ code: 0 });
  expect(await shop.run('seed/main.js', [directory])).toMatchObject({ code: 0 });
  let server = await shop.start();
  let people = 0;

  /** Somebody with a customer token of their own. */
  async function somebody(role: 'client' | 'admin' = 'client') {
    const subject = `sandbox|${role}-${++people}`;
    const person = shop.cms.person({ issuer: shop.issuer.url, subject, role });
    expect((await shop.tell(person)).status).toBe(204);
    const access = await shop.issuer.token({ sub: subject });
    const exchanged = await fetch(`${shop.origin}/auth/customer/soulseer`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access}` },
    });
    const { token } = z.object({ token: z.string() }).parse(await exchanged.json());
    const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      fetch(`${shop.origin}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
    return {
      ...person,
      subject,
      token,
      call,
      /** Begins a top-up, under a key of its own unless one is given. */
      async begin(body: object, key: string = crypto.randomUUID()) {
        const answer = await call('POST', '/store/top-ups', body, { 'idempotency-key': key });
        return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
      },
      async look(id: unknown) {
        const answer = await call('GET', `/store/top-ups/${id}`);
        expect(answer.status).toBe(200);
        return topUpSchema.parse(await answer.json());
      },
      /** A top-up that is paid and credited. */
      async topUp(amount_cents: number, card = '4242424242424242', more: Record<string, unknown> = {}) {
        const { body } = await this.begin({ amount_cents });
        await stripe.pay(sessionOf(body.checkout_url), card, more);
        const done = await this.look(body.id);
        expect(done.state).toBe('credited');
        return { ...done, payment_intent: await intentOf(done.id) };
      },
    };
  }

  /** Staff at the admin, by their cookie. */
  async function staff() {
    const subject = `sandbox|staff-${++people}`;
    const person = shop.cms.person({ issuer: shop.issuer.url, subject, role: 'admin' });
    expect((await shop.tell(person)).status).toBe(204);
    const browser = openBrowser(shop);
    await browser.signIn(subject);
    return {
      ...person,
      async call(method: string, path: string, body?: unknown) {
        const answer = await browser.go(path, {
          method,
          headers: { origin: shop.origin, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return { status: answer.status, body: (await answer.json()) as Record<string, never> };
      },
      /** Has the shop reconcile, and waits for its report. */
      async reconcile(): Promise<Report> {
        const { body } = await this.call('POST', '/admin/reconciliations');
        const find = async () => {
          const answer = await this.call('GET', '/admin/reconciliations');
          const all = answer.body.reconciliations as unknown as { id: string; report: Report | null }[];
          return all.find(({ id }) => id === String(body.id))?.report ?? undefined;
        };
        await expect.poll(find, { timeout: 60_000 }).toBeDefined();
        const report = await find();
        if (!report) throw new Error('no report');
        return report;
      },
      /** A file as the admin's page sends it. */
      async upload(path: string, content: Buffer) {
        const answer = await browser.go(path, {
          method: 'POST',
          headers: { origin: shop.origin, 'content-type': 'application/octet-stream' },
          body: content as never,
        });
        return { status: answer.status, body: (await answer.json()) as Record<string, never> };
      },
      delete: (path: string) => browser.go(path, { method: 'DELETE', headers: { origin: shop.origin } }),
    };
  }

  /** The order, and Medusa's payment, of a payment of ours. */
  async function orderOf(id: string) {
    const { rows } = await shop.database.query<{ order_id: string; medusa_payment_id: string }>(
      'select order_id, medusa_payment_id from commerce_payment where id = $1',
      [id],
    );
    return rows[0] ?? { order_id: '', medusa_payment_id: '' };
  }

  /** Stripe's id of a payment of ours. */
  async function intentOf(id: string): Promise<string> {
    const { rows } = await shop.database.query<{ payment_intent_id: string }>(
      'select payment_intent_id from commerce_payment where id = $1',
      [id],
    );
    return rows[0]?.payment_intent_id ?? '';
  }

  return {
    shop,
    ledger,
    stripe,
    somebody,
    staff,
    intentOf,
    orderOf,
    server: () => server,
    async restart(how: 'stop' | 'kill' = 'kill') {
      await server[how]();
      server = await shop.start();
    },
    async close() {
      await shop.close();
      await stripe.close();
      await ledger.close();
    },
  };
}

export type PaidShop = Awaited<ReturnType<typeof openPaidShop>>;

export function sessionOf(checkout_url: unknown): string {
  return String(checkout_url).split('/').at(-1) ?? '';
}
