import pg from 'pg';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

async function customerWith(card: string) {
  const customer = await stripe.customers.create();
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  return { customer: customer.id, payment_method: method.id };
}

/** A payment without the person there, as one-tap and automatic top-ups are. */
async function pay(card = 'pm_card_visa', more: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  return stripe.paymentIntents.create({
    amount: 2_500,
    currency: 'usd',
    ...(await customerWith(card)),
    off_session: true,
    confirm: true,
    ...more,
  });
}

const chargeOf = (intent: Stripe.PaymentIntent) =>
  stripe.charges.retrieve(String(intent.latest_charge), { expand: ['refunds'] });

const eventsOf = async (id: string) => {
  const all: string[] = [];
  for await (const event of stripe.events.list({ limit: 100 })) {
    const object = event.data.object as { id?: string; payment_intent?: string };
    if (object.id === id || object.payment_intent === id) all.unshift(event.type);
  }
  return all;
};

describe('payments with a saved card (W5, W9)', () => {
  it('succeed at once', async () => {
    const intent = await pay('pm_card_visa', { metadata: { cart: 'c1' }, description: 'Top-up' });
    expect(intent).toMatchObject({
      status: 'succeeded',
      amount: 2_500,
      amount_received: 2_500,
      amount_capturable: 0,
      last_payment_error: null,
      metadata: { cart: 'c1' },
    });
    const charge = await chargeOf(intent);
    expect(charge).toMatchObject({
      paid: true,
      captured: true,
      amount_captured: 2_500,
      amount_refunded: 0,
      payment_intent: intent.id,
      status: 'succeeded',
    });
    expect(await eventsOf(intent.id)).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
    ]);
  });

  it.each([
    ['pm_card_chargeCustomerFail', 'card_declined', 'generic_decline'],
    ['pm_card_authenticationRequired', 'authentication_required', 'authentication_required'],
    ['pm_card_threeDSecure2Required', 'authentication_required', 'authentication_required'],
  ])('%s: %s', async (card, code, decline_code) => {
    const error = await refusal(pay(card));
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError);
    expect(error).toMatchObject({ statusCode: 402, code, decline_code });
    const intent = await stripe.paymentIntents.retrieve(error.payment_intent?.id ?? '');
    expect(intent).toMatchObject({
      status: 'requires_payment_method',
      payment_method: null,
      amount_received: 0,
      last_payment_error: { type: 'card_error', code, decline_code, charge: intent.latest_charge },
    });
    expect(intent.last_payment_error?.payment_method?.object).toBe('payment_method');
    expect(await chargeOf(intent)).toMatchObject({ paid: false, status: 'failed', failure_code: code });
    expect(await eventsOf(intent.id)).toEqual([
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
    ]);
    // Another card, the same payment.
    const other = await stripe.paymentMethods.attach('pm_card_visa', { customer: String(intent.customer) });
    const paid = await stripe.paymentIntents.confirm(intent.id, {
      payment_method: other.id,
      off_session: true,
    });
    expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null });
  });

  it('a card that was never attached declines with what the bank says', async () => {
    const error = await refusal(
      stripe.paymentIntents.create({
        amount: 500,
        currency: 'usd',
        payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds',
        confirm: true,
        return_url: 'http://localhost:9/back',
      }),
    );
    expect(error).toMatchObject({
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      message: 'Your card has insufficient funds.',
    });
  });

  it('other people’s cards, and cards that are used up, do not pay', async () => {
    const mine = await customerWith('pm_card_visa');
    const theirs = await customerWith('pm_card_visa');
    const start = { amount: 500, currency: 'usd', off_session: true, confirm: true } as const;
    const stolen = await refusal(
      stripe.paymentIntents.create({
        ...start,
        customer: mine.customer,
        payment_method: theirs.payment_method,
      }),
    );
    expect(stolen.param).toBe('payment_method');
    await refusal(stripe.paymentIntents.create({ ...start, payment_method: theirs.payment_method }));
    await stripe.paymentMethods.detach(mine.payment_method);
    await refusal(stripe.paymentIntents.create({ ...start, ...mine }));
    expect((await stripe.charges.list({ customer: mine.customer })).data).toEqual([]);
    const gone = await refusal(
      stripe.paymentIntents.create({ amount: 500, currency: 'usd', customer: 'cus_nobody' }),
    );
    expect(gone).toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'customer' });
  });

  it('without the person’s challenge need a return address on session', async () => {
    const { customer, payment_method } = await customerWith('pm_card_visa');
    const error = await refusal(
      stripe.paymentIntents.create({ amount: 500, currency: 'usd', customer, payment_method, confirm: true }),
    );
    expect(error.param).toBe('return_url');
    const intent = await stripe.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      customer,
      payment_method,
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });
    expect(intent.status).toBe('succeeded');
  });

  it('are changed before, and only described after', async () => {
    const intent = await stripe.paymentIntents.create({ amount: 500, currency: 'usd', metadata: { a: '1' } });
    const changed = await stripe.paymentIntents.update(intent.id, {
      amount: 700,
      metadata: { b: '2' },
      payment_method: (await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } })).id,
    });
    expect(changed).toMatchObject({
      amount: 700,
      metadata: { a: '1', b: '2' },
      status: 'requires_confirmation',
    });
    await stripe.paymentIntents.confirm(intent.id, { return_url: 'http://localhost:9/back' });
    const again = await refusal(stripe.paymentIntents.confirm(intent.id, {}));
    expect(again).toMatchObject({ code: 'payment_intent_unexpected_state' });
    expect(again.payment_intent?.id).toBe(intent.id);
    await refusal(stripe.paymentIntents.update(intent.id, { amount: 900 }));
    expect((await stripe.paymentIntents.update(intent.id, { metadata: { c: '3' } })).metadata.c).toBe('3');
  });
});

