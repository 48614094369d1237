import { readersPresence, type SessionView, sessionView } from 'realtime/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Platform, personIdOf, startPlatform } from './helpers/platform.ts';
import { Visitor } from './helpers/visitor.ts';

const id = '0b6f1c1e-7a54-4f0d-9a53-0f4c2b1a9d10';
const past: SessionView = sessionView.parse({
  id,
  version: 9,
  state: 'finalized',
  you: 'client',
  server_time_ms: 1,
  client: { person_id: personIdOf('client@soulseer.test'), name: 'Demo Client' },
  reader: {
    person_id: personIdOf('reader@soulseer.test'),
    reader_id: '1',
    name: 'Amara Okafor',
    slug: 'amara-okafor',
  },
  modality: 'video',
  rate_cents: 300,
  maximum_minutes: 30,
  created_ms: 1_790_000_000_000,
  accepted: true,
  in: { client: false, reader: false },
  deadline_ms: null,
  pause: null,
  pauses: 0,
  active_ms: 240_000,
  running_since_ms: null,
  paid_minutes: 4,
  cost_cents: 1_200,
  minutes_left: null,
  balance_cents: null,
  end: { reason: 'ended_by_client', by: 'client', at_ms: 1_790_000_300_000, said: null },
  given_back: [],
  summary: null,
});

let platform: Platform;
let client: Visitor;
/** What was sent to the CMS in somebody's name. */
let sent: { method: string; path: string; body: unknown }[] = [];
let answer: { status: number; body: unknown };
let mine: unknown[];
let session: SessionView;

beforeAll(async () => {
  platform = await startPlatform();
  platform.answers.cms = (path, { method, query, body, signedIn }) => {
    if (path === '/api/reviews/mine' && signedIn) return { status: 200, body: { reviews: mine } };
    if (!/^\/api\/(reviews\/|favourites)/.test(path) || method === 'GET') return undefined;
    if (!signedIn) return { status: 401, body: { code: 'not_signed_in' } };
    sent.push({
      method,
      path: `${path}${query.size > 0 ? `?${query}` : ''}`,
      body: body ? JSON.parse(body) : null,
    });
    return answer;
  };
  platform.answers.realtime = (path) => {
    if (path === `/api/sessions/${session.id}`) return { status: 200, body: session };
    if (path === '/api/sessions') return { status: 200, body: { sessions: [session], next: null } };
    if (path === '/api/readers/presence')
      return {
        status: 200,
        body: readersPresence.parse({ server_time_ms: 1, readers: [{ reader_id: '1', status: 'online' }] }),
      };
    return undefined;
  };
  session = past;
  ({ visitor: client } = await platform.signIn('client'));
});
afterAll(() => platform?.[Symbol.asyncDispose]());
beforeEach(() => {
  sent = [];
  mine = [];
  session = past;
  answer = { status: 201, body: { id: 5 } };
});

const post = (path: string, fields: Record<string, string>) =>
  client.ask(`${platform.url}${path}`, { method: 'POST', body: new URLSearchParams(fields) });
const page = async (path: string, visitor = client) => (await visitor.ask(`${platform.url}${path}`)).html;

