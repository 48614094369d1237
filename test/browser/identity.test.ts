import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addressOf } from '../support/addresses.ts';
import { openBrowser } from '../support/browser.ts';
import { accessTokenOf } from '../support/tokens.ts';

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

describe('somebody new (A3)', () => {
  test('who comes 50 times at once is one person and one customer', async () => {
    const newEmail = `new-${randomBytes(6).toString('hex')}@example.com`;
    const headers = bearer(await accessTokenOf({ newEmail, name: 'Somebody New' }));
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
    const customers = answers.flatMap(({ token }) => {
      const [, claims = ''] = token?.split('.') ?? [];
      return claims
        ? (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { actor_id: string }).actor_id
        : [];
    });
    expect([people.length, customers.length]).toEqual([25, 25]);
    expect([new Set(people).size, new Set(customers).size]).toEqual([1, 1]);
  });
});

describe('suspending somebody (A1)', () => {
  test('ends what they have open on the site within five seconds, and lifting it lets them in again', async () => {
    const [staffs, theirs] = [await browser.newContext(), await browser.newContext()];
    const [staff, person] = [await staffs.newPage(), await theirs.newPage()];
    await person.goto(`${site}/dashboard`);
    await choose(person, 'client2@soulseer.test');
    await person.waitForURL(`${site}/dashboard`);
    await staff.goto(`${cms}/admin/login`);
    await staff.getByRole('link', { name: 'Sign in with SoulSeer' }).click();
    await choose(staff, 'admin@soulseer.test');
    await staff.waitForURL(`${cms}/admin`);

    const found = await staff.request.get(`${cms}/api/people?where[email][equals]=client2@soulseer.test`);
    const { docs } = (await found.json()) as { docs: { id: number }[] };
    const set = async (status: string) => {
      const answer = await staff.request.patch(`${cms}/api/people/${docs[0]?.id}`, {
        headers: { origin: cms },
        data: { status },
      });
      expect(answer.status(), await answer.text()).toBe(200);
    };
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
});