describe('manual capture', () => {
  const authorise = (amount = 2_000) => pay('pm_card_visa', { capture_method: 'manual', amount });

  it('holds, then takes the whole', async () => {
    const intent = await authorise();
    expect(intent).toMatchObject({
      status: 'requires_capture',
      amount_capturable: 2_000,
      amount_received: 0,
    });
    expect(await chargeOf(intent)).toMatchObject({ captured: false, paid: true, amount_captured: 0 });
    const refund = await refusal(stripe.refunds.create({ payment_intent: intent.id }));
    expect(refund.message).toContain('does not have a successful charge to refund');
    const captured = await stripe.paymentIntents.capture(intent.id);
    expect(captured).toMatchObject({ status: 'succeeded', amount_capturable: 0, amount_received: 2_000 });
    expect((await refusal(stripe.paymentIntents.capture(intent.id))).code).toBe(
      'payment_intent_unexpected_state',
    );
    expect((await refusal(stripe.paymentIntents.cancel(intent.id))).message).toContain('status of succeeded');
    expect(await eventsOf(intent.id)).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'charge.captured',
      'payment_intent.succeeded',
    ]);
  });

  it('takes a part, and the rest goes back', async () => {
    const intent = await authorise();
    const tooMuch = await refusal(stripe.paymentIntents.capture(intent.id, { amount_to_capture: 2_001 }));
    expect(tooMuch).toMatchObject({ code: 'amount_too_large', param: 'amount_to_capture' });
    const captured = await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 1_200 });
    expect(captured).toMatchObject({ amount: 2_000, amount_received: 1_200 });
    const charge = await chargeOf(intent);
    expect(charge).toMatchObject({ amount_captured: 1_200, amount_refunded: 800, refunded: false });
    expect(charge.refunds?.data.map(({ amount }) => amount)).toEqual([800]);
    // What is left to refund is what was taken.
    await refusal(stripe.refunds.create({ payment_intent: intent.id, amount: 1_201 }));
    await stripe.refunds.create({ payment_intent: intent.id });
    expect(await chargeOf(intent)).toMatchObject({ amount_refunded: 2_000, refunded: true });
  });

  it('is cancelled, and all goes back', async () => {
    const intent = await authorise();
    const cancelled = await stripe.paymentIntents.cancel(intent.id, {
      cancellation_reason: 'requested_by_customer',
    });
    expect(cancelled).toMatchObject({
      status: 'canceled',
      amount_capturable: 0,
      cancellation_reason: 'requested_by_customer',
    });
    expect(await chargeOf(intent)).toMatchObject({ captured: false, refunded: true, amount_refunded: 2_000 });
    expect((await refusal(stripe.paymentIntents.capture(intent.id))).message).toContain('status of canceled');
    expect((await refusal(stripe.paymentIntents.cancel(intent.id))).message).toContain('status of canceled');
  });

  it('captured and cancelled at the same moment ends one way', async () => {
    for (let round = 0; round < 5; round += 1) {
      const intent = await authorise();
      const results = await Promise.allSettled([
        stripe.paymentIntents.capture(intent.id),
        stripe.paymentIntents.cancel(intent.id),
        stripe.paymentIntents.capture(intent.id, { amount_to_capture: 700 }),
      ]);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const after = await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
      const charge = after.latest_charge as Stripe.Charge;
      if (after.status === 'canceled') expect(charge.amount_captured).toBe(0);
      else expect(charge.amount_captured).toBe(after.amount_received);
    }
  });
});

