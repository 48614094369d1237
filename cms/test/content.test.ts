import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paragraphs } from '../src/applications/paragraphs.ts';
import { isPath, isPlace } from '../src/fields/place.ts';
import { runDueJobs } from '../src/jobs/jobs.ts';
import { browse, json } from './support/browsing.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';
import { type SeededCms, startSeededCms } from './support/seeded.ts';

let issuer: Issuer;
let cms: SeededCms;
let web: ReturnType<typeof browse>;
let staff: Record<string, string>;
const tokens: Record<string, Record<string, string>> = {};

beforeAll(async () => {
  issuer = await startIssuer();
  cms = await startSeededCms({ OIDC_ISSUER: issuer.url });
  web = browse(cms, issuer);
  staff = await web.asPerson('admin@soulseer.test');
  for (const who of ['client', 'client2', 'reader'])
    tokens[who] = { authorization: `Bearer ${(await issuer.tokens(`${who}@soulseer.test`)).access}` };
});
afterAll(async () => {
  await cms?.close();
  await issuer?.close();
});
const rows = async (sql: string, values: unknown[] = []) =>
  (await cms.payload.db.pool.query(sql, values)).rows;

describe('X1: pages and guides', () => {
  test('of the seed are there for everybody, with their links', async () => {
    const { body } = await web.call('/pages?where[slug][equals]=about');
    expect(body.docs[0]).toMatchObject({ title: 'About us', summary: 'Who we are.' });
    expect(JSON.stringify(body.docs[0].body)).toContain('"url":"/readers"');
    const guide = await web.call('/guides?depth=1');
    expect(guide.body.docs[0]).toMatchObject({ slug: 'what-tarot-is', speciality: { slug: 'tarot' } });
  });

  test('the kind of reading of a guide can’t be taken away under it', async () => {
    const id = await cms.idOf('specialities', 'tarot');
    const { status, body } = await web.call(`/specialities/${id}`, { method: 'DELETE', headers: staff });
    expect([status, body.code]).toEqual([409, 'in_use']);
  });

  test.each([
    ['title', { title: 'x'.repeat(71) }],
    ['description', { description: 'x'.repeat(171) }],
  ])('what search engines are told has room for so much: %s', async (_, seo) => {
    const id = await cms.idOf('pages', 'about');
    const { status } = await web.call(`/pages/${id}`, json({ seo, _status: 'published' }, staff, 'PATCH'));
    expect(status).toBe(400);
  });
});

describe('X1: publishing at a time', () => {
  let count = 0;
  /** A draft, and when it is to be published in whose name. */
  async function scheduled(inMs: number, who = 'admin@soulseer.test') {
    count += 1;
    const { id } = await cms.payload.create({
      collection: 'pages',
      data: { title: `Later ${count}`, summary: 'Soon.', body: paragraphs('Words.') as never, slug: '' },
      draft: true,
    });
    await cms.payload.jobs.queue({
      task: 'schedulePublish',
      input: {
        type: 'publish',
        doc: { relationTo: 'pages', value: String(id) as never },
        user: { relationTo: 'people', value: await cms.idOf('people', who, 'email') },
      },
      waitUntil: new Date(Date.now() + inMs),
    });
    return id;
  }
  const isPublic = async (id: number) => (await web.call(`/pages/${id}`)).status === 200;

  test('comes when it is due, not before, and once', async () => {
    const [due, later] = [await scheduled(-1_000), await scheduled(3_600_000)];
    expect(await isPublic(due)).toBe(false);
    expect(await runDueJobs(cms.payload)).toBe(1);
    expect([await isPublic(due), await isPublic(later)]).toEqual([true, false]);
    expect(await runDueJobs(cms.payload)).toBe(0);
    const acts = await rows(
      `select payload from outbox where kind = 'audit' and payload->>'subject' = $1 and payload->>'action' = 'pages.update'`,
      [`pages:${due}`],
    );
    expect(acts).toHaveLength(1);
    await rows('delete from payload_jobs');
  });

  test('is done with the access that whoever asked for it has then', async () => {
    const id = await scheduled(-1_000, 'reader@soulseer.test');
    await runDueJobs(cms.payload);
    expect(await isPublic(id)).toBe(false);
    await rows('delete from payload_jobs');
  });

  test('is started by no request', async () => {
    const id = await scheduled(-1_000);
    for (const path of ['/payload-jobs/run', '/payload-jobs/handle-schedules'])
      expect((await web.call(path, { headers: staff })).status).toBeGreaterThanOrEqual(400);
    expect(await isPublic(id)).toBe(false);
    await rows('delete from payload_jobs');
  });
});

