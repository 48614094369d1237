import agora from 'agora-token';
import { expect, it } from 'vitest';
import { openChromium } from './helpers/chromium.ts';
import { personIdOf, startPlatform } from './helpers/platform.ts';
import { aSession } from './helpers/session.ts';

// Agora's own libraries in a real browser, under the policy of a reading's room. Agora itself isn't there: what is looked at is
// that they are fetched and run, that they try its addresses, and that the room is whole without an answer.

const app_id = '0123456789abcdef0123456789abcdef';
const certificate = 'fedcba9876543210fedcba9876543210';
const channel = 'a-channel';
const id = '5b0c2a52-7a2b-4c9c-9a51-0a8d7c3b1f12';
const me = personIdOf('client@soulseer.test');
const view = aSession({
  id,
  version: 3,
  state: 'active',
  client: { person_id: me, name: 'Demo Client' },
  reader: { person_id: personIdOf('reader@soulseer.test'), reader_id: '1', name: 'Rhea', slug: 'rhea' },
  modality: 'voice',
  accepted: true,
  in: { client: true, reader: true },
  deadline_ms: null,
  active_ms: 20_000,
  running_since_ms: Date.now(),
  paid_minutes: 1,
  cost_cents: 399,
  minutes_left: 9,
});

it('both of Agora’s libraries run within the room’s policy, and the room does without them', async () => {
  await using platform = await startPlatform({ more: { AGORA_APP_ID: app_id } });
  const kept: unknown[] = [];
  platform.answers.realtime = (path, { method, body }) => {
    const act = path.startsWith(`/api/sessions/${id}`) && path.slice(`/api/sessions/${id}`.length);
    if (act === '') return { status: 200, body: { ...view, server_time_ms: Date.now() } };
    if (act === '/rtc-token')
      return {
        status: 200,
        body: {
          mode: 'agora',
          app_id,
          channel,
          account: me,
          // Both libraries look at their token before they ask anybody.
          rtc_token: agora.RtcTokenBuilder.buildTokenWithUserAccount(
            app_id,
            certificate,
            channel,
            me,
            agora.RtcRole.PUBLISHER,
            1_200,
            1_200,
          ),
          rtm_token: agora.RtmTokenBuilder.buildToken(app_id, certificate, me, 1_200),
          expires_at_ms: Date.now() + 1_200_000,
        },
      };
    if (act !== '/messages') return undefined;
    if (method === 'GET') return { status: 200, body: { messages: [] } };
    kept.push(JSON.parse(body));
    return { status: 201, body: { number: 1, side: 'client', at_ms: Date.now(), ...JSON.parse(body) } };
  };
  const browser = await openChromium([
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
  ]);
  try {
    const page = await browser.newPage();
    const refused: string[] = [];
    const tried = new Set<string>();
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) refused.push(message.text());
    });
    const trying = (url: string) => {
      const { hostname } = new URL(url);
      if (/\.(agora\.io|sd-rtn\.com)$/.test(hostname)) tried.add(hostname);
    };
    page.on('request', (request) => trying(request.url()));
    page.on('websocket', (line) => trying(line.url()));
    await page.goto(`${platform.url}/readings/${id}`);
    await page.locator('input[name=email][type=email]').first().fill('client@soulseer.test');
    await page.locator('input[name=password]').first().fill('soulseer');
    await page.locator('form[action$="/sign-in"] button').click();
    await page.getByRole('button', { name: 'Come in' }).click({ timeout: 30_000 });
    const hosts = (name: RegExp) => [...tried].filter((host) => name.test(host));
    await expect.poll(() => hosts(/^webrtc/), { timeout: 30_000 }).not.toEqual([]);
    await expect.poll(() => hosts(/rtm/), { timeout: 30_000 }).not.toEqual([]);
    expect(refused).toEqual([]);
    // It is written down over HTTP all the same.
    await page.getByRole('button', { name: 'Messages' }).click();
    await page.getByRole('textbox').fill('Can you hear me?');
    await page.keyboard.press('Enter');
    await expect.poll(() => kept).toMatchObject([{ text: 'Can you hear me?' }]);
  } finally {
    await browser.close();
  }
}, 120_000);