describe('refunds', () => {
  it('give back in parts, never more than was taken', async () => {
    const intent = await pay();
    const part = await stripe.refunds.create({
      payment_intent: intent.id,
      amount: 1_000,
      reason: 'requested_by_customer',
      metadata: { by: 'staff' },
    });
    expect(part).toMatchObject({
      status: 'succeeded',
      amount: 1_000,
      charge: intent.latest_charge,
      payment_intent: intent.id,
      reason: 'requested_by_customer',
    });
    const tooMuch = await refusal(stripe.refunds.create({ payment_intent: intent.id, amount: 1_501 }));
    expect(tooMuch.message).toBe(
      'Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)',
    );
    await stripe.refunds.create({ charge: String(intent.latest_charge) });
    expect(await chargeOf(intent)).toMatchObject({ amount_refunded: 2_500, refunded: true });
    const none = await refusal(stripe.refunds.create({ payment_intent: intent.id }));
    expect(none.code).toBe('charge_already_refunded');
    const { data } = await stripe.refunds.list({ payment_intent: intent.id });
    expect(data.map(({ amount }) => amount)).toEqual([1_500, 1_000]);
    expect((await stripe.refunds.update(part.id, { metadata: { seen: 'yes' } })).metadata).toEqual({
      by: 'staff',
      seen: 'yes',
    });
    // The payment itself stays what it was.
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'succeeded',
      amount_received: 2_500,
    });
  });

  it('twenty at once never give back more than was taken', async () => {
    const intent = await pay();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, number) =>
        stripe.refunds.create(
          number % 2
            ? { payment_intent: intent.id, amount: 300 }
            : { charge: String(intent.latest_charge), amount: 300 },
        ),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
    expect((await chargeOf(intent)).amount_refunded).toBe(2_400);
    const { data } = await stripe.refunds.list({ payment_intent: intent.id, limit: 100 });
    expect(data.reduce((sum, { amount }) => sum + amount, 0)).toBe(2_400);
  });

  it.each([
    [{}, undefined],
    [{ payment_intent: 'pi_none' }, 'payment_intent'],
    [{ charge: 'ch_none' }, 'charge'],
    [{ charge: 'ch_none', payment_intent: 'pi_none' }, undefined],
    [{ payment_intent: 'pi_none', amount: 0 }, 'amount'],
    [{ payment_intent: 'pi_none', reason: 'whim' as 'duplicate' }, 'reason'],
  ])('%o is refused', async (params, param) => {
    const error = await refusal(stripe.refunds.create(params));
    expect(error.statusCode).toBe(400);
    expect(error.param).toBe(param);
  });

  it('of a failed payment are refused', async () => {
    const error = await refusal(pay('pm_card_chargeCustomerFail'));
    const refund = await refusal(stripe.refunds.create({ payment_intent: error.payment_intent?.id ?? '' }));
    expect(refund.message).toContain('does not have a successful charge to refund');
  });

  it('that take a while end by themselves; one that fails is ours again', async () => {
    const slow = await pay('pm_card_pendingRefund');
    const pending = await stripe.refunds.create({ payment_intent: slow.id, amount: 500 });
    expect(pending.status).toBe('pending');
    await expect.poll(async () => (await stripe.refunds.retrieve(pending.id)).status).toBe('succeeded');

    const failing = await pay('pm_card_refundFail');
    const refund = await stripe.refunds.create({ payment_intent: failing.id });
    expect(refund.status).toBe('succeeded');
    await expect
      .poll(async () => stripe.refunds.retrieve(refund.id))
      .toMatchObject({ status: 'failed', failure_reason: 'expired_or_canceled_card' });
    expect(await chargeOf(failing)).toMatchObject({ amount_refunded: 0, refunded: false });
    expect(await eventsOf(failing.id)).toContain('refund.failed');
  });

  it('from the dashboard name no request', async () => {
    const intent = await pay();
    const refund = await sandbox.control<Stripe.Refund>('POST', '/sandbox/refunds', {
      payment_intent: intent.id,
      amount: 400,
    });
    const { data } = await stripe.events.list({ type: 'refund.created', limit: 1 });
    expect(data[0]?.data.object).toMatchObject({ id: refund.id, amount: 400 });
    expect(data[0]?.request).toEqual({ id: null, idempotency_key: null });
  });
});