describe('X1: what the site has to forget', () => {
  const told = async (work: () => Promise<unknown>) => {
    await rows(`delete from outbox where kind = 'content'`);
    await work();
    return (await rows(
      `select destination, key from outbox where kind = 'content' order by key`,
    )) as unknown[];
  };
  const site = (key: string) => [{ destination: 'site', key }];

  test('is told with each change of what is or was public, and not with a draft’s beginning', async () => {
    const id = await cms.idOf('pages', 'about');
    const draft = { title: 'Soon', summary: 'Soon.', body: paragraphs('Words.') as never, slug: '' };
    const save = (data: object, isDraft = false) =>
      cms.payload.update({ collection: 'pages', id, data, draft: isDraft });
    expect(await told(() => cms.payload.create({ collection: 'pages', data: draft, draft: true }))).toEqual(
      [],
    );
    expect(await told(() => save({ title: 'About', _status: 'published' }))).toEqual(site('pages'));
    expect(await told(() => save({ _status: 'draft' }))).toEqual(site('pages'));
    await save({ title: 'About us', _status: 'published' });
    // What is public is taken back while a newer draft waits beside it.
    await save({ title: 'About all of us' }, true);
    expect(await told(() => save({ _status: 'draft' }))).toEqual(site('pages'));
    await save({ title: 'About us', _status: 'published' });
    const named = { name: 'Runes', description: 'Stones.', slug: '' };
    expect(await told(() => cms.payload.create({ collection: 'specialities', data: named }))).toEqual(
      site('specialities'),
    );
    const horoscope = (sign: string, date: string) =>
      json({ sign, date, text: 'Rest.', author_name: 'Ada', _status: 'published' }, staff);
    expect(await told(() => web.call('/horoscopes', horoscope('leo', '2027-03-01T08:00:00.000Z')))).toEqual(
      site('horoscopes'),
    );
    // One for each sign and day, whatever the hour.
    const again = await web.call('/horoscopes', horoscope('leo', '2027-03-01T21:30:00.000Z'));
    expect(again.status).toBe(400);
    for (const [sign, date, status] of [
      ['leo', '2027-03-02T08:00:00.000Z', 201],
      ['virgo', '2027-03-01T08:00:00.000Z', 201],
      ['ophiuchus', '2027-03-01T08:00:00.000Z', 400],
      ['leo', 'tomorrow', 400],
    ] as const)
      expect([sign, date, (await web.call('/horoscopes', horoscope(sign, date))).status]).toEqual([
        sign,
        date,
        status,
      ]);
    const hero = { blocks: [{ blockType: 'hero', title: 'Be heard', text: 'Talk.' }] };
    expect(await told(() => web.call('/globals/home', json(hero, staff)))).toEqual(site('home'));
    // A button of the home page leads where every other link may lead.
    const go = { blockType: 'call_to_action', title: 'Go', label: 'Go', to: 'javascript:alert(1)' };
    expect((await web.call('/globals/home', json({ blocks: [go] }, staff))).status).toBe(400);
    const links = { header: [{ label: 'Readers', to: '/readers' }] };
    expect(await told(() => web.call('/globals/navigation', json(links, staff)))).toEqual(site('navigation'));
    expect(await told(() => web.call(`/redirects`, json({ from: '/gone', to: '/readers' }, staff)))).toEqual(
      site('redirects'),
    );
  });
});

describe('X1: where links lead', () => {
  test.each(['/', '/readers', '/readers/luna-hart', '/a/b.c', '/old/'])('%s is a path', (value) => {
    expect(isPath(value)).toBe(true);
    expect(isPlace(value)).toBe(true);
  });
  test.each(['/safety#help', 'https://example.org/a?b=c'])('%s is a place', (value) => {
    expect(isPlace(value)).toBe(true);
  });
  test.each([
    '',
    'readers',
    '//evil.test',
    '/\\evil.test',
    '/../etc',
    '/a b',
    '/a?b',
    '/a\nb',
    'javascript:alert(1)',
    'http://example.org',
    'https://user:word@example.org',
    'data:text/html,x',
    `/${'x'.repeat(500)}`,
    7,
    null,
  ])('%j is none', (value) => {
    expect(isPlace(value)).toBe(false);
  });

  test('a redirect leads elsewhere, from one address once', async () => {
    const make = (from: string, to: string) => web.call('/redirects', json({ from, to }, staff));
    expect((await make('/old-page/', '/readers')).body.doc).toMatchObject({
      from: '/old-page',
      permanent: true,
    });
    for (const [from, to] of [
      ['/old-page', '/about'],
      ['/', '/about'],
      ['/loop', '/loop/'],
      ['/out', 'javascript:alert(1)'],
      ['https://evil.test/', '/about'],
    ] as const)
      expect([from, to, (await make(from, to)).status]).toEqual([from, to, 400]);
  });

  test('the navigation is public, and takes no link that a browser would run', async () => {
    const { body } = await web.call('/globals/navigation');
    expect(body).toMatchObject({
      header: [{ label: 'Readers', to: '/readers' }],
      footer: [{ title: 'SoulSeer', links: [{ to: '/about' }] }],
    });
    const bad = { header: [{ label: 'Click', to: 'javascript:alert(1)' }] };
    expect((await web.call('/globals/navigation', json(bad, staff))).status).toBe(400);
  });
});

