import { randomUUID } from 'node:crypto';
import type { Earnings, SessionView, WalletEntry } from 'realtime/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { mondayOf, topOf, weeksUpTo } from '../src/dashboard/earnings.ts';
import { type Platform, startPlatform } from './helpers/platform.ts';
import type { Seen, Visitor } from './helpers/visitor.ts';

let platform: Platform;
const who: Record<string, Visitor> = {};

beforeAll(async () => {
  platform = await startPlatform();
  for (const persona of ['client', 'reader', 'admin'])
    who[persona] = (await platform.signIn(persona)).visitor;
});
afterAll(() => platform?.[Symbol.asyncDispose]());
afterEach(() => {
  delete platform.answers.realtime;
});

const open = (persona: string, path = '/dashboard') =>
  (who[persona] as Visitor).ask(`${platform.url}${path}`);
const words = ({ html }: Seen) =>
  html
    .slice(html.indexOf('<main'), html.indexOf('</main'))
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
/** Realtime answers these, and the rest as it does. */
const answering = (answers: Record<string, unknown>) => {
  platform.answers.realtime = (path) => (path in answers ? { status: 200, body: answers[path] } : undefined);
};

const session = (more: Partial<SessionView> = {}): SessionView => ({
  id: randomUUID(),
  version: 3,
  state: 'active',
  you: 'client',
  server_time_ms: Date.UTC(2026, 10, 24),
  client: { person_id: randomUUID(), name: 'Mo <i>Client</i>' },
  reader: { person_id: randomUUID(), reader_id: '1', name: 'Amara Okafor', slug: 'amara-okafor' },
  modality: 'video',
  rate_cents: 399,
  maximum_minutes: 60,
  created_ms: Date.UTC(2026, 10, 24, 9),
  accepted: true,
  in: { client: true, reader: true },
  deadline_ms: null,
  pause: null,
  pauses: 0,
  active_ms: 120_000,
  running_since_ms: null,
  paid_minutes: 3,
  cost_cents: 1_197,
  minutes_left: null,
  balance_cents: null,
  end: null,
  given_back: [],
  summary: null,
  ...more,
});

describe('a client’s dashboard', () => {
  it('has the wallet, its last movements, the last readings, and who is there now', async () => {
    const entry: WalletEntry = {
      number: 1,
      at_ms: Date.UTC(2026, 10, 24, 9),
      kind: 'minute',
      of_kind: null,
      amount_cents: -399,
      balance_after_cents: 2_450,
      session_id: null,
      minute: 3,
      reader: { name: 'Amara Okafor', slug: 'amara-okafor' },
      payment_id: null,
      details: null,
    };
    answering({
      '/api/wallet/entries': { entries: [entry], next: null },
      '/api/sessions': {
        sessions: [
          session({
            state: 'finalized',
            end: { reason: 'ended_by_client', by: 'client', at_ms: 1, said: null },
          }),
        ],
        next: null,
      },
      '/api/readers/presence': {
        readers: [
          { reader_id: '1', status: 'online' },
          { reader_id: '2', status: 'busy' },
        ],
        server_time_ms: 1,
      },
    });
    // Who is online isn't asked for a few seconds after nobody could say, as in the tests before.
    const seen = await vi.waitFor(
      async () => {
        const page = await open('client');
        expect(words(page)).toContain('Here for you now');
        return page;
      },
      { timeout: 15_000, interval: 500 },
    );
    expect(words(seen)).toContain('$24.50 to spend on readings');
    expect(words(seen)).toContain('Minute 3 with Amara Okafor 24 Nov 2026, 09:00 −$3.99');
    expect(words(seen)).toContain('With Amara Okafor Video, 3 minutes. Ended by the client.');
    expect(seen.html).toContain('href="/readers/amara-okafor"');
  });

  it('leaves out what nobody can tell it, and still stands', async () => {
    platform.answers.realtime = () => ({ status: 503, body: { code: 'unwell' } });
    const seen = await open('client');
    expect(seen.status).toBe(200);
    expect(words(seen)).toContain('Your balance can’t be shown just now');
    expect(words(seen)).not.toContain('Your last readings');
  });
});