describe('S13: reviews', () => {
  it('are shown on the reader’s page with what they come to, and run nothing', async () => {
    const html = await page('/readers/amara-okafor', new Visitor());
    expect(html).toContain('<caption class="unseen"');
    expect(html).toMatch(/Reviewed with .*4\.5/s);
    expect(html).toContain('Calm &lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('Cleo &lt;i&gt;');
    expect(html).not.toContain('<script>alert');
    // Nobody is no client: there is nothing to press.
    expect(html).not.toContain('Tell our staff');
    expect(await page('/readers/amara-okafor')).toContain('Tell our staff');
  });

  it('sort and narrow the directory', async () => {
    const order = async (query: string) =>
      [...(await page(`/readers?${query}`, new Visitor())).matchAll(/href="\/readers\/([a-z-]+)"/g)].map(
        ([, slug]) => slug,
      );
    expect(await order('sort=rating')).toEqual(['tomasz-wierzbicki', 'amara-okafor']);
    expect(await order('rating=4.5')).toEqual(['amara-okafor', 'tomasz-wierzbicki']);
    expect(await order('rating=5')).toEqual(['tomasz-wierzbicki']);
  });

  it('are written on a page of their own, from the list of readings, without any script', async () => {
    expect(await page('/readings')).toContain(`href="/readings/${id}/review"`);
    expect(await page(`/readings/${id}/review`)).toContain('Publish the review');
    const seen = await post(`/readings/${id}/review`, { stars: '5', text: 'Calm and kind.' });
    expect([seen.status, seen.headers.get('location')]).toEqual([303, `/readings/${id}/review?done=1`]);
    expect(sent).toEqual([
      {
        method: 'POST',
        path: '/api/reviews/write',
        body: { session_id: id, stars: 5, text: 'Calm and kind.' },
      },
    ]);
    const editable_until_ms = Date.now() + 60_000;
    mine = [
      { id: 5, session_id: id, stars: 4, text: 'Kind.', answer: null, state: 'shown', editable_until_ms },
    ];
    expect(await page('/readings')).toContain('Change your review');
    expect(await page(`/readings/${id}/review`)).toMatch(/value="4"[^>]* checked/);
    mine = [
      { id: 5, session_id: id, stars: 4, text: 'Kind.', answer: null, state: 'shown', editable_until_ms: 1 },
    ];
    expect(await page(`/readings/${id}/review`)).not.toContain('Change the review');
  });

  it.each([
    ['too_few_minutes', 409, 'four of its minutes'],
    ['edit_time_over', 409, 'seven days'],
    ['realtime_unavailable', 503, 'try again in a moment'],
    ['invalid_request', 400, 'one to five stars'],
  ])('that are refused say why, and what was typed is kept: %s', async (code, status, words) => {
    answer = { status, body: { code } };
    const seen = await post(`/readings/${id}/review`, { stars: '3', text: 'Typed <words>.' });
    expect(seen.status).toBe(status === 400 ? 422 : status);
    expect(seen.html).toContain(words);
    expect(seen.html).toContain('Typed &lt;words&gt;.');
  });

  it('are offered for no reading that was too short, or was somebody else’s', async () => {
    session = { ...past, cost_cents: 900 };
    expect(await page('/readings')).not.toContain('/review"');
    expect(await page(`/readings/${id}/review`)).not.toContain('Publish the review');
    session = { ...past, you: 'reader' };
    expect((await client.ask(`${platform.url}/readings/${id}/review`)).status).toBe(404);
  });

  it('are flagged and answered from the reader’s page', async () => {
    answer = { status: 204, body: null };
    for (const [what, field] of [
      ['flag', 'reason'],
      ['answer', 'text'],
    ] as const) {
      const seen = await post('/readers/amara-okafor', { do: what, review: '5', [field]: 'Words.' });
      expect(seen.headers.get('location')).toBe(`/readers/amara-okafor?done=${what}#reviews`);
      expect(sent.at(-1)).toEqual({
        method: 'POST',
        path: `/api/reviews/5/${what}`,
        body: { [field]: 'Words.' },
      });
    }
    sent = [];
    for (const review of ['5/../6', '', '0', 'x'])
      expect((await post('/readers/amara-okafor', { do: 'flag', review, reason: 'x' })).status).toBe(404);
    expect(sent).toEqual([]);
  });

  it('wait for an answer on the reader’s dashboard', async () => {
    const { visitor } = await platform.signIn('reader');
    const reader = {
      reader_id: '1',
      version: 1,
      person_id: personIdOf('reader@soulseer.test'),
      slug: 'amara-okafor',
      name: 'Amara Okafor',
      published: true,
      time_zone: 'Europe/London',
      rates: { video_cents: 399, voice_cents: null, chat_cents: null },
    };
    expect((await platform.tell('/service/directory/readers/1', reader)).status).toBe(204);
    const html = await page('/dashboard', visitor);
    expect(html).toContain('Reviews to answer');
    expect(html).toContain('href="/readers/amara-okafor#review-5"');
    expect(await page('/readers/amara-okafor', visitor)).toContain('Answer in public');
  });
});

describe('D3: favourites', () => {
  it('are kept and let go by a form, which leads back to where it was pressed', async () => {
    answer = { status: 201, body: { doc: { id: 3 } } };
    const kept = await post('/favourites', { do: 'keep', reader: '2', back: '/readers?sort=name' });
    expect([kept.status, kept.headers.get('location')]).toEqual([303, '/readers?sort=name']);
    answer = { status: 200, body: { docs: [] } };
    await post('/favourites', { do: 'drop', reader: '2', back: '/' });
    expect(sent).toEqual([
      { method: 'POST', path: '/api/favourites', body: { reader: 2 } },
      {
        method: 'DELETE',
        path: `/api/favourites?${new URLSearchParams({ 'where[reader][equals]': '2' })}`,
        body: null,
      },
    ]);
  });

  it('say whether to be told when one comes online, where it is one', async () => {
    answer = { status: 200, body: { docs: [{ reader: 1, notify: true }] } };
    const back = '/dashboard#favourites';
    const told = await post('/favourites', { do: 'notify', reader: '1', back });
    expect([told.status, told.headers.get('location')]).toEqual([303, back]);
    await post('/favourites', { do: 'hush', reader: '1', back });
    expect(sent).toEqual(
      [true, false].map((notify) => ({
        method: 'PATCH',
        path: `/api/favourites?${new URLSearchParams({ 'where[reader][equals]': '1', depth: '0' })}`,
        body: { notify },
      })),
    );
    answer = { status: 200, body: { docs: [] } };
    expect((await post('/favourites', { do: 'notify', reader: '2', back })).status).toBe(422);
    for (const form of [
      { do: 'notify', reader: '1&where[id][exists]=true' },
      { do: 'constructor', reader: '1' },
      { do: '', reader: '1' },
    ])
      expect((await post('/favourites', { ...form, back })).status).toBeGreaterThanOrEqual(400);
    expect(await page('/readers/amara-okafor')).toContain('Tell me when they come online');
    expect(await page('/readers/tomasz-wierzbicki')).not.toContain('Tell me when they come online');
    expect(await page('/dashboard')).toContain('aria-label="Tell me when Amara Okafor comes online"');
  });

  it('that are kept already stay, and one that can’t be is refused', async () => {
    answer = { status: 400, body: { code: 'invalid_request' } };
    expect((await post('/favourites', { do: 'keep', reader: '1', back: '/' })).status).toBe(303);
    expect((await post('/favourites', { do: 'keep', reader: '7', back: '/' })).status).toBe(422);
    for (const reader of ['', 'x', '1 or 1=1', '1&where[id][exists]=true'])
      expect((await post('/favourites', { do: 'drop', reader, back: '/' })).status).toBeGreaterThanOrEqual(
        400,
      );
  });

  it('lead to no other site', async () => {
    for (const back of ['//evil.test', 'https://evil.test', '/\\evil.test', 'javascript:alert(1)'])
      expect((await post('/favourites', { do: 'drop', reader: '1', back })).headers.get('location')).toBe(
        '/readers',
      );
  });

  it('are marked on cards and the reader’s page, and stand on the dashboard with how they are now', async () => {
    expect(await page('/readers')).toContain('Take Amara Okafor off your favourites');
    expect(await page('/readers')).toContain('Keep Tomasz Wierzbicki as a favourite');
    expect(await page('/readers/amara-okafor')).toContain('One of your favourites');
    const html = await page('/dashboard');
    expect(html).toContain('Your favourites');
    expect(html).toContain('Online now');
    expect(await page('/readers', new Visitor())).not.toContain('action="/favourites"');
  });
});