describe('D3: favourites', () => {
  /** What waits to be told to realtime: of each favourite its newest state. */
  const noticesOf = async () =>
    (await rows("select payload from outbox where kind = 'favourite' order by number")).map(
      ({ payload }) => payload,
    );
  const keep = (who: string, reader: unknown, more: object = {}) =>
    web.call('/favourites', json({ reader, ...more }, tokens[who]));
  const of = async (who: string) =>
    (await web.call('/favourites?depth=0', { headers: tokens[who] as never })).body.docs;

  test('are kept once each, however often they are asked for, and are whose they are', async () => {
    const reader = await cms.idOf('readers', 'rhea-sun');
    const other = await cms.idOf('people', 'client2@soulseer.test', 'email');
    const made = await Promise.all(
      Array.from({ length: 8 }, () => keep('client', reader, { person: other, notify: true })),
    );
    expect(made.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(400)]);
    expect(await of('client')).toEqual([expect.objectContaining({ reader, notify: true })]);
    expect(await of('client2')).toEqual([]);
    expect((await of('client'))[0]).not.toHaveProperty('person');
    expect((await web.call('/favourites', { headers: staff })).body.docs).toEqual([]);
  });

  test('are told to realtime where somebody wishes to be told, and when they no more do', async () => {
    const reader = await cms.idOf('readers', 'remi-moon');
    const before = (await noticesOf()).length;
    const where = `/favourites?where[reader][equals]=${reader}`;
    expect((await keep('client2', reader)).status).toBe(201);
    // Nobody's business but theirs as long as they don't wish to be told.
    expect(await noticesOf()).toHaveLength(before);
    for (const notify of [true, true, false, true])
      expect((await web.call(where, json({ notify }, tokens.client2, 'PATCH'))).body.docs).toHaveLength(1);
    expect((await noticesOf()).at(-1)).toEqual({
      person_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      reader_id: String(reader),
      version: expect.any(Number),
      notify: true,
    });
    // Of another's nothing changes.
    expect((await web.call(where, json({ notify: false }, tokens.client, 'PATCH'))).body.docs).toEqual([]);
    expect((await noticesOf()).at(-1)).toMatchObject({ notify: true });
    await web.call(where, { method: 'DELETE', headers: tokens.client2 as never });
    expect((await noticesOf()).at(-1)).toMatchObject({ reader_id: String(reader), notify: false });
    expect(await noticesOf()).toHaveLength(before + 1);
  });

  test('only of readers whom everybody sees, and not oneself', async () => {
    const { id: hidden } = await cms.payload.create({
      collection: 'readers',
      data: { name: 'Hidden', slug: 'hidden' } as never,
      draft: true,
    });
    const own = await cms.idOf('readers', 'rhea-sun');
    for (const reader of [hidden, 999_999, 'rhea-sun', null, { $ne: 1 }])
      expect([reader, (await keep('client2', reader)).status]).toEqual([reader, 400]);
    expect((await keep('reader', own)).status).toBe(400);
    expect((await web.call('/favourites', json({ reader: own }))).status).toBe(403);
  });

  test('the reader of one stays; the notice can be turned off; it goes with the reader', async () => {
    const [favourite] = await of('client');
    const other = await cms.idOf('readers', 'remi-moon');
    await web.call(
      `/favourites/${favourite.id}`,
      json({ reader: other, notify: false }, tokens.client, 'PATCH'),
    );
    expect(await of('client')).toEqual([
      expect.objectContaining({ reader: favourite.reader, notify: false }),
    ]);
    expect((await noticesOf()).at(-1)).toMatchObject({ reader_id: String(favourite.reader), notify: false });
    await web.call(`/readers/${favourite.reader}`, { method: 'DELETE', headers: staff });
    expect(await of('client')).toEqual([]);
  });
});

describe('D1: what all readers come to', () => {
  test('counts those that are published, as anybody would who read them all', async () => {
    const reckoned = async () => {
      const { body } = await web.call('/readers?limit=0&depth=0&pagination=false');
      const docs = body.docs as { languages: string[]; rates: Record<string, number | null> }[];
      const prices = docs.flatMap(({ rates }) =>
        Object.values(rates).filter((cents) => typeof cents === 'number'),
      );
      return {
        readers: docs.length,
        languages: [...new Set(docs.flatMap(({ languages }) => languages))].toSorted(),
        lowest_cents_per_minute: Math.min(...prices),
      };
    };
    const told = async () => {
      const { status, body } = await web.call('/readers/summary');
      expect(status).toBe(200);
      return body;
    };
    const before = await told();
    expect({ ...before, languages: before.languages.toSorted() }).toEqual(await reckoned());
    expect(before.languages[0]).toBe('en');

    const { docs } = await cms.payload.find({
      collection: 'readers',
      where: { _status: { equals: 'published' } },
      limit: 1,
      depth: 0,
    });
    await cms.payload.update({ collection: 'readers', id: docs[0]?.id ?? 0, data: { _status: 'draft' } });
    const after = await told();
    expect({ ...after, languages: after.languages.toSorted() }).toEqual(await reckoned());
    expect(after.readers).toBe(before.readers - 1);
  });
});