describe('disputes', () => {
  it('come by themselves with the card of 0259, and forbid refunds until they are won', async () => {
    const intent = await pay('pm_card_createDispute');
    await expect
      .poll(async () => (await stripe.disputes.list({ payment_intent: intent.id })).data)
      .toHaveLength(1);
    const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data;
    expect(dispute).toMatchObject({
      status: 'needs_response',
      reason: 'fraudulent',
      amount: 2_500,
      is_charge_refundable: false,
      charge: intent.latest_charge,
    });
    expect((await chargeOf(intent)).disputed).toBe(true);
    expect((await refusal(stripe.refunds.create({ payment_intent: intent.id }))).code).toBe(
      'charge_disputed',
    );
    const won = await stripe.disputes.update(dispute?.id ?? '', {
      evidence: { uncategorized_text: 'winning_evidence' },
    });
    expect(won.status).toBe('won');
    expect(await eventsOf(intent.id)).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.updated',
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
    ]);
    await stripe.refunds.create({ payment_intent: intent.id });
  });

  it('are opened over a part and decided from outside, once', async () => {
    const intent = await pay();
    await stripe.refunds.create({ payment_intent: intent.id, amount: 500 });
    await expect(
      sandbox.control('POST', '/sandbox/disputes', { payment_intent: intent.id, amount: 2_001 }),
    ).rejects.toMatchObject({ statusCode: 400 });
    const dispute = await sandbox.control<Stripe.Dispute>('POST', '/sandbox/disputes', {
      payment_intent: intent.id,
      reason: 'product_not_received',
    });
    expect(dispute).toMatchObject({ amount: 2_000, reason: 'product_not_received' });
    await expect(
      sandbox.control('POST', '/sandbox/disputes', { payment_intent: intent.id }),
    ).rejects.toMatchObject({ statusCode: 400 });
    const decide = (outcome: string) =>
      sandbox.control<Stripe.Dispute>('POST', `/sandbox/disputes/${dispute.id}/decide`, { outcome });
    const results = await Promise.allSettled([decide('won'), decide('lost'), decide('lost')]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(['won', 'lost']).toContain((await stripe.disputes.retrieve(dispute.id)).status);
  });

  it('are given up by the shop', async () => {
    const intent = await pay();
    const dispute = await sandbox.control<Stripe.Dispute>('POST', '/sandbox/disputes', {
      charge: intent.latest_charge,
    });
    expect((await stripe.disputes.close(dispute.id)).status).toBe('lost');
    await refusal(stripe.disputes.close(dispute.id));
    expect((await refusal(stripe.refunds.create({ payment_intent: intent.id }))).code).toBe(
      'charge_disputed',
    );
    expect((await refusal(stripe.disputes.retrieve('du_none'))).statusCode).toBe(404);
  });
});

