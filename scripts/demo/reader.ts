import type { Browser } from 'playwright';
import type { SessionView } from '../../realtime/contract/session.ts';
import type { Earnings } from '../../realtime/contract/wallet.ts';
import { Failure } from '../platform/failure.ts';
import { ask, hearsAndSees, openWindow, read, write } from './attendee.ts';
import { money, type Story } from './story.ts';

const EMAIL = 'reader@soulseer.test';

/** The demo world's first reader, in a window of their own. */
export async function createReader(browser: Browser, site: string, story: Story) {
  const page = await openWindow(browser);
  await page.goto(`${site}/dashboard`);
  await page.getByRole('button', { name: EMAIL }).click();
  await page.waitForURL(`${site}/dashboard`);
  const slug = (await page.getByRole('link', { name: 'See your page' }).getAttribute('href'))
    ?.split('/')
    .at(-1);
  if (!slug) throw new Failure(`${EMAIL} has no page on the site`);
  const { display_name: name } = await ask<{ display_name: string }>(page, site, '/api/me');

  return {
    name,
    slug,
    async goOnline() {
      // What a demo before has left open.
      const { sessions } = await ask<{ sessions: SessionView[] }>(page, site, '/api/sessions?state=open');
      for (const { id } of sessions)
        await page.request.post(`${site}/api/sessions/${id}/end`, { headers: { origin: site } });
      await page.getByRole('radio', { name: /^Online/ }).check();
      await page.getByText('Clients see: Online').waitFor();
      await story.picture(page, 'reader-desk');
      story.fact(`${name} <${EMAIL}> is online`);
    },
    async accept(id: string) {
      await page.getByRole('alertdialog').waitFor();
      await story.picture(page, 'reader-asked');
      await page.getByRole('button', { name: 'Accept' }).click();
      await page.waitForURL(`${site}/readings/${id}`);
      await page.getByRole('button', { name: 'Come in' }).click();
      await page.locator('.room[data-state=active]').waitFor();
      story.fact('the clock runs from now on');
    },
    async meet() {
      const got = await hearsAndSees(page);
      await story.picture(page, 'room-reader');
      story.fact(`to the reader came ${got.frames} frames and ${got.audio_bytes} bytes of voice`);
    },
    say: (text: string) => write(page, text),
    hear: (text: string) => read(page, text),
    async earned(id: string) {
      const { summary } = await ask<SessionView>(page, site, `/api/sessions/${id}`);
      const { rows } = await ask<Earnings>(page, site, '/api/earnings?by=session&limit=1');
      const [row] = rows;
      if (!summary || row?.session_id !== id || row.total_cents !== summary.reader_cents)
        throw new Failure('the earnings don’t say what the session says');
      const share = Math.floor((summary.paid_cents * 7_000 + 5_000) / 10_000);
      if (summary.reader_cents !== share)
        throw new Failure(`70 % of ${summary.paid_cents} cents is ${share}`);
      await page.goto(`${site}/dashboard`);
      await story.picture(page, 'earnings');
      story.fact(`${money(row.total_cents)} earned of ${money(summary.paid_cents)} in this reading`);
    },
  };
}
