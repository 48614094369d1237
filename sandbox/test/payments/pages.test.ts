import { createServer, type Server } from 'node:http';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright';
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../support/ports.ts';
import { type Sandbox, startSandbox } from './support.ts';

const year = String((new Date().getUTCFullYear() + 2) % 100);

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

let sandbox: Sandbox;
let stripe: Stripe;
let browser: Browser;
let shop: { origin: string; server: Server };

beforeAll(async () => {
  const executablePath = process.env.CHROMIUM_PATH;
  if (!executablePath) throw new Error('CHROMIUM_PATH is not set: run this through npm test');
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
  browser = await chromium.launch({
    executablePath,
    args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  // Another origin than the page's, as the shop is.
  const port = await freePort();
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>shop</title><p>${request.url}</p>`);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  shop = { origin: `http://127.0.0.1:${port}`, server };
});
afterAll(async () => {
  await browser?.close();
  shop?.server.closeAllConnections();
  shop?.server.close();
  await sandbox?.stop();
});

async function session(more: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  return stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: `${shop.origin}/back?session={CHECKOUT_SESSION_ID}`,
    cancel_url: `${shop.origin}/wallet`,
    line_items: [
      {
        quantity: 1,
        price_data: { currency: 'usd', unit_amount: 2_500, product_data: { name: 'Top-up <25>' } },
      },
    ],
    ...more,
  });
}

/** A page of its own context, with everything that went wrong on it. */
async function visit<Result>(
  url: string,
  width: 390 | 1280,
  use: (page: Page) => Promise<Result>,
): Promise<Result> {
  const context = await browser.newContext({ viewport: { width, height: 844 } });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    // An answer of 4xx is told as an error too; it is what some tests want to see.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      faults.push(message.text());
    }
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    const { origin } = new URL(request.url());
    if (![sandbox.environment.ORIGIN, shop.origin].includes(origin)) faults.push(`asked ${origin}`);
  });
  try {
    await page.goto(url);
    const result = await use(page);
    expect(faults).toEqual([]);
    return result;
  } finally {
    await context.close();
  }
}

async function fill(page: Page, number: string, more: Record<string, string> = {}) {
  const fields = {
    Email: 'casey@soulseer.test',
    'Card number': number,
    'Expires (month / year)': `12 / ${year}`,
    'Security code': '123',
    'Name on the card': 'Casey Client',
    ...more,
  };
  for (const [label, value] of Object.entries(fields)) {
    const field = page.getByLabel(label, { exact: true });
    if (await field.count()) await field.fill(value);
  }
}

const press = (page: Page) => page.getByRole('button', { name: /^(Pay \$|Save card)/ }).click();

async function isAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  // Nothing sticks out of the page sideways.
  const [inside, whole] = await Promise.all([
    page.evaluate('document.documentElement.clientWidth'),
    page.evaluate('document.documentElement.scrollWidth'),
  ]);
  expect(whole).toBe(inside);
}

describe.each([390, 1280] as const)('the hosted page at %i px', (width) => {
  it('takes a good card and leads back', async () => {
    const made = await session({ client_reference_id: 'cart' });
    await visit(made.url ?? '', width, async (page) => {
      await expect.poll(() => page.getByText('No real card works here').isVisible()).toBe(true);
      await expect.poll(() => page.getByText('Top-up <25>').isVisible()).toBe(true);
      await isAccessible(page);
      await fill(page, '4242 4242 4242 4242');
      await press(page);
      await page.waitForURL(`${shop.origin}/back?session=${made.id}`);
      // Coming back finds it paid.
      await page.goto(made.url ?? '');
      await expect.poll(() => page.getByRole('heading', { name: 'That is done' }).isVisible()).toBe(true);
      await isAccessible(page);
    });
    expect(await stripe.checkout.sessions.retrieve(made.id)).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      customer_details: { email: 'casey@soulseer.test', name: 'Casey Client' },
    });
  });

  it('says clearly what the bank refused, and takes another card', async () => {
    const made = await session();
    await visit(made.url ?? '', width, async (page) => {
      for (const [number, says] of [
        ['4000000000000002', 'Your card was declined.'],
        ['4000000000009995', 'Your card has insufficient funds.'],
        ['4242424242424241', 'Your card number is incorrect.'],
      ] as const) {
        await fill(page, number);
        await press(page);
        await expect.poll(() => page.getByRole('alert').textContent()).toBe(says);
      }
      await isAccessible(page);
      await fill(page, '5555555555554444');
      await press(page);
      await page.waitForURL(`${shop.origin}/back?session=${made.id}`);
    });
  });

  it('leads through the bank’s challenge, failed and then passed', async () => {
    const made = await session();
    await visit(made.url ?? '', width, async (page) => {
      await fill(page, '4000000000003220');
      await press(page);
      await page.waitForURL('**/challenge/pi_*');
      await isAccessible(page);
      await page.getByRole('button', { name: 'No, refuse it' }).click();
      await page.waitForURL(made.url ?? '');
      await expect
        .poll(() => page.getByRole('alert').textContent())
        .toContain('unable to authenticate your payment method');
      await fill(page, '4000000000003220');
      await press(page);
      await page.waitForURL('**/challenge/pi_*');
      const asked = page.url();
      await page.getByRole('button', { name: 'Yes, that is me' }).click();
      await page.waitForURL(`${shop.origin}/back?session=${made.id}`);
      await page.goto(asked);
      await expect.poll(() => page.getByText('asks nothing here any more').isVisible()).toBe(true);
    });
  });
});