describe('setup intents', () => {
  it('keep a card for payments without the person', async () => {
    const customer = await stripe.customers.create();
    const setup = await stripe.setupIntents.create({
      customer: customer.id,
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });
    expect(setup).toMatchObject({ status: 'succeeded', usage: 'off_session' });
    const method = await stripe.paymentMethods.retrieve(String(setup.payment_method));
    expect(method.customer).toBe(customer.id);
    const declined = await refusal(
      stripe.setupIntents.create({
        customer: customer.id,
        payment_method: 'pm_card_chargeDeclined',
        confirm: true,
        return_url: 'http://localhost:9/back',
      }),
    );
    expect(declined.setup_intent).toMatchObject({ status: 'requires_payment_method' });
  });

  it('are cancelled once', async () => {
    const setup = await stripe.setupIntents.create();
    expect((await stripe.setupIntents.cancel(setup.id)).status).toBe('canceled');
    expect((await refusal(stripe.setupIntents.cancel(setup.id))).code).toBe('setup_intent_unexpected_state');
  });
});

describe('expand', () => {
  it('fills ids, over several levels and in lists', async () => {
    const intent = await pay();
    const full = await stripe.paymentIntents.retrieve(intent.id, {
      expand: [
        'customer',
        'latest_charge.payment_intent',
        'payment_method.customer',
        'latest_charge.refunds',
      ],
    });
    expect(full.customer).toMatchObject({ object: 'customer' });
    expect(full.payment_method).toMatchObject({ object: 'payment_method', customer: { object: 'customer' } });
    expect(full.latest_charge).toMatchObject({
      object: 'charge',
      payment_intent: { id: intent.id },
      refunds: { object: 'list', data: [] },
    });
    const listed = await stripe.charges.list({
      payment_intent: intent.id,
      expand: ['data.payment_intent', 'data.customer'],
    });
    expect(listed.data[0]).toMatchObject({ payment_intent: { id: intent.id, object: 'payment_intent' } });
    const made = await stripe.refunds.create({ payment_intent: intent.id, expand: ['charge'] });
    expect(made.charge).toMatchObject({ object: 'charge', amount_refunded: 2_500 });
    // The answer was filled, not what is kept.
    expect((await stripe.refunds.retrieve(made.id)).charge).toBe(intent.latest_charge);
    const odd = await refusal(stripe.paymentIntents.retrieve(intent.id, { expand: ['colour'] }));
    expect(odd.message).toBe('This property cannot be expanded (colour).');
  });
});

describe('a lock that somebody holds', () => {
  it('tells who comes with the same key that it is in use, and goes on afterwards', async () => {
    const intent = await pay('pm_card_visa', { capture_method: 'manual' });
    const holder = new pg.Client({ connectionString: sandbox.database.url });
    await holder.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT 1 FROM payments.objects WHERE id = $1 FOR UPDATE', [intent.id]);
      const capture = () => stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: 'key-held' });
      const first = capture();
      const second = async () => refusal(capture());
      // Until the first has begun, the second would be first itself.
      await expect
        .poll(async () => {
          const { rows } = await holder.query(
            `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          );
          return rows.length;
        })
        .toBeGreaterThan(0);
      expect(await second()).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
      await holder.query('COMMIT');
      expect((await first).status).toBe('succeeded');
      expect((await capture()).status).toBe('succeeded');
    } finally {
      await holder.end();
    }
  });
});