describe('a reader’s dashboard (R1, W10)', () => {
  const today = new Date().toISOString().slice(0, 10);
  const row = (starts_on: string, total_cents: number, minutes: number): Earnings['rows'][number] => ({
    starts_on,
    starts_at_ms: Date.parse(starts_on),
    ends_at_ms: Date.parse(starts_on) + 86_400_000,
    session_id: null,
    minutes,
    minutes_cents: total_cents,
    gifts_cents: 0,
    other_cents: 0,
    given_back_cents: 0,
    total_cents,
  });

  it('has what was earned today, what is not paid out, and weeks as a plot and as figures', async () => {
    const asked: URLSearchParams[] = [];
    platform.answers.realtime = (path, { query }) => {
      if (path !== '/api/earnings') return undefined;
      asked.push(query);
      const rows = query.get('by') === 'day' ? [row(today, 2_793, 10)] : [row(mondayOf(today), 12_345, 44)];
      return { status: 200, body: { balance_cents: 50_012, time_zone: 'UTC', rows, next: null } };
    };
    const seen = await open('reader');
    expect(words(seen)).toMatch(/Today \$27.93 10 minutes Earned and not paid out \$500.12/);
    expect(words(seen)).toContain('Earnings of the last 8 weeks: $123.45 in all');
    expect(words(seen)).toMatch(/44 minutes \$123.45/);
    expect(seen.html.match(/<rect class="bar/g)).toHaveLength(8);
    expect(asked.map((query) => query.get('by')).sort()).toEqual(['day', 'week']);
    // No client's figure is asked for.
    expect(platform.realtime.requests.some(({ url }) => url.includes('person'))).toBe(false);
  });

  it('says when earnings can’t be told', async () => {
    expect(words(await open('reader'))).toContain('Your earnings can’t be shown just now');
  });

  it('knows weeks without earnings, the Monday of each, and a round top', () => {
    expect(mondayOf('2026-11-23')).toBe('2026-11-23');
    expect(mondayOf('2026-11-29')).toBe('2026-11-23');
    expect(mondayOf('2027-01-01')).toBe('2026-12-28');
    const bars = weeksUpTo([row('2026-11-16', 990, 3)], '2026-11-24', 3);
    expect(bars).toEqual([
      { date: '2026-11-09', cents: 0, minutes: 0 },
      { date: '2026-11-16', cents: 990, minutes: 3 },
      { date: '2026-11-23', cents: 0, minutes: 0 },
    ]);
    expect(topOf(bars)).toBe(1_000);
    expect(topOf([])).toBe(100);
    for (const cents of [1, 99, 101, 5_001, 123_456])
      expect(topOf([{ date: '', cents, minutes: 0 }])).toBeGreaterThanOrEqual(cents);
  });
});

describe('the staff’s dashboard (R2)', () => {
  const live = session();
  const post = (fields: Record<string, string>) =>
    (who.admin as Visitor).ask(`${platform.url}/admin/dashboard`, {
      method: 'POST',
      body: new URLSearchParams(fields),
    });
  const asked: { path: string; body: string }[] = [];
  function running(status = 200, body: unknown = { ...live, state: 'ended' }) {
    asked.length = 0;
    platform.answers.realtime = (path, { method, body: sent }) => {
      if (path === '/api/admin/sessions') return { status: 200, body: { sessions: [live], next: null } };
      if (method !== 'POST') return undefined;
      asked.push({ path, body: sent });
      return { status, body };
    };
  }

  it('has the sessions that are live, with names as text', async () => {
    running();
    const seen = await open('admin', '/admin/dashboard');
    expect(words(seen)).toContain('Mo &lt;i&gt;Client&lt;/i&gt; with Amara Okafor');
    expect(words(seen)).toContain('Running. Video, 3 minutes paid, $11.97');
    answering({ '/api/admin/sessions': { sessions: [], next: null } });
    expect(words(await open('admin', '/admin/dashboard'))).toContain('Nobody is in a session');
    platform.answers.realtime = () => ({ status: 503, body: {} });
    expect(words(await open('admin', '/admin/dashboard'))).toContain(
      'Which sessions are live can’t be shown',
    );
  });

  it('ends one with a reason (S6)', async () => {
    running();
    const seen = await post({ do: 'end', session: live.id, reason: ' A complaint, looked at. ' });
    expect(seen.status).toBe(303);
    expect(asked).toEqual([
      { path: `/api/admin/sessions/${live.id}/end`, body: '{"reason":"A complaint, looked at."}' },
    ]);
    expect(words(await open('admin', '/admin/dashboard?ended=1'))).toContain('The session has ended');
  });

  it.each(['', '   ', 'x'.repeat(501)])('asks for a reason that is one', async (reason) => {
    running();
    const seen = await post({ do: 'end', session: live.id, reason });
    expect(seen.status).toBe(422);
    expect(seen.html).toMatch(/<details open/);
    expect(asked).toEqual([]);
  });

  it.each(['', '../../wallet', 'x', `${randomUUID()}/give-back`])('takes “%s” for no session', async (id) => {
    running();
    expect((await post({ do: 'end', session: id, reason: 'x' })).status).toBe(400);
    expect(asked).toEqual([]);
  });

  it.each([
    [409, 'session_ended', 409, 'has ended already'],
    [404, 'not_found', 404, 'has ended already'],
    [503, 'unwell', 503, 'couldn’t be ended just now'],
  ])('tells what realtime answered: %i %s', async (status, code, answered, word) => {
    running(status, { status, code });
    const seen = await post({ do: 'end', session: live.id, reason: 'x' });
    expect(seen.status).toBe(answered);
    expect(words(seen)).toContain(word);
  });
});
