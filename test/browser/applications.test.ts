import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addressOf } from '../support/addresses.ts';
import { sendApplication } from '../support/application.ts';
import { keepScreenshots, openBrowser } from '../support/browser.ts';
import { createAccount, signInToCms } from '../support/people.ts';

// A1: somebody applies on the site, staff decide in the CMS admin, and what follows from it is there.

const [site, cms] = [addressOf('site'), addressOf('cms')];
const DOCUMENT = 'identity.pdf';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

interface Applicant {
  page: Page;
  name: string;
  email: string;
}

/** Makes an account at the issuer on the way to the form. */
async function comeNew(): Promise<Applicant> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${site}/become-a-reader`);
  await page.getByRole('link', { name: /sign in to apply/i }).click();
  await page.waitForURL(`${addressOf('identity')}/**`);
  const account = await createAccount(page, 'Applicant');
  await page.waitForURL(`${site}/become-a-reader`);
  return { page, ...account };
}

const apply = ({ page, name }: Applicant): Promise<void> =>
  sendApplication(page, {
    name,
    headline: 'Tarot for people who test things',
    biography: `I began with cards.\n\n${'Then I read everything else. '.repeat(5)}`,
    portrait: 'me.jpg',
    document: DOCUMENT,
  });

async function openAsStaff(name: string): Promise<Page> {
  const staff = await (await browser.newContext()).newPage();
  await signInToCms(staff, 'admin@soulseer.test');
  await staff.waitForURL(`${cms}/admin`);
  await staff.goto(`${cms}/admin/collections/reader-applications`);
  await staff.getByRole('link', { name }).first().click();
  await staff.getByRole('button', { name: 'Approve' }).waitFor();
  return staff;
}

/** What somebody was written to, as the mail server of the sandbox has it. */
async function mailTo(email: string): Promise<string> {
  return vi.waitFor(
    async () => {
      const mails = (await (await fetch(`${addressOf('mail')}/api/email`)).json()) as {
        to: { address: string }[];
        text: string;
      }[];
      const mail = mails.find(({ to }) => to.some(({ address }) => address === email));
      if (!mail) throw new Error(`no mail to ${email}`);
      return mail.text;
    },
    { timeout: 20_000, interval: 500 },
  );
}

test('A1: who is approved has the role, the page, the documents kept private, and a mail', async () => {
  const applicant = await comeNew();
  await apply(applicant);
  const staff = await openAsStaff(applicant.name);
  await keepScreenshots(staff, 'cms-application');
  const [download] = await Promise.all([
    staff.waitForEvent('download'),
    staff.getByRole('link', { name: DOCUMENT }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(DOCUMENT);
  const address = download.url();
  for (const other of [undefined, applicant.page]) {
    const answer = other ? await other.request.get(address) : await fetch(address);
    const status = typeof answer.status === 'function' ? answer.status() : answer.status;
    expect([401, 403, 404]).toContain(status);
  }
  await staff.getByRole('button', { name: 'Approve' }).click();
  await staff.getByText(`${applicant.name} is a reader now`).waitFor();

  expect(await mailTo(applicant.email)).toMatch(/approved|welcome/i);
  await vi.waitFor(
    async () => {
      await applicant.page.goto(`${site}/become-a-reader`);
      await applicant.page.getByText('You are one of our readers').waitFor({ timeout: 2_000 });
    },
    { timeout: 20_000, interval: 500 },
  );
  const slug = applicant.name.toLowerCase().replace(' ', '-');
  await vi.waitFor(
    async () => {
      const response = await applicant.page.goto(`${site}/readers/${slug}`);
      expect(response?.status()).toBe(200);
    },
    { timeout: 45_000, interval: 1_000 },
  );
  expect(await applicant.page.getByRole('heading', { level: 1 }).textContent()).toContain(applicant.name);
  await Promise.all([staff.context().close(), applicant.page.context().close()]);
}, 180_000);

test('A1: who is declined reads why, on the site and by mail, and may apply again', async () => {
  const applicant = await comeNew();
  await apply(applicant);
  const staff = await openAsStaff(applicant.name);
  await staff.getByRole('button', { name: 'Decline…' }).click();
  await staff
    .getByLabel(/Why is it declined/)
    .fill('The picture doesn’t show you. <b>Please</b> send another.');
  await staff.getByRole('button', { name: 'Decline and tell them' }).click();
  await staff.getByText(`${applicant.name} gets a mail with your reason`).waitFor();

  expect(await mailTo(applicant.email)).toContain(
    'The picture doesn’t show you. <b>Please</b> send another.',
  );
  await applicant.page.goto(`${site}/become-a-reader`);
  await applicant.page.getByText('The picture doesn’t show you. <b>Please</b> send another.').waitFor();
  expect(await applicant.page.getByRole('button', { name: 'Send the application' }).count()).toBe(1);
  await Promise.all([staff.context().close(), applicant.page.context().close()]);
}, 180_000);
