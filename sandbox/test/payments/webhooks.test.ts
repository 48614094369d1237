import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signPayload } from '../../src/payments/deliveries.ts';
import { query } from '../support/database.ts';
import { refusal, type Sandbox, startSandbox, WEBHOOK_SECRET } from './support.ts';

let sandbox: Sandbox;
let stripe: Stripe;

beforeEach(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
});
afterEach(async () => {
  await sandbox.stop();
});

const pay = (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    confirm: true,
    return_url: 'http://localhost:9/back',
    ...more,
  });

const idsOf = (events: Stripe.Event[]) => events.map(({ id }) => id);

describe('webhooks (W6)', () => {
  it('tell every change, signed, with what it was', async () => {
    const intent = await pay();
    await expect.poll(() => sandbox.receiver.deliveries.length).toBe(3);
    const [event] = sandbox.receiver.events('payment_intent.succeeded');
    expect(event).toMatchObject({
      object: 'event',
      livemode: false,
      api_version: '2026-10-28.endive',
      data: { object: { id: intent.id, status: 'succeeded', amount_received: 1_000 } },
    });
    expect(event?.request?.id).toBe(intent.lastResponse.requestId);
    const { headers, payload } = sandbox.receiver.deliveries[0] ?? expect.fail();
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const [, at = '', signature = ''] = /^t=(\d+),v1=(\w+)$/.exec(String(headers['stripe-signature'])) ?? [];
    expect(signature).toBe(createHmac('sha256', WEBHOOK_SECRET).update(`${at}.${payload}`).digest('hex'));
    await expect.poll(async () => (await stripe.events.retrieve(event?.id ?? '')).pending_webhooks).toBe(0);
    const types = await stripe.events.list({ types: ['payment_intent.succeeded', 'charge.failed'] });
    expect(idsOf(types.data)).toEqual([event?.id]);
    expect((await refusal(stripe.events.retrieve('evt_none'))).statusCode).toBe(404);
  });

  it('are signed so that the SDK refuses another secret, another body and an old time', () => {
    const payload = '{"object":"event"}';
    const now = Math.floor(Date.now() / 1_000);
    const check = (body: string, secret: string, at: number) =>
      Stripe.webhooks.constructEvent(body, signPayload(payload, WEBHOOK_SECRET, at), secret);
    expect(check(payload, WEBHOOK_SECRET, now)).toEqual({ object: 'event' });
    expect(() => check(payload, 'sandbox-another-secret', now)).toThrow(/No signatures found/);
    expect(() => check('{"object":"evend"}', WEBHOOK_SECRET, now)).toThrow(/No signatures found/);
    expect(() => check(payload, WEBHOOK_SECRET, now - 301)).toThrow(/tolerance/);
  });

  it('are written with the change, or not at all', async () => {
    const intent = await pay({ capture_method: 'manual' });
    const count = async () =>
      (await query<{ n: number }>(sandbox.database.url, 'SELECT count(*)::int AS n FROM payments.events'))[0]
        ?.n;
    const before = await count();
    await refusal(stripe.paymentIntents.capture(intent.id, { amount_to_capture: 5_000 }));
    await refusal(stripe.refunds.create({ payment_intent: intent.id }));
    expect(await count()).toBe(before);
  });

  it('are tried again until they are taken, also after a restart', async () => {
    sandbox.receiver.answers.push(500, 302, 404);
    const customer = await stripe.customers.create();
    await expect.poll(() => sandbox.receiver.events('customer.created').length).toBe(4);
    expect(new Set(idsOf(sandbox.receiver.events())).size).toBe(1);
    await expect
      .poll(async () => {
        const { data } = await sandbox.control<{ data: unknown[] }>('GET', '/sandbox/deliveries?limit=1');
        return data[0];
      })
      .toMatchObject({ state: 'delivered', attempts: 4, last_status: 200 });

    sandbox.receiver.answers.push(...Array.from({ length: 3 }, () => 503));
    await stripe.customers.update(customer.id, { name: 'Casey' });
    await sandbox.restart();
    await expect.poll(() => sandbox.receiver.events('customer.updated').length).toBeGreaterThanOrEqual(4);
    expect(sandbox.receiver.events('customer.updated')[0]?.data).toMatchObject({
      object: { id: customer.id, name: 'Casey' },
      previous_attributes: { name: null },
    });
  });

  it('are held and let go in the order, reversed, shuffled, or one by one', async () => {
    await sandbox.control('POST', '/sandbox/switches', { hold: true });
    await pay();
    const written = idsOf((await stripe.events.list({ limit: 10 })).data);
    const held = async () =>
      (await sandbox.control<{ data: unknown[] }>('GET', '/sandbox/deliveries?state=held')).data.length;
    expect(await held()).toBe(3);
    await sandbox.restart();
    expect(sandbox.receiver.deliveries).toHaveLength(0);
    expect((await stripe.events.retrieve(written[0] ?? '')).pending_webhooks).toBe(1);

    const reversed = await sandbox.control<{ data: { event: string; status: number }[] }>(
      'POST',
      '/sandbox/deliveries/release',
      { order: 'reversed' },
    );
    // The list of events has the newest first too.
    expect(reversed.data.map(({ event }) => event)).toEqual(written);
    expect(idsOf(sandbox.receiver.events())).toEqual(written);
    expect(await held()).toBe(0);

    await stripe.customers.create();
    await stripe.customers.create();
    const [second = '', first = ''] = idsOf((await stripe.events.list({ type: 'customer.created' })).data);
    const chosen = await sandbox.control<{ data: { event: string }[] }>(
      'POST',
      '/sandbox/deliveries/release',
      { events: [second] },
    );
    expect(chosen.data.map(({ event }) => event)).toEqual([second]);
    expect(await held()).toBe(1);
    await sandbox.control('POST', '/sandbox/deliveries/release', { order: 'shuffled', seed: 7 });
    expect(idsOf(sandbox.receiver.events('customer.created'))).toEqual([second, first]);
  });

  it('that fail when let go are tried again like others', async () => {
    await sandbox.control('POST', '/sandbox/switches', { hold: true });
    await stripe.customers.create();
    sandbox.receiver.answers.push(500);
    const { data } = await sandbox.control<{ data: unknown[] }>('POST', '/sandbox/deliveries/release');
    expect(data).toMatchObject([{ status: 500 }]);
    await expect.poll(() => sandbox.receiver.deliveries.length).toBe(2);
  });

  it('are doubled, delayed and resent', async () => {
    await sandbox.control('POST', '/sandbox/switches', { copies: 3, delay_ms: 300 });
    const asked = Date.now();
    await stripe.customers.create();
    await expect.poll(() => sandbox.receiver.deliveries.length).toBe(3);
    expect(Date.now() - asked).toBeGreaterThanOrEqual(300);
    expect(new Set(idsOf(sandbox.receiver.events())).size).toBe(1);

    const [id = ''] = idsOf(sandbox.receiver.events());
    await sandbox.control('POST', `/sandbox/events/${id}/resend`, { times: 2 });
    await expect.poll(() => sandbox.receiver.deliveries.length).toBe(5);
    await expect(sandbox.control('POST', '/sandbox/events/evt_none/resend')).rejects.toMatchObject({
      statusCode: 404,
    });
    await expect(sandbox.control('POST', '/sandbox/switches', { copies: 11 })).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  it('go to each endpoint that wants them, with its own secret', async () => {
    const more = await startSandbox({
      WEBHOOK_ENDPOINTS: JSON.stringify([
        { url: sandbox.receiver.url, secret: WEBHOOK_SECRET, events: ['charge.succeeded'] },
        { url: `${sandbox.receiver.url}?second`, secret: WEBHOOK_SECRET },
        { url: 'http://127.0.0.1:9/nobody', secret: 'sandbox-other' },
      ]),
    });
    try {
      await more.stripe.paymentIntents.create({
        amount: 1_000,
        currency: 'usd',
        payment_method: 'pm_card_visa',
        confirm: true,
        return_url: 'http://localhost:9/back',
      });
      await expect.poll(() => sandbox.receiver.events('charge.succeeded').length).toBe(2);
      await expect.poll(() => sandbox.receiver.events().length).toBe(4);
      await expect
        .poll(async () => {
          const { data } = await more.control<{ data: { endpoint: string }[] }>(
            'GET',
            '/sandbox/deliveries?state=pending',
          );
          return data.map(({ endpoint }) => endpoint);
        })
        .toEqual(Array.from({ length: 3 }, () => 'http://127.0.0.1:9/nobody'));
    } finally {
      await more.stop();
    }
  });
});

describe('a restart', () => {
  it('keeps every object, event and key', async () => {
    const options = { idempotencyKey: 'before-the-restart' };
    const customer = await stripe.customers.create({ email: 'kept@soulseer.test' }, options);
    const intent = await pay();
    await sandbox.restart();
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: 'succeeded' });
    expect((await stripe.customers.create({ email: 'kept@soulseer.test' }, options)).id).toBe(customer.id);
    expect((await stripe.events.list({ type: 'payment_intent.succeeded' })).data).toHaveLength(1);
  });
});