describe('the hosted page', () => {
  it('names every field that is wrong', async () => {
    await visit((await session()).url ?? '', 390, async (page) => {
      await press(page);
      await expect
        .poll(() => page.getByRole('alert').allTextContents())
        .toEqual([
          'Please give an email address.',
          'Please give a card number.',
          'Please give month and year, such as 12 / 34.',
          'Please give the security code.',
          'Please give the name on the card.',
        ]);
      await isAccessible(page);
      await fill(page, '4242424242424242', { 'Expires (month / year)': '12/20' });
      await press(page);
      await expect
        .poll(() => page.getByRole('alert').textContent())
        .toBe('Your card’s expiration year is invalid.');
      expect(await page.getByLabel('Security code').inputValue()).toBe('');
      await fill(page, '4242424242424242', { 'Security code': '12' });
      await press(page);
      await expect
        .poll(() => page.getByRole('alert').textContent())
        .toBe('Your card’s security code is invalid.');
    });
  });

  it('keeps a card when the box is ticked, and offers it the next time', async () => {
    const customer = await stripe.customers.create({ email: 'casey@soulseer.test' });
    const more = {
      customer: customer.id,
      saved_payment_method_options: { payment_method_save: 'enabled' },
    } as const;
    await visit((await session(more)).url ?? '', 390, async (page) => {
      expect(await page.getByLabel('Save this card').isChecked()).toBe(false);
      await fill(page, '4242424242424242');
      await page.getByLabel('Save this card').check();
      await press(page);
      await page.waitForURL(`${shop.origin}/back*`);
    });
    const { data } = await stripe.paymentMethods.list({ customer: customer.id });
    expect(data).toHaveLength(1);
    await visit((await session(more)).url ?? '', 390, async (page) => {
      expect(await page.getByLabel('visa ending in 4242').isChecked()).toBe(true);
      await isAccessible(page);
      await press(page);
      await page.waitForURL(`${shop.origin}/back*`);
    });
    const [last] = (await stripe.charges.list({ customer: customer.id })).data;
    expect(last?.payment_method).toBe(data[0]?.id);
  });

  it('saves a card in setup mode', async () => {
    const customer = await stripe.customers.create({ email: 'casey@soulseer.test' });
    const made = await stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'usd',
      customer: customer.id,
      success_url: `${shop.origin}/saved`,
    });
    await visit(made.url ?? '', 390, async (page) => {
      await fill(page, '4000002500003155');
      await press(page);
      await page.waitForURL('**/challenge/seti_*');
      await page.getByRole('button', { name: 'Yes, that is me' }).click();
      await page.waitForURL(`${shop.origin}/saved`);
    });
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toHaveLength(1);
  });

  it('leads back when cancelled, and says when it has expired or never was', async () => {
    const made = await session();
    await visit(made.url ?? '', 390, async (page) => {
      await page.getByRole('link', { name: 'Cancel and go back' }).click();
      await page.waitForURL(`${shop.origin}/wallet`);
      await stripe.checkout.sessions.expire(made.id);
      await page.goto(made.url ?? '');
      await expect.poll(() => page.getByText('Nothing was charged').isVisible()).toBe(true);
    });
    const none = await fetch(`${sandbox.environment.ORIGIN}/c/pay/cs_test_none`);
    expect(none.status).toBe(404);
  });

  it('lets nothing in that is not its own', async () => {
    const made = await session();
    const page = await fetch(made.url ?? '');
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('script-src');
    const post = (headers: Record<string, string>, body = 'email=a%40b.c') =>
      fetch(made.url ?? '', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      });
    expect((await post({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post({ origin: 'http://evil.test' })).status).toBe(403);
    expect((await post({ 'content-type': 'text/plain' })).status).toBe(400);
    expect((await post({}, `email=${'x'.repeat(20_000)}`)).status).toBe(400);
    const other = await fetch(`${sandbox.environment.ORIGIN}/challenge/pi_none?token=x`, {
      method: 'POST',
      body: 'token=x&outcome=pass',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(other.status).toBe(410);
    expect((await stripe.checkout.sessions.retrieve(made.id)).status).toBe('open');
  });
});

describe('the dashboard', () => {
  const pay = (payment_method = 'pm_card_visa') =>
    stripe.paymentIntents.create({
      amount: 1_999,
      currency: 'usd',
      payment_method,
      confirm: true,
      description: 'Crystal <ball>',
      metadata: { order: 'o<1>' },
      return_url: `${shop.origin}/back`,
    });
  const home = () => `${sandbox.environment.ORIGIN}/`;

  it.each([390, 1280] as const)('refunds, disputes and decides at %i px', async (width) => {
    const intent = await pay();
    await visit(home(), width, async (page) => {
      await page.waitForURL('**/dashboard');
      await isAccessible(page);
      await page.getByRole('link', { name: intent.id }).click();
      await page.waitForURL(`**/dashboard/payments/${intent.id}`);
      await isAccessible(page);
      const refund = page.locator('form[action$="/refund"]');
      await refund.getByRole('textbox').fill('99.99');
      await refund.getByRole('button').click();
      await expect
        .poll(() => page.getByRole('alert').textContent())
        .toContain('is greater than unrefunded amount');
      await refund.getByRole('textbox').fill('ten');
      await refund.getByRole('button').click();
      await expect.poll(() => page.getByRole('alert').textContent()).toContain('is no amount');
      await refund.getByRole('textbox').fill('5.5');
      await refund.getByRole('button').click();
      await expect.poll(() => page.getByText('$5.50, succeeded').isVisible()).toBe(true);
      await page.getByRole('button', { name: 'Let it fail' }).click();
      await expect.poll(() => page.getByText('$5.50, failed').isVisible()).toBe(true);
      await page.getByLabel('Reason').selectOption('product_not_received');
      await page.getByRole('button', { name: 'Open a dispute' }).click();
      await expect.poll(() => page.getByText('needs_response').isVisible()).toBe(true);
      await page.getByRole('button', { name: 'We win' }).click();
      await expect.poll(() => page.getByText('won', { exact: true }).isVisible()).toBe(true);
      await isAccessible(page);
    });
    expect((await stripe.disputes.list({ payment_intent: intent.id })).data).toMatchObject([
      { status: 'won', reason: 'product_not_received', amount: 1_999 },
    ]);
    expect((await stripe.refunds.list({ payment_intent: intent.id })).data).toMatchObject([
      { status: 'failed', amount: 550 },
    ]);
  });

  it('holds events, lets them go reversed, and resends', async () => {
    await visit(home(), 1280, async (page) => {
      await page.getByLabel('Hold new events').check();
      await page.getByRole('button', { name: 'Set', exact: true }).click();
      await expect.poll(() => page.getByLabel('Hold new events').isChecked()).toBe(true);
      const intent = await pay();
      await page.reload();
      await expect.poll(() => page.getByText('3 deliveries are held.').isVisible()).toBe(true);
      const before = sandbox.receiver.deliveries.length;
      await page.getByRole('button', { name: 'Send reversed' }).click();
      await expect.poll(() => page.getByText('0 deliveries are held.').isVisible()).toBe(true);
      expect(
        sandbox.receiver
          .events()
          .slice(before)
          .map(({ type }) => type),
      ).toEqual(['payment_intent.succeeded', 'charge.succeeded', 'payment_intent.created']);
      await page.getByLabel('Hold new events').uncheck();
      await page.getByRole('button', { name: 'Set', exact: true }).click();
      await page.getByRole('button', { name: 'Resend payment_intent.succeeded twice' }).first().click();
      await expect
        .poll(
          () =>
            sandbox.receiver
              .events('payment_intent.succeeded')
              .filter(({ data }) => (data.object as { id: string }).id === intent.id).length,
        )
        .toBe(3);
    });
  });

  it('takes no form of another site, and answers under no other name', async () => {
    const intent = await pay();
    const refund = (headers: Record<string, string>) =>
      fetch(`${sandbox.environment.ORIGIN}/dashboard/payments/${intent.id}/refund`, {
        method: 'POST',
        body: '',
        redirect: 'manual',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      });
    expect((await refund({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await refund({ origin: shop.origin })).status).toBe(403);
    const { createConnection } = await import('node:net');
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = createConnection(sandbox.environment.PORT, '127.0.0.1', () => {
        socket.write('GET /dashboard HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n');
      });
      let text = '';
      socket
        .on('data', (chunk) => (text += chunk))
        .on('end', () => resolve(text))
        .on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1.1 421 /);
    expect((await stripe.refunds.list({ payment_intent: intent.id })).data).toEqual([]);
    expect((await fetch(`${sandbox.environment.ORIGIN}/dashboard/payments/pi_none`)).status).toBe(404);
  });
});
