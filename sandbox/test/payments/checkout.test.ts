import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from '../support/database.ts';
import { refusal, type Sandbox, startSandbox } from './support.ts';

let sandbox: Sandbox;
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
});
afterAll(async () => {
  await sandbox.stop();
});

const item = (unit_amount = 2_000, quantity = 1): Stripe.Checkout.SessionCreateParams.LineItem => ({
  quantity,
  price_data: { currency: 'usd', unit_amount, product_data: { name: 'Wallet top-up' } },
});
const base = {
  mode: 'payment',
  success_url: 'http://localhost:9/back?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'http://localhost:9/wallet',
} as const;
const open = (more: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
  stripe.checkout.sessions.create({ ...base, line_items: [item()], ...more });

interface Outcome {
  done?: string;
  challenge?: string;
  declined?: { code: string; message: string };
  over?: string;
}
const submit = (session: { id: string }, number = '4242424242424242', more: Record<string, unknown> = {}) =>
  sandbox.control<Outcome>('POST', `/sandbox/checkout/sessions/${session.id}/pay`, {
    card: { number, exp_month: 12, exp_year: new Date().getUTCFullYear() + 2, cvc: '123' },
    email: 'casey@soulseer.test',
    ...more,
  });

describe('Checkout Sessions (W5)', () => {
  it('are made with all that the shop gives', async () => {
    const customer = await stripe.customers.create({ email: 'c@soulseer.test', name: 'C' });
    const session = await open({
      customer: customer.id,
      client_reference_id: 'cart_1',
      metadata: { order: 'o1' },
      line_items: [item(2_000, 2), item(500)],
      payment_intent_data: { capture_method: 'manual', metadata: { order: 'o1' } },
      expires_at: Math.floor(Date.now() / 1_000) + 31 * 60,
      expand: ['line_items'],
    });
    expect(session).toMatchObject({
      object: 'checkout.session',
      amount_total: 4_500,
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      client_reference_id: 'cart_1',
      customer_details: { email: 'c@soulseer.test' },
      url: `${sandbox.environment.ORIGIN}/c/pay/${session.id}`,
    });
    expect(session.id).toMatch(/^cs_test_\w{58}$/);
    expect(session.line_items?.data.map(({ amount_total }) => amount_total)).toEqual([4_000, 500]);
    expect(String(session.line_items?.data[0]?.price?.unit_amount_decimal)).toBe('2000');
    const items = await stripe.checkout.sessions.listLineItems(session.id, { limit: 1 });
    expect(items).toMatchObject({ has_more: true });

    const { done } = await submit(session);
    expect(done).toBe(`http://localhost:9/back?session=${session.id}`);
    const held = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    expect(held).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
      url: null,
      payment_intent: { status: 'requires_capture', metadata: { order: 'o1' }, customer: customer.id },
    });
    await stripe.paymentIntents.capture((held.payment_intent as Stripe.PaymentIntent).id);
    expect((await stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe('paid');
    const { data } = await stripe.checkout.sessions.list({ customer: customer.id });
    expect(data.map(({ id }) => id)).toEqual([session.id]);
  });

  it('are paid once, however often the button is pressed', async () => {
    const session = await open();
    const results = await Promise.all(Array.from({ length: 6 }, () => submit(session)));
    expect(new Set(results.map(({ done }) => done)).size).toBe(1);
    const after = await stripe.checkout.sessions.retrieve(session.id);
    expect(after).toMatchObject({ status: 'complete', payment_status: 'paid' });
    const intent = String(after.payment_intent);
    expect((await stripe.charges.list({ payment_intent: intent })).data).toHaveLength(1);
    const { data } = await stripe.checkout.sessions.list({ payment_intent: intent });
    expect(data).toHaveLength(1);
    await refusal(stripe.checkout.sessions.expire(session.id));
  });

  it('go on after a declined card, with the same payment', async () => {
    const session = await open();
    expect((await submit(session, '4000000000000002')).declined).toMatchObject({ code: 'card_declined' });
    const declined = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    expect(declined).toMatchObject({
      status: 'open',
      payment_intent: { status: 'requires_payment_method', amount_received: 0 },
    });
    const intent = (declined.payment_intent as Stripe.PaymentIntent).id;
    expect((await refusal(stripe.paymentIntents.cancel(intent))).code).toBe(
      'payment_intent_unexpected_state',
    );
    expect((await submit(session)).done).toContain(session.id);
    expect((await stripe.checkout.sessions.retrieve(session.id)).payment_intent).toBe(intent);
  });

  it('ask the bank’s challenge, passed or failed', async () => {
    const failed = await open();
    const answer = await submit(failed, '4000000000003220', { challenge: 'fail' });
    expect(answer.declined?.code).toBe('payment_intent_authentication_failure');
    expect((await stripe.checkout.sessions.retrieve(failed.id)).status).toBe('open');
    expect((await submit(failed, '4000000000003220', { challenge: 'pass' })).done).toContain(failed.id);
    const refused = await open();
    expect((await submit(refused, '4000008400001629', { challenge: 'pass' })).declined?.code).toBe(
      'card_declined',
    );
    const waiting = await open();
    expect((await submit(waiting, '4000000000003220')).challenge).toContain('/challenge/pi_');
    expect((await stripe.checkout.sessions.expire(waiting.id)).status).toBe('expired');
    expect((await submit(waiting)).over).toBe('expired');
  });

  it('keep a card with consent, which pays without the person afterwards (W9)', async () => {
    const customer = await stripe.customers.create();
    const session = await open({
      customer: customer.id,
      payment_intent_data: { setup_future_usage: 'off_session' },
      saved_payment_method_options: { payment_method_save: 'enabled' },
    });
    await submit(session, '4000002500003155', { save: true, challenge: 'pass' });
    const [method] = (await stripe.paymentMethods.list({ customer: customer.id })).data;
    expect(method).toMatchObject({ allow_redisplay: 'always', card: { last4: '3155' } });
    const intent = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'usd',
      customer: customer.id,
      payment_method: method?.id ?? '',
      off_session: true,
      confirm: true,
    });
    expect(intent.status).toBe('succeeded');
    const next = await open({ customer: customer.id });
    expect((await submit(next, '', { card: { saved: method?.id } })).done).toContain(next.id);
    const stranger = await open({ customer: (await stripe.customers.create()).id });
    expect((await submit(stranger, '', { card: { saved: method?.id } })).declined?.code).toBe(
      'card_declined',
    );
  });

  it('without consent keep nothing', async () => {
    const customer = await stripe.customers.create();
    await submit(await open({ customer: customer.id }));
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toEqual([]);
  });

  it('in setup mode keep a card and charge nothing', async () => {
    const customer = await stripe.customers.create();
    const { mode: _, ...addresses } = base;
    const session = await stripe.checkout.sessions.create({
      ...addresses,
      mode: 'setup',
      currency: 'usd',
      customer: customer.id,
      setup_intent_data: { metadata: { why: 'auto top-up' } },
      payment_method_data: { allow_redisplay: 'always' },
    });
    expect((await submit(session, '4000000000000341')).done).toContain(session.id);
    const after = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent'] });
    expect(after).toMatchObject({
      status: 'complete',
      payment_status: 'no_payment_required',
      setup_intent: { status: 'succeeded', metadata: { why: 'auto top-up' } },
    });
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toMatchObject([
      { allow_redisplay: 'always' },
    ]);
    expect((await stripe.charges.list({ customer: customer.id })).data).toEqual([]);
  });

  it('expire by the call and by themselves, and their payment with them', async () => {
    const session = await open();
    await submit(session, '4000000000000002');
    const expired = await stripe.checkout.sessions.expire(session.id, { expand: ['payment_intent'] });
    expect(expired).toMatchObject({ status: 'expired', url: null, payment_intent: { status: 'canceled' } });
    await refusal(stripe.checkout.sessions.expire(session.id));

    const forgotten = await open();
    await query(
      sandbox.database.url,
      `UPDATE payments.objects SET body = jsonb_set(body::jsonb, '{expires_at}', '1')::json WHERE id = $1`,
      [forgotten.id],
    );
    await expect
      .poll(async () => (await stripe.checkout.sessions.retrieve(forgotten.id)).status)
      .toBe('expired');
    await expect
      .poll(() => sandbox.receiver.events('checkout.session.expired').map(({ data }) => data.object))
      .toContainEqual(expect.objectContaining({ id: forgotten.id }));
  });

  it.each([
    [{ line_items: [] }, 'line_items'],
    [{ line_items: [item(49)] }, undefined],
    [{ line_items: [item(99_999_999, 2)] }, undefined],
    [{ line_items: [item(-1)] }, 'line_items[0][price_data][unit_amount]'],
    [{ line_items: [item(100, 0)] }, 'line_items[0][quantity]'],
    [{ success_url: 'javascript:alert(1)' }, 'success_url'],
    [{ cancel_url: '/wallet' }, 'cancel_url'],
    [{ expires_at: 1 }, 'expires_at'],
    [{ customer: 'cus_nobody' }, 'customer'],
    [{ mode: 'setup' as const }, 'line_items'],
    [{ mode: 'subscription' as const }, 'mode'],
    [{ payment_method_types: ['card'] } as never, 'payment_method_types'],
    [{ customer_email: 'x' }, 'customer_email'],
  ])('%o is refused', async (more, param) => {
    const error = await refusal(open(more));
    expect(error.statusCode).toBe(400);
    expect(error.param).toBe(param);
  });
});
