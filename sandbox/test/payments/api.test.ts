import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, refusal, type Sandbox, startSandbox } from './support.ts';

let sandbox: Sandbox;
let stripe: Stripe;

beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
});
afterAll(async () => {
  await sandbox.stop();
});

const call = async (
  path: string,
  init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
) =>
  fetch(`http://127.0.0.1:${sandbox.environment.PORT}${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${sandbox.environment.STRIPE_SECRET_KEY}`,
      ...init.headers,
    },
  });

const form = (body: string, headers: Record<string, string> = {}) => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
});

describe('the door', () => {
  it('refuses a wrong key and none, without telling it', async () => {
    const wrong = await refusal(connect(sandbox.environment.PORT, 'sk_test_somebody_elses').customers.list());
    expect(wrong).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
    expect(wrong.statusCode).toBe(401);
    expect(wrong.message).toMatch(/^Invalid API Key provided: sk_t\*+lses$/);

    const none = await fetch(`http://127.0.0.1:${sandbox.environment.PORT}/v1/customers`);
    expect(none.status).toBe(401);
    expect(none.headers.get('www-authenticate')).toContain('Bearer');
    expect(await none.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('takes the key as a user name too, as Stripe does for curl', async () => {
    const key = Buffer.from(`${sandbox.environment.STRIPE_SECRET_KEY}:`).toString('base64');
    const answer = await call('/v1/customers', { headers: { authorization: `Basic ${key}` } });
    expect(answer.status).toBe(200);
  });

  it('names each request, and echoes the version', async () => {
    const answer = await call('/v1/customers', { headers: { 'stripe-version': '2026-09-30.endive' } });
    expect(answer.headers.get('request-id')).toMatch(/^req_\w{14}$/);
    expect(answer.headers.get('stripe-version')).toBe('2026-09-30.endive');
    const odd = await call('/v1/customers', { headers: { 'stripe-version': 'yesterday' } });
    expect(odd.status).toBe(400);
  });

  it.each([
    ['/v1/unknown', 'GET'],
    ['/v1/customers/', 'GET'],
    ['/v1/payment_intents/pi_1/capture', 'GET'],
    ['/v1/customers', 'DELETE'],
  ])('%s by %s is no address of the API', async (path, method) => {
    const answer = await call(path, { method });
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringContaining('Unrecognized request URL') },
    });
  });

  it.each([
    ['amount=abc&currency=usd', 'amount', 'parameter_invalid_integer'],
    ['amount=-5&currency=usd', 'amount', 'parameter_invalid_integer'],
    ['amount=10.5&currency=usd', 'amount', 'parameter_invalid_integer'],
    ['amount=0&currency=usd', 'amount', 'parameter_invalid_integer'],
    ['amount=1e3&currency=usd', 'amount', 'parameter_invalid_integer'],
    ['amount=99999999999999999999&currency=usd', 'amount', 'parameter_invalid_integer'],
    ['amount=100000000&currency=usd', 'amount', 'amount_too_large'],
    ['amount=49&currency=usd', 'amount', 'amount_too_small'],
    ['currency=usd', 'amount', 'parameter_missing'],
    ['amount=100', 'currency', 'parameter_missing'],
    ['amount=100&currency=xyz', 'currency', undefined],
    ['amount=100&currency=usd&colour=red', 'colour', 'parameter_unknown'],
    ['amount=100&currency=usd&payment_method_types[]=card', 'payment_method_types', 'parameter_unknown'],
    ['amount=100&currency=usd&capture_method=never', 'capture_method', undefined],
    ['amount=100&currency=usd&customer=', 'customer', 'parameter_invalid_empty'],
    ['amount=100&currency=usd&customer[id]=cus_1', 'customer', undefined],
    ['amount[]=100&currency=usd', 'amount', undefined],
    ['amount=100&currency=usd&off_session=true', 'off_session', undefined],
    ['amount=100&currency=usd&metadata[__proto__]=1', 'metadata[__proto__]', undefined],
    ['amount=100&currency=usd&metadata=text', 'metadata', undefined],
  ])('refuses %s', async (body, param, code) => {
    const answer = await call('/v1/payment_intents', form(body));
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ type: 'invalid_request_error', param });
    expect(error.code).toBe(code);
  });

  it('refuses what is no form, too deep, too much', async () => {
    const json = await call('/v1/customers', {
      method: 'POST',
      body: '{"email":"a@b"}',
      headers: { 'content-type': 'application/json' },
    });
    expect(json.status).toBe(400);
    expect((await call('/v1/customers', form(`a${'[b]'.repeat(20)}=1`))).status).toBe(400);
    expect((await call('/v1/customers', form('name=1&name[a]=2'))).status).toBe(400);
    expect((await call('/v1/customers', form('x&'.repeat(3_000)))).status).toBe(400);
    expect((await call('/v1/customers', form(`name=${'x'.repeat(2 * 1024 * 1024)}`))).status).toBe(413);
  });
});

