import { randomBytes } from 'node:crypto';
import type { Browser } from 'playwright';
import type { SessionView } from '../../realtime/contract/session.ts';
import type { Wallet, WalletEntries } from '../../realtime/contract/wallet.ts';
import { Failure } from '../platform/failure.ts';
import { ask, hearsAndSees, openWindow, read, until, write } from './attendee.ts';
import { money, type Story } from './story.ts';

const PASSWORD = 'a fine password';

/** Somebody new, in a window of their own: what they do, one after the other. */
export async function createClient(browser: Browser, site: string, story: Story) {
  const page = await openWindow(browser);
  const tag = randomBytes(3).toString('hex');
  const [name, email] = [`Robin ${tag}`, `robin-${tag}@example.com`];
  let session = '';
  const balance = async () => (await ask<Wallet>(page, site, '/api/wallet')).balance_cents;
  const look = () => ask<SessionView>(page, site, `/api/sessions/${session}`);

  return {
    async signUp() {
      await page.goto(site);
      await story.picture(page, 'home');
      await page.goto(`${site}/dashboard`);
      await page.getByText('Create an account', { exact: true }).click();
      await page.getByLabel('Name', { exact: true }).fill(name);
      await page.locator('form[action$="/create"] input[name=email]').fill(email);
      await page.locator('form[action$="/create"] input[name=password]').fill(PASSWORD);
      await page.getByRole('button', { name: 'Create account and sign in' }).click();
      await page.waitForURL(`${site}/dashboard`);
      await story.picture(page, 'client-dashboard');
      story.fact(`${name} <${email}>, with ${money(await balance())} in the wallet`);
    },
    /** Looks for the reader with a typing mistake, and opens the page. */
    async find(reader: string, slug: string) {
      const typed = `${reader.slice(0, 3)}${reader.slice(4)}`.toLowerCase();
      await page.goto(`${site}/readers?q=${encodeURIComponent(typed)}`);
      await story.picture(page, 'readers');
      await page.locator(`a[href="/readers/${slug}"]`).first().click();
      await page.waitForURL(`${site}/readers/${slug}`);
      await page.getByRole('link', { name: 'Top up your wallet' }).waitFor();
      await page.locator('.start').scrollIntoViewIfNeeded();
      await story.picture(page, 'reader');
      story.fact(`“${typed}” was typed, ${reader} was found, and the page says that money is missing`);
    },
    async topUp(cents: number) {
      const before = await balance();
      await page.getByRole('link', { name: 'Top up your wallet' }).click();
      await page.locator('#amount').fill(String(cents / 100));
      await page.getByRole('button', { name: 'Continue' }).click();
      const pay = page.locator('#top-up a.button').first();
      await pay.waitFor();
      await story.picture(page, 'top-up');
      await pay.click();
      await page.locator('input[name=card_number]').fill('4242 4242 4242 4242');
      await page.locator('input[name=expiry]').fill('12 / 34');
      await page.locator('input[name=cvc]').fill('123');
      await page.locator('input[name=name]').fill(name);
      await story.picture(page, 'payment');
      await page.getByRole('button', { name: /^Pay / }).click();
      await page.waitForURL((url) => url.origin === site && url.pathname === '/wallet');
      const after = await balance();
      if (after !== before + cents)
        throw new Failure(`the wallet has ${money(after)} after ${money(cents)} were paid`);
      await page.getByText(money(after)).first().waitFor();
      await story.picture(page, 'wallet');
      story.fact(`${money(cents)} by card 4242: the wallet went from ${money(before)} to ${money(after)}`);
    },
    async ask(slug: string): Promise<string> {
      await page.goto(`${site}/readers/${slug}`);
      await page.getByRole('radio', { name: /Video/ }).check();
      await page.getByRole('button', { name: /^Ask .* for a reading$/ }).click();
      await page.waitForURL(`${site}/readings/*`);
      session = new URL(page.url()).pathname.split('/').at(-1) ?? '';
      await page.locator('.mirror video').waitFor();
      await page.getByRole('checkbox', { name: /^I agree to pay/ }).check();
      await story.picture(page, 'threshold');
      await page.getByRole('button', { name: 'Come in' }).click();
      await page.getByRole('heading', { level: 1, name: /^Waiting for/ }).waitFor();
      const { rate_cents, maximum_minutes } = await look();
      story.fact(`${money(rate_cents)} a minute, at most ${maximum_minutes} minutes agreed`);
      return session;
    },
    async meet() {
      const got = await hearsAndSees(page);
      await story.picture(page, 'room-client');
      story.fact(`to the client came ${got.frames} frames and ${got.audio_bytes} bytes of voice`);
    },
    say: (text: string) => write(page, text),
    hear: (text: string) => read(page, text),
    /** Stays until so many minutes are paid, telling each as it is. */
    async pay(minutes: number) {
      for (let paid = 0; paid < minutes; ) {
        await until(`minute ${paid + 1} is paid`, async () => (await look()).paid_minutes > paid, 90_000);
        const view = await look();
        paid = view.paid_minutes;
        story.fact(
          `minute ${paid} began: ${money(view.cost_cents)} so far, ${money(await balance())} left, enough for ${view.minutes_left} more`,
        );
      }
      await story.picture(page, 'room-paying');
    },
    async end() {
      await page.getByRole('button', { name: 'End', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'End the reading' }).click();
      await page.getByRole('heading', { level: 1, name: 'You ended it' }).waitFor();
      await until('the session is finalised', async () => (await look()).state === 'finalized');
      const { summary } = await look();
      if (!summary) throw new Failure('a finalised session has a summary');
      story.fact(
        `${(summary.active_ms / 1_000).toFixed(1)} s together, ${summary.charged_minutes} minutes charged, ${summary.owed_minutes} owed`,
      );
      story.fact(
        `${money(summary.paid_cents)} = ${money(summary.reader_cents)} for the reader + ${money(summary.platform_cents)} for the platform`,
      );
    },
    /** The receipt as it is downloaded. */
    async receipt(): Promise<string> {
      await page.locator('[data-verdict=ok]').waitFor();
      await story.picture(page, 'receipt');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download the receipt' }).click(),
      ]);
      const chunks: Buffer[] = [];
      for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
      story.fact(download.suggestedFilename());
      return Buffer.concat(chunks).toString();
    },
    async movements() {
      const { entries } = await ask<WalletEntries>(page, site, '/api/wallet/entries?limit=50');
      for (const { number, kind, minute, amount_cents, balance_after_cents } of entries.toReversed())
        story.fact(
          `${String(number).padStart(2)}  ${`${kind.replaceAll('_', ' ')}${minute ? ` ${minute}` : ''}`.padEnd(12)} ${money(amount_cents).padStart(9)}  → ${money(balance_after_cents)}`,
        );
      await page.goto(`${site}/wallet`);
      await story.picture(page, 'movements');
    },
  };
}