describe('customers', () => {
  it('are made, changed, found by email and deleted', async () => {
    const made = await stripe.customers.create({
      email: 'casey@soulseer.test',
      name: 'Casey',
      metadata: { person_id: 'p1', note: 'x' },
      address: { country: 'US' },
    });
    expect(made).toMatchObject({
      object: 'customer',
      livemode: false,
      address: { country: 'US', city: null },
    });
    expect(made.id).toMatch(/^cus_\w{14}$/);
    const changed = await stripe.customers.update(made.id, { name: 'Casey B', metadata: { note: '' } });
    expect(changed).toMatchObject({ name: 'Casey B', metadata: { person_id: 'p1' } });
    const found = await stripe.customers.list({ email: 'casey@soulseer.test' });
    expect(found.data.map(({ id }) => id)).toEqual([made.id]);

    expect(await stripe.customers.del(made.id)).toEqual({ id: made.id, object: 'customer', deleted: true });
    expect(await stripe.customers.retrieve(made.id)).toMatchObject({ deleted: true });
    expect((await refusal(stripe.customers.update(made.id, { name: 'x' }))).code).toBe('resource_missing');
    expect((await stripe.customers.list({ email: 'casey@soulseer.test' })).data).toEqual([]);
  });

  it('that nobody made are missing', async () => {
    const error = await refusal(stripe.customers.retrieve('cus_nobody'));
    expect(error).toMatchObject({ statusCode: 404, code: 'resource_missing', param: 'id' });
    expect(error.message).toBe("No such customer: 'cus_nobody'");
    expect(error.requestId).toMatch(/^req_/);
  });

  it('are listed in pages, both ways, by time', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 5; number += 1) {
      ids.unshift((await stripe.customers.create({ email: 'page@soulseer.test' })).id);
    }
    const all = { email: 'page@soulseer.test' };
    const first = await stripe.customers.list({ ...all, limit: 2 });
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(first).toMatchObject({ object: 'list', has_more: true, url: '/v1/customers' });
    const second = await stripe.customers.list({ ...all, limit: 2, starting_after: ids[1] ?? '' });
    expect(second.data.map(({ id }) => id)).toEqual(ids.slice(2, 4));
    const back = await stripe.customers.list({ ...all, limit: 2, ending_before: ids[4] ?? '' });
    expect(back.data.map(({ id }) => id)).toEqual(ids.slice(2, 4));
    expect(back.has_more).toBe(true);
    const last = await stripe.customers.list({ ...all, starting_after: ids[4] ?? '' });
    expect(last).toMatchObject({ data: [], has_more: false });
    // The SDK turns the pages by itself.
    const turned: string[] = [];
    for await (const customer of stripe.customers.list({ ...all, limit: 2 })) turned.push(customer.id);
    expect(turned).toEqual(ids);

    const now = Math.floor(Date.now() / 1_000);
    expect((await stripe.customers.list({ ...all, created: { gt: now + 60 } })).data).toEqual([]);
    expect(
      (await stripe.customers.list({ ...all, created: { gte: now - 600, lte: now + 60 } })).data,
    ).toHaveLength(5);
    expect((await refusal(stripe.customers.list({ starting_after: 'cus_no' }))).param).toBe('starting_after');
    expect((await refusal(stripe.customers.list({ limit: 101 }))).param).toBe('limit');
  });
});

describe('payment methods', () => {
  const card = (number: string, more: Partial<Stripe.PaymentMethodCreateParams.Card> = {}) =>
    stripe.paymentMethods.create({
      type: 'card',
      card: { number, exp_month: 12, exp_year: new Date().getUTCFullYear() + 2, cvc: '123', ...more },
    });

  it('are attached, listed, changed and detached', async () => {
    const customer = await stripe.customers.create();
    const method = await card('4242 4242 4242 4242');
    expect(method.card).toMatchObject({ brand: 'visa', last4: '4242', funding: 'credit' });
    expect(JSON.stringify(method)).not.toContain('4242424242424242');
    const attached = await stripe.paymentMethods.attach(method.id, { customer: customer.id });
    expect(attached.customer).toBe(customer.id);
    const { data } = await stripe.paymentMethods.list({ customer: customer.id, type: 'card' });
    expect(data.map(({ id }) => id)).toEqual([method.id]);
    expect((await stripe.customers.listPaymentMethods(customer.id)).data).toHaveLength(1);
    const own = await stripe.customers.retrievePaymentMethod(customer.id, method.id);
    expect(own.id).toBe(method.id);
    await stripe.customers.update(customer.id, {
      invoice_settings: { default_payment_method: method.id },
    });
    await stripe.paymentMethods.update(method.id, {
      billing_details: { name: 'Casey' },
      metadata: { a: 'b' },
    });

    const detached = await stripe.paymentMethods.detach(method.id);
    expect(detached).toMatchObject({ customer: null, metadata: { a: 'b' } });
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toEqual([]);
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    });
    // Once taken off, it is good for nothing.
    await refusal(stripe.paymentMethods.detach(method.id));
    await refusal(stripe.paymentMethods.attach(method.id, { customer: customer.id }));
  });

  it.each([
    ['4242424242424241', {}, 'incorrect_number'],
    ['1234', {}, 'incorrect_number'],
    ['4111111111111111', {}, 'card_declined'],
    ['4242424242424242', { exp_month: 13 }, 'invalid_expiry_month'],
    ['4242424242424242', { exp_year: 2020 }, 'invalid_expiry_year'],
    ['4242424242424242', { cvc: '12' }, 'invalid_cvc'],
    ['378282246310005', { cvc: '123' }, 'invalid_cvc'],
  ])('%s with %o is refused', async (number, more, code) => {
    const error = await refusal(card(number, more));
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError);
    expect(error).toMatchObject({ statusCode: 402, code });
  });

  it('of another customer are not shown as one’s own', async () => {
    const [one, other] = [await stripe.customers.create(), await stripe.customers.create()];
    const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: one.id });
    const error = await refusal(stripe.customers.retrievePaymentMethod(other.id, method.id));
    expect(error).toMatchObject({ statusCode: 404, code: 'resource_missing' });
    await refusal(stripe.paymentMethods.attach(method.id, { customer: other.id }));
    expect((await stripe.paymentMethods.retrieve(method.id)).customer).toBe(one.id);
  });

  it('of a declining card are not attached, that of 0341 is', async () => {
    const customer = await stripe.customers.create();
    const declined = await refusal(
      stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: customer.id }),
    );
    expect(declined).toMatchObject({ code: 'card_declined', decline_code: 'generic_decline' });
    await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toHaveLength(1);
  });
});

describe('idempotency keys', () => {
  const params = { amount: 1_000, currency: 'usd' } as const;

  it('answer the first result again', async () => {
    const options = { idempotencyKey: 'key-first' };
    const first = await stripe.paymentIntents.create(params, options);
    const again = await stripe.paymentIntents.create({ currency: 'usd', amount: 1_000 }, options);
    expect(again.id).toBe(first.id);
    const answer = await call(
      '/v1/payment_intents',
      form('amount=1000&currency=usd', { 'idempotency-key': 'key-first' }),
    );
    expect(answer.headers.get('idempotent-replayed')).toBe('true');
    expect(answer.headers.get('original-request')).toBe(first.lastResponse.requestId);
  });

  it('are refused with other parameters, and at another address', async () => {
    const options = { idempotencyKey: 'key-other' };
    await stripe.paymentIntents.create(params, options);
    const error = await refusal(stripe.paymentIntents.create({ ...params, amount: 2_000 }, options));
    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect(error).toMatchObject({ statusCode: 400, rawType: 'idempotency_error' });
    const elsewhere = await refusal(stripe.customers.create({}, options));
    expect(elsewhere).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
  });

  it('remember a declined card and a refused state', async () => {
    const customer = await stripe.customers.create();
    const method = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
      customer: customer.id,
    });
    const pay = () =>
      refusal(
        stripe.paymentIntents.create(
          { ...params, customer: customer.id, payment_method: method.id, off_session: true, confirm: true },
          { idempotencyKey: 'key-declined' },
        ),
      );
    const [first, second] = [await pay(), await pay()];
    expect(second.payment_intent?.id).toBe(first.payment_intent?.id);
    expect((await stripe.charges.list({ customer: customer.id })).data).toHaveLength(1);

    const intent = await stripe.paymentIntents.create(params);
    const capture = () =>
      refusal(stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: 'key-capture' }));
    expect((await capture()).code).toBe('payment_intent_unexpected_state');
    expect((await capture()).code).toBe('payment_intent_unexpected_state');
  });

  it('forget a request that never began', async () => {
    const options = { idempotencyKey: 'key-invalid' };
    await refusal(stripe.paymentIntents.create({ ...params, amount: 1 }, options));
    expect((await stripe.paymentIntents.create(params, options)).amount).toBe(1_000);
  });

  it('let one of many at once work; the others are told that it does', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 12 }, () =>
        stripe.customers.create({ email: 'once@soulseer.test' }, { idempotencyKey: 'key-race' }),
      ),
    );
    for (const result of tries) {
      if (result.status === 'fulfilled') continue;
      expect(result.reason).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    }
    expect((await stripe.customers.list({ email: 'once@soulseer.test' })).data).toHaveLength(1);
  });

  it('that are too long are refused', async () => {
    const error = await refusal(stripe.customers.create({}, { idempotencyKey: 'x'.repeat(256) }));
    expect(error.statusCode).toBe(400);
  });
});
