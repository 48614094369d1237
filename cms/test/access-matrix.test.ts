/**
 * Who passes where: every endpoint that Payload's configuration has, of every collection and global, of the plugins, and our own ×
 * everybody who might come. What isn't described here fails, and so does a description of what isn't there.
 *
 * To add a collection, describe it in COLLECTIONS: who may do each operation with `target`, a document that belongs to the reader
 * (or the client, where readers have none). `yes` may; for `empty` the collection is there, but not this document; all others
 * are refused. A suspended person is refused everywhere, whatever their role.
 * To add an endpoint of another kind, add its row to ENDPOINTS: the status (and code) of each cell.
 */
import type { CollectionSlug, Endpoint } from 'payload';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paragraphs } from '../src/applications/paragraphs.ts';
import { applicationForm } from './support/applicationForm.ts';
import { type Answer, browse, json } from './support/browsing.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';
import { type SeededCms, startSeededCms } from './support/seeded.ts';

const PEOPLE = {
  client: 'client@soulseer.test',
  'other client': 'client2@soulseer.test',
  reader: 'reader@soulseer.test',
  'other reader': 'reader2@soulseer.test',
  admin: 'admin@soulseer.test',
  suspended: 'suspended@soulseer.test',
} as const;
type Who = 'nobody' | keyof typeof PEOPLE;
const EVERYBODY = ['nobody', ...Object.keys(PEOPLE)] as Who[];
const ACTIVE = EVERYBODY.filter((who) => who !== 'suspended');
const READERS: Who[] = ['reader', 'other reader'];

type Cells = { yes: readonly Who[]; empty?: readonly Who[] };
type Cell = 'yes' | 'empty' | 'no';
const NOBODY: Cells = { yes: [] };
const STAFF: Cells = { yes: ['admin'] };
const ANYONE: Cells = { yes: ACTIVE };
const OWN: Cells = { yes: ['reader', 'admin'], empty: ['other reader'] };

type Subject = {
  read: Cells;
  create: Cells;
  update: Cells;
  delete: Cells;
  /** The history, where there is one. */
  versions?: Cells;
  target: () => Promise<number | string>;
  /** What `create` takes, and another document for whoever may delete one. */
  creation: (who: Who) => Promise<Record<string, unknown> | FormData>;
  change: Record<string, unknown>;
  /** What can't be done with it for reasons other than access. */
  unlike?: readonly string[];
  /** Which of Payload's own endpoints nobody reaches, since one of the collection's own stands before them. */
  shadowed?: readonly string[];
};

let issuer: Issuer;
let cms: SeededCms;
let call: ReturnType<typeof browse>['call'];
const headers = {} as Record<Who, Record<string, string>>;
const ids = {} as Record<keyof typeof PEOPLE, number>;
let picture: number;
let application: number;
let count = 0;
const fresh = () => {
  count += 1;
  return `made-${count}`;
};
const body = paragraphs('Words.');
const day = '2026-11-03T00:00:00.000Z';

beforeAll(async () => {
  issuer = await startIssuer();
  cms = await startSeededCms({ OIDC_ISSUER: issuer.url });
  ({ call } = browse(cms, issuer));
  headers.nobody = {};
  for (const [who, email] of Object.entries(PEOPLE) as [keyof typeof PEOPLE, string][]) {
    headers[who] = { authorization: `Bearer ${(await issuer.tokens(email)).access}` };
    ids[who] = await cms.idOf('people', email, 'email');
  }
  // The reader's own picture, and a change of each that nobody else may know of.
  picture = await cms.idOf('media', 'portraits-rhea-sun.png', 'filename');
  await cms.payload.db.pool.query('update media set uploaded_by_id = $1 where id = $2', [
    ids.reader,
    picture,
  ]);
  await cms.payload.create({ collection: 'redirects', data: { from: '/old', to: '/readers' } });
  await draft('readers');
  await draft('articles');
  const sent = await call('/reader-applications/submit', {
    method: 'POST',
    headers: headers.client,
    body: await applicationForm(),
  });
  expect(sent.status).toBe(201);
  const { docs } = await cms.payload.find({ collection: 'reader-applications', depth: 0 });
  application = docs[0]?.id as number;
});
afterAll(async () => {
  await cms?.close();
  await issuer?.close();
});

const SECRET = 'A word in a draft';
/** Writes what nobody else may know beside what is published. */
async function draft(collection: 'readers' | 'articles'): Promise<void> {
  const id = await cms.idOf(collection, collection === 'readers' ? 'rhea-sun' : 'first-reading');
  const saying = (words: string) => (collection === 'readers' ? { headline: words } : { summary: words });
  await cms.payload.update({ collection, id, data: { ...saying('Public.'), _status: 'published' } });
  await cms.payload.update({ collection, id, data: saying(`${SECRET} of ${collection}`), draft: true });
}

/** What anybody reads and staff alone write. */
const reference = (
  collection: CollectionSlug,
  slug: string,
  creation: () => Promise<Record<string, unknown>>,
  change: Record<string, unknown>,
): Subject => ({
  read: ANYONE,
  create: STAFF,
  update: STAFF,
  delete: STAFF,
  target: () => cms.idOf(collection, slug),
  creation,
  change,
});
const named = async () => ({ name: fresh(), description: 'Words.', position: 7 });
const first = async (collection: CollectionSlug) =>
  (await cms.payload.find({ collection, depth: 0, limit: 1, sort: 'id' })).docs[0]?.id as number;

const COLLECTIONS: Record<string, Subject> = {
  readers: {
    read: { yes: ACTIVE.filter((who) => who !== 'other reader'), empty: ['other reader'] },
    create: STAFF,
    update: OWN,
    delete: STAFF,
    versions: OWN,
    target: () => cms.idOf('readers', 'rhea-sun'),
    creation: async () => ({
      name: fresh(),
      headline: 'One line',
      biography: body,
      portrait: picture,
      specialities: [await first('specialities')],
      languages: ['en'],
      years_of_experience: 1,
      time_zone: 'UTC',
      country: 'GB',
      _status: 'published',
    }),
    change: { headline: 'Another line' },
  },
  'reader-applications': {
    read: { yes: ['client', 'admin'], empty: ['other client', ...READERS] },
    create: NOBODY,
    update: NOBODY,
    delete: NOBODY,
    target: async () => application,
    creation: async () => ({ name: 'By hand' }),
    change: { status: 'approved' },
  },
  // Written through endpoints of their own; readers see those of themselves.
  reviews: {
    read: { yes: ACTIVE.filter((who) => who !== 'other reader'), empty: ['other reader'] },
    create: NOBODY,
    update: STAFF,
    delete: STAFF,
    target: async () => (await latest('reviews')) ?? review(),
    creation: async () => ({ stars: 5, text: 'By hand' }),
    change: { hidden_because: 'A name in it' },
  },
  'review-flags': {
    read: STAFF,
    create: NOBODY,
    update: NOBODY,
    delete: NOBODY,
    target: async () => {
      const target = (await latest('reviews')) ?? (await review());
      await cms.payload.db.pool.query(
        `insert into review_flags (review_id, person_id, reason) values ($1, $2, 'A name in it') on conflict do nothing`,
        [target, ids['other client']],
      );
      return (await latest('review-flags')) as number;
    },
    creation: async () => ({ reason: 'By hand' }),
    change: { reason: 'Another' },
  },
  ratings: {
    read: ANYONE,
    create: NOBODY,
    update: NOBODY,
    delete: NOBODY,
    target: async () => {
      if (!(await latest('reviews'))) await review();
      return (await latest('ratings')) as number;
    },
    creation: async () => ({ count: 1, average: 5, weighted: 5 }),
    change: { average: 5 },
  },
  specialities: reference('specialities', 'tarot', named, { description: 'Cards.' }),
  articles: {
    ...reference(
      'articles',
      'first-reading',
      async () => ({
        title: fresh(),
        summary: 'Two sentences.',
        cover: picture,
        body,
        category: await first('article-categories'),
        author_name: 'Ada',
        published_at: day,
        _status: 'published',
      }),
      { title: 'Another title' },
    ),
    versions: STAFF,
  },
  pages: {
    ...reference(
      'pages',
      'about',
      async () => ({ title: fresh(), summary: 'Two sentences.', body, _status: 'published' }),
      { title: 'Another title' },
    ),
    versions: STAFF,
  },
  guides: {
    ...reference(
      'guides',
      'what-tarot-is',
      async () => {
        const { id: speciality } = await cms.payload.create({
          collection: 'specialities',
          data: { name: fresh(), slug: '', description: 'Words.' },
        });
        return { title: fresh(), summary: 'Two sentences.', body, speciality, _status: 'published' };
      },
      { title: 'Another title' },
    ),
    versions: STAFF,
    // Each kind of reading has one guide.
    unlike: ['post /:id/duplicate'],
  },
  horoscopes: {
    ...reference(
      'horoscopes',
      '',
      async () => ({
        sign: 'aries',
        // Each day has one.
        date: new Date(Date.UTC(2027, 0, ++count)).toISOString(),
        text: fresh(),
        author_name: 'Ada',
        _status: 'published',
      }),
      { text: 'Another text' },
    ),
    target: () => first('horoscopes'),
    versions: STAFF,
    unlike: ['post /:id/duplicate'],
  },
  faq: {
    ...reference(
      'faq',
      '',
      async () => ({ question: fresh(), answer: body, topic: 'money', position: 9, _status: 'published' }),
      { position: 1 },
    ),
    target: () => first('faq'),
    versions: STAFF,
  },
  redirects: {
    ...reference('redirects', '', async () => ({ from: `/${fresh()}`, to: '/readers' }), {
      permanent: false,
    }),
    target: () => first('redirects'),
    unlike: ['post /:id/duplicate'],
  },
  // What somebody keeps in mind is theirs alone.
  favourites: {
    read: { yes: ['client'], empty: ['other client', ...READERS, 'admin'] },
    create: { yes: ACTIVE.filter((who) => who !== 'nobody') },
    update: { yes: ['client'], empty: ['other client', ...READERS, 'admin'] },
    delete: { yes: ['client'], empty: ['other client', ...READERS, 'admin'] },
    target: async () => (await ofClient()) ?? keepInMind(),
    creation: async () => ({ reader: await cms.idOf('readers', 'noor-star') }),
    change: { notify: true },
  },
  'payload-jobs': {
    read: STAFF,
    create: NOBODY,
    update: NOBODY,
    delete: STAFF,
    target: () => job(),
    creation: async () => ({ taskSlug: 'schedulePublish', input: {} }),
    change: { waitUntil: day },
  },
  'article-categories': reference('article-categories', 'guides', async () => ({ name: fresh() }), {
    name: 'Guides',
  }),
  'forum-categories': reference('forum-categories', 'hello', named, { name: 'Hello' }),
  'forum-threads': reference(
    'forum-threads',
    'new-here',
    async () => ({
      title: fresh(),
      category: await first('forum-categories'),
      author: ids.client,
      created_on: day,
    }),
    { title: 'New here' },
  ),
  'forum-posts': {
    ...reference(
      'forum-posts',
      '',
      async () => ({
        thread: await first('forum-threads'),
        body,
        author: ids.client,
        created_on: day,
        position: 9,
      }),
      { position: 0 },
    ),
    target: () => first('forum-posts'),
  },
  gifts: reference('gifts', 'rose', async () => ({ ...(await named()), picture, price_cents: 1 }), {
    price_cents: 2,
  }),
  media: {
    read: ANYONE,
    create: { yes: [...READERS, 'admin'] },
    update: OWN,
    delete: STAFF,
    target: async () => picture,
    creation: async () => {
      const square = sharp({ create: { width: 9, height: 9, channels: 3, background: '#2a2463' } });
      const form = new FormData();
      form.set('_payload', JSON.stringify({ alt: 'A square' }));
      form.set(
        'file',
        new File([new Uint8Array(await square.png().toBuffer())], `${fresh()}.png`, { type: 'image/png' }),
      );
      return form;
    },
    change: { alt: 'A portrait' },
  },
  people: {
    read: OWN,
    create: NOBODY,
    update: OWN,
    delete: NOBODY,
    target: async () => ids.reader,
    creation: async () => ({
      display_name: 'Made',
      issuer: 'x',
      subject: 'x',
      person_id: 'x',
      version: 1,
      role: 'admin',
    }),
    change: { display_name: 'Rhea' },
  },
  'payload-kv': {
    read: NOBODY,
    create: NOBODY,
    update: NOBODY,
    delete: NOBODY,
    target: () => first('payload-kv'),
    creation: async () => ({ key: 'x', data: {} }),
    change: { key: 'y' },
  },
  // Who works on what in the admin: staff see all of it, a reader what is theirs.
  'payload-locked-documents': {
    read: OWN,
    create: { yes: [...READERS, 'admin'] },
    update: OWN,
    delete: OWN,
    target: async () => {
      const { docs } = await cms.payload.find({
        collection: 'payload-locked-documents',
        depth: 0,
        limit: 1,
        where: { 'user.value': { equals: ids.reader } },
      });
      return docs[0]?.id ?? lock('reader');
    },
    creation: async (who) => ({
      document: { relationTo: 'readers', value: await cms.idOf('readers', 'noor-star') },
      user: { relationTo: 'people', value: ids[who === 'nobody' ? 'client' : who] },
    }),
    change: {},
  },
  'payload-preferences': {
    read: { yes: ['reader'], empty: ['other reader', 'admin'] },
    create: { yes: [...READERS, 'admin'] },
    update: { yes: ['reader'], empty: ['other reader', 'admin'] },
    delete: { yes: ['reader'], empty: ['other reader', 'admin'] },
    target: async () => {
      const { docs } = await cms.payload.find({
        collection: 'payload-preferences',
        depth: 0,
        limit: 1,
        where: { key: { equals: 'theirs' } },
      });
      return docs[0]?.id ?? preference('reader');
    },
    creation: async () => ({ key: fresh(), value: {} }),
    change: { value: { a: 1 } },
    // What is asked for by a key is answered by key: see ENDPOINTS.
    shadowed: ['get /count', 'get /:id', 'delete /:id'],
  },
};

async function latest(collection: CollectionSlug): Promise<number | undefined> {
  const { docs } = await cms.payload.find({ collection, depth: 0, limit: 1, sort: '-id' });
  return docs[0]?.id as number | undefined;
}
/** What the client said of the reader. */
async function review(): Promise<number> {
  const { id } = await cms.payload.create({
    collection: 'reviews',
    data: {
      stars: 5,
      text: 'Kind.',
      reader: await cms.idOf('readers', 'rhea-sun'),
      author: ids.client,
      written_at: day,
      session_id: fresh(),
      state: 'shown',
      flags_waiting: 0,
    },
  });
  return id;
}
async function ofClient(): Promise<number | undefined> {
  const { docs } = await cms.payload.find({
    collection: 'favourites',
    depth: 0,
    where: { person: { equals: ids.client } },
  });
  return docs[0]?.id;
}
async function keepInMind(): Promise<number> {
  const made = await call(
    '/favourites',
    json({ reader: await cms.idOf('readers', 'remi-moon') }, headers.client),
  );
  return made.body.doc.id;
}
/** Something that is to be published in a year. */
async function job(): Promise<number> {
  const { docs } = await cms.payload.find({ collection: 'payload-jobs', depth: 0, limit: 1 });
  if (docs[0]) return docs[0].id;
  const { id } = await cms.payload.jobs.queue({
    task: 'schedulePublish',
    input: { type: 'publish', doc: { relationTo: 'pages', value: await cms.idOf('pages', 'about') } },
    waitUntil: new Date(Date.now() + 365 * 86_400_000),
  });
  return id as number;
}

async function lock(who: keyof typeof PEOPLE): Promise<number> {
  const { id } = await cms.payload.create({
    collection: 'payload-locked-documents',
    data: {
      document: { relationTo: 'readers', value: await cms.idOf('readers', 'rhea-sun') },
      user: { relationTo: 'people', value: ids[who] },
    } as never,
  });
  return id as number;
}
async function preference(who: keyof typeof PEOPLE): Promise<number> {
  const user = {
    ...(await cms.payload.findByID({ collection: 'people', id: ids[who] })),
    collection: 'people',
  };
  const { id } = await cms.payload.create({
    collection: 'payload-preferences',
    data: { key: 'theirs', value: {} } as never,
    user,
  });
  return id as number;
}

/** What each kind of Payload's own endpoints is asked, and what its answer means. */
type Asked = { path: string; init: RequestInit; meaning: (answer: Answer) => Cell | string };
type Operation = {
  cells: (subject: Subject) => Cells;
  ask: (subject: Subject, target: number | string, who: Who) => Promise<Asked> | Asked;
};

const plainly: Asked['meaning'] = ({ status, body: told }) =>
  status === 200 || status === 201
    ? 'yes'
    : status === 403 && told.code === 'forbidden'
      ? 'no'
      : status === 404
        ? 'empty'
        : `${status} ${JSON.stringify(told)}`;
/** A list that is there but holds nothing of it. */
const inList: Asked['meaning'] = (answer) => {
  const { totalDocs, docs } = answer.body;
  return answer.status === 200 && (totalDocs ?? docs.length) === 0 ? 'empty' : plainly(answer);
};
/** Payload says 403 of a document that is somebody else's when it is to be changed. */
const changing: Asked['meaning'] = (answer) => (answer.status === 404 ? 'no' : plainly(answer));
const without = (cells: Cells): Cells => ({ yes: cells.yes });
const bare = (headersOf: Record<string, string>, method = 'GET'): RequestInit => ({
  method,
  headers: headersOf,
});
const sent = (data: Record<string, unknown> | FormData, who: Who, method = 'POST'): RequestInit =>
  data instanceof FormData ? { method, headers: headers[who], body: data } : json(data, headers[who], method);
const versionOf = async (subject: Subject, target: number | string): Promise<number | string> => {
  const slug = slugOf(subject);
  if (!cms.payload.collections[slug as CollectionSlug].config.versions) return 1;
  const { docs } = await cms.payload.findVersions({
    collection: slug as 'readers',
    where: { parent: { equals: target } },
    limit: 1,
    depth: 0,
  });
  return docs[0]?.id as string;
};
const slugOf = (subject: Subject) =>
  Object.entries(COLLECTIONS).find(([, one]) => one === subject)?.[0] as string;

const OPERATIONS: Record<string, Operation> = {
  'get /': {
    cells: ({ read }) => read,
    ask: (_, target, who) => ({
      path: `/?depth=2&where[id][equals]=${target}`,
      init: bare(headers[who]),
      meaning: inList,
    }),
  },
  'get /count': {
    cells: ({ read }) => read,
    ask: (_, target, who) => ({
      path: `/count?where[id][equals]=${target}`,
      init: bare(headers[who]),
      meaning: inList,
    }),
  },
  'get /:id': {
    cells: ({ read }) => read,
    ask: (_, target, who) => ({ path: `/${target}?depth=2`, init: bare(headers[who]), meaning: plainly }),
  },
  'get /versions': {
    cells: ({ versions }) => versions ?? NOBODY,
    ask: (_, target, who) => ({
      path: `/versions?where[parent][equals]=${target}`,
      init: bare(headers[who]),
      meaning: inList,
    }),
  },
  'get /versions/:id': {
    cells: ({ versions }) => versions ?? NOBODY,
    ask: async (subject, target, who) => ({
      path: `/versions/${await versionOf(subject, target)}`,
      init: bare(headers[who]),
      meaning: (answer) =>
        answer.status === 403 && COLLECTIONS.readers === subject && who === 'other reader'
          ? 'empty'
          : plainly(answer),
    }),
  },
  'post /versions/:id': {
    cells: ({ versions, update }) => (versions ? without(update) : NOBODY),
    ask: async (subject, target, who) => ({
      path: `/versions/${await versionOf(subject, target)}`,
      init: bare(headers[who], 'POST'),
      meaning: ({ status, ...rest }) =>
        status === 404 && subject.versions ? 'no' : plainly({ status, ...rest }),
    }),
  },
  'post /': {
    cells: ({ create }) => create,
    ask: async ({ creation }, _, who) => ({
      path: '/',
      init: sent(await creation(who), who),
      meaning: plainly,
    }),
  },
  'patch /:id': {
    cells: ({ update }) => without(update),
    ask: ({ change }, target, who) => ({
      path: `/${target}`,
      init: sent(change, who, 'PATCH'),
      meaning: changing,
    }),
  },
  'patch /': {
    cells: ({ update }) => update,
    ask: ({ change }, target, who) => ({
      path: `/?where[id][equals]=${target}`,
      init: sent(change, who, 'PATCH'),
      meaning: inList,
    }),
  },
  'delete /:id': {
    cells: (subject) => without(subject.delete),
    ask: (_, target, who) => ({ path: `/${target}`, init: bare(headers[who], 'DELETE'), meaning: changing }),
  },
  'delete /': {
    cells: (subject) => subject.delete,
    ask: (_, target, who) => ({
      path: `/?where[id][equals]=${target}`,
      init: bare(headers[who], 'DELETE'),
      meaning: inList,
    }),
  },
  'post /:id/duplicate': {
    cells: ({ create, read }) => ({ yes: create.yes.filter((who) => read.yes.includes(who)) }),
    ask: (_, target, who) => ({
      path: `/${target}/duplicate`,
      init: sent({}, who),
      meaning: changing,
    }),
  },
};

/** Every other endpoint: its request, and the status and code of each cell. */
type Row = {
  request?: (
    who: Who,
  ) => Promise<{ path?: string; init?: RequestInit }> | { path?: string; init?: RequestInit };
  wanted: (who: Who) => string | number;
};
const everybody = (wanted: string | number): Row => ({ wanted: () => wanted });
const staffOnly =
  (wanted: string | number): Row['wanted'] =>
  (who) =>
    who === 'admin' ? wanted : who === 'nobody' ? '401 not_signed_in' : '403 role_not_allowed';
const peopleOnly =
  (wanted: string | number): Row['wanted'] =>
  (who) =>
    who === 'nobody' ? '401 not_signed_in' : wanted;
const ofApplication =
  (part: string, init: RequestInit = {}): Row['request'] =>
  () => ({
    path: `/reader-applications/${application}/${part}`,
    init,
  });
const preferences: Row = {
  request: () => ({ path: '/payload-preferences/theirs', init: json({ value: {} }) }),
  wanted: (who) =>
    who === 'nobody' ? '401 not_signed_in' : who.endsWith('client') ? '403 role_not_allowed' : 200,
};

const ENDPOINTS: Record<string, Row> = {
  'get /access': everybody(200),
  'get /auth/sign-in': everybody(303),
  'get /auth/callback': everybody(303),
  'post /auth/sign-out': everybody(303),
  'post /service/people': everybody('401 signature_missing'),
  'get /globals/navigation/': everybody(200),
  'post /globals/navigation/': {
    request: () => ({ init: json({ header: [] }) }),
    wanted: (who) => (who === 'admin' ? 200 : '403 forbidden'),
  },
  'post /globals/navigation/access': everybody(200),
  'get /globals/navigation/versions': everybody('404 not_found'),
  'get /globals/navigation/versions/:id': everybody('404 not_found'),
  'post /globals/navigation/versions/:id': everybody('404 not_found'),
  'get /globals/home/': everybody(200),
  'post /globals/home/': {
    request: () => ({ init: json({ closing_title: 'Ready?' }) }),
    wanted: (who) => (who === 'admin' ? 200 : '403 forbidden'),
  },
  'post /globals/home/access': everybody(200),
  'get /globals/home/versions': { wanted: (who) => (who === 'admin' ? 200 : '403 forbidden') },
  'get /globals/home/versions/:id': { wanted: (who) => (who === 'admin' ? 200 : '403 forbidden') },
  'post /globals/home/versions/:id': { wanted: (who) => (who === 'admin' ? 200 : '403 forbidden') },

  'get /people/me': { wanted: (who) => (who.endsWith('client') ? '403 forbidden' : 200) },
  // A token has its own end; the cookie's is tested where one signs in.
  'post /people/refresh-token': { wanted: (who) => (who === 'nobody' ? '403 forbidden' : 200) },
  ...Object.fromEntries(
    [
      'post /people/login',
      'post /people/logout',
      'post /people/unlock',
      'post /people/first-register',
      'post /people/forgot-password',
      'post /people/reset-password',
      'post /people/verify/:id',
      'get /people/init',
    ].map((name) => [name, everybody('404 not_found')]),
  ),

  'get /media/paste-url/:id?': {
    request: () => ({ path: '/media/paste-url?src=http://127.0.0.1/' }),
    wanted: () => '404 not_found',
  },
  'get /media/file/:filename': {
    request: () => ({ path: '/media/file/portraits-rhea-sun.png' }),
    wanted: () => '404 not_found',
  },

  'get /payload-jobs/run': everybody('404 not_found'),
  'get /payload-jobs/handle-schedules': everybody('404 not_found'),

  'get /payload-preferences/:key': preferences,
  'post /payload-preferences/:key': preferences,
  'delete /payload-preferences/:key': preferences,

  'get /readers/summary': everybody(200),

  // Nothing is said, so whoever may come is told what is missing.
  'post /reviews/write': { request: () => ({ init: json({}) }), wanted: peopleOnly('400 invalid_request') },
  'get /reviews/mine': {
    request: () => ({ path: `/reviews/mine?session_ids=${crypto.randomUUID()}` }),
    wanted: peopleOnly(200),
  },
  'post /reviews/:id/answer': {
    request: async () => ({ path: `/reviews/${await review()}/answer`, init: json({ text: 'Thanks.' }) }),
    wanted: (who) => (who === 'reader' ? 204 : peopleOnly('403 not_the_reader')(who)),
  },
  'post /reviews/:id/flag': {
    request: async () => ({ path: `/reviews/${await review()}/flag`, init: json({ reason: 'A name.' }) }),
    wanted: peopleOnly(204),
  },

  'post /reader-applications/submit': {
    request: async () => ({ init: { body: await applicationForm() } }),
    wanted: (who) =>
      who === 'client'
        ? '409 already_open'
        : who === 'other client'
          ? 201
          : who === 'nobody'
            ? '401 not_signed_in'
            : '403 role_not_allowed',
  },
  'get /reader-applications/:id/portrait': { request: ofApplication('portrait'), wanted: staffOnly(200) },
  'get /reader-applications/:id/documents/:number': {
    request: ofApplication('documents/1'),
    wanted: staffOnly(200),
  },
  'post /reader-applications/:id/decline': {
    request: ofApplication('decline', json({})),
    wanted: staffOnly('400 invalid_request'),
  },
  // The other client's, so that the rows above may come in any order.
  'post /reader-applications/:id/approve': {
    request: async () => {
      const { docs } = await cms.payload.find({
        collection: 'reader-applications',
        where: { person: { equals: ids['other client'] } },
        depth: 0,
      });
      return { path: `/reader-applications/${docs[0]?.id ?? 999}/approve`, init: json({}) };
    },
    wanted: staffOnly(200),
  },
};

/** Who is refused comes first, so that nothing is gone that others ask for. */
const refusedFirst = (may: readonly Who[]) =>
  EVERYBODY.toSorted((a, b) => Number(may.includes(a)) - Number(may.includes(b)));

const endpointsOf = (list: Endpoint[] | false | undefined, prefix = '') => [
  ...new Set((list || []).map(({ method, path }) => `${method} ${prefix}${path}`)),
];

describe('A4: the matrix', () => {
  test('describes every collection, and nothing that isn’t there', () => {
    const slugs = cms.config.collections
      .filter(({ endpoints }) => endpoints !== false)
      .map(({ slug }) => slug);
    expect(slugs.toSorted()).toEqual(Object.keys(COLLECTIONS).toSorted());
    // Payload's own bookkeeping of migrations has no endpoint at all.
    expect(
      cms.config.collections.filter(({ endpoints }) => endpoints === false).map(({ slug }) => slug),
    ).toEqual(['payload-migrations']);
  });

  test('has a row for every other endpoint, and none without', () => {
    const known = new Set([...Object.keys(OPERATIONS), 'post /access/:id?']);
    const others = [
      ...endpointsOf(cms.config.endpoints),
      ...cms.config.collections.flatMap(({ slug, endpoints }) =>
        endpointsOf(endpoints)
          .filter((name) => !known.has(name))
          .map((name) => name.replace(' ', ` /${slug}`)),
      ),
      ...cms.config.globals.flatMap(({ slug, endpoints }) => endpointsOf(endpoints, `/globals/${slug}`)),
    ];
    expect(others.toSorted()).toEqual(Object.keys(ENDPOINTS).toSorted());
  });

  describe.each(Object.keys(COLLECTIONS))('%s', (slug) => {
    const subject = COLLECTIONS[slug] as Subject;
    const has = (name: string) =>
      endpointsOf(cms.config.collections.find((one) => one.slug === slug)?.endpoints).includes(name);

    test.each(Object.keys(OPERATIONS))('%s', async (name) => {
      if (!has(name) || subject.shadowed?.includes(name) || subject.unlike?.includes(name)) return;
      const operation = OPERATIONS[name] as Operation;
      const cells = operation.cells(subject);
      const wanted: Record<string, string> = {};
      const found: Record<string, string> = {};
      for (const who of refusedFirst(cells.yes)) {
        const may = cells.yes.includes(who);
        wanted[who] = may ? 'yes' : cells.empty?.includes(who) ? 'empty' : 'no';
        // There is no history of it at all.
        if (name.includes('/versions') && !subject.versions) wanted[who] = 'empty';
        if (who === 'suspended') wanted[who] = '403 account_suspended';
        // Who may take something away is given something to take.
        const target = may && name.startsWith('delete') ? await another(who) : await subject.target();
        const { path, init, meaning } = await operation.ask(subject, target, who);
        const answer = await call(`/${slug}${path}`.replace('/?', '?').replace(/\/$/, ''), init);
        found[who] = who === 'suspended' ? `${answer.status} ${answer.body.code}` : meaning(answer);
      }
      expect(found).toEqual(wanted);
    });

    async function another(who: Who): Promise<number | string> {
      if (slug === 'payload-locked-documents') return lock(who as 'reader');
      if (['payload-preferences', 'payload-jobs', 'favourites', 'reviews'].includes(slug))
        return subject.target();
      const { body: made } = await call(`/${slug}`, sent(await subject.creation('admin'), 'admin'));
      return made.doc.id;
    }

    test('says of itself what is so (post /access/:id?)', async () => {
      if (!has('post /access/:id?')) return;
      const target = await subject.target();
      const found: Record<string, string> = {};
      const wanted: Record<string, string> = {};
      for (const who of ACTIVE) {
        const { body: told } = await call(`/${slug}/access/${target}`, bare(headers[who], 'POST'));
        const operations = ['create', 'read', 'update', 'delete'] as const;
        const allowed = (value: unknown) =>
          value === true || (value as { permission?: boolean })?.permission === true;
        found[who] = operations.filter((one) => allowed(told[one])).join(' ');
        // Asked of the newest version, which in these is a draft.
        const read = (['readers', 'articles'].includes(slug) && subject.versions) || subject.read;
        wanted[who] = operations
          .filter((one) => (one === 'read' ? read : subject[one]).yes.includes(who))
          .join(' ');
      }
      expect(found).toEqual(wanted);
    });
  });

  test.each(['readers', 'articles'] as const)(
    'the draft of one of %s is its owner’s and staff’s',
    async (slug) => {
      const target = await (COLLECTIONS[slug] as Subject).target();
      await draft(slug);
      const may: Who[] = slug === 'readers' ? ['reader', 'admin'] : ['admin'];
      for (const who of EVERYBODY) {
        for (const path of [
          `/${target}?draft=true`,
          `?draft=true&where[id][equals]=${target}`,
          `/${target}`,
          `/versions?where[parent][equals]=${target}`,
          `?draft=true&where[${slug === 'readers' ? 'headline' : 'summary'}][equals]=${encodeURIComponent(`${SECRET} of ${slug}`)}`,
        ]) {
          const { body: told } = await call(`/${slug}${path}`, bare(headers[who]));
          const knows = JSON.stringify(told).includes(`${SECRET} of ${slug}`);
          const published = path === `/${target}`;
          expect([who, path, knows]).toEqual([who, path, may.includes(who) && !published]);
        }
      }
    },
  );

  test.each(Object.entries(ENDPOINTS))('%s', async (name, { request, wanted: of }) => {
    const [method = '', template = ''] = name.split(' ');
    const passes = EVERYBODY.filter((who) => typeof of(who) === 'number' && who !== 'suspended');
    const found: Record<string, string | number> = {};
    const wanted: Record<string, string | number> = {};
    for (const who of refusedFirst(passes)) {
      const { path = template.replace(/\/$/, '').replace(':id', '1'), init = {} } =
        (await request?.(who)) ?? {};
      const { body: content } = init;
      const answer = await call(path, {
        method: method.toUpperCase(),
        headers: { ...(init.headers as Record<string, string>), ...headers[who] },
        ...(content && method !== 'get' && method !== 'delete' && { body: content }),
      });
      // Whoever shows a suspended person's token is refused before anything else.
      wanted[who] = who === 'suspended' ? '403 account_suspended' : of(who);
      found[who] = answer.status < 400 ? answer.status : `${answer.status} ${answer.body.code}`;
    }
    expect(found).toEqual(wanted);
  });

  test('R1: left the profile with its reader, though an earlier version was restored', async () => {
    const id = await cms.idOf('readers', 'rhea-sun');
    const page = await cms.payload.findByID({ collection: 'readers', id, depth: 0 });
    expect(page).toMatchObject({ person: ids.reader, slug: 'rhea-sun', featured: false });
  });

  test('left everybody with the role and the status that they had, but for the one who was made a reader', async () => {
    const roles: Record<string, string> = {};
    for (const who of Object.keys(PEOPLE) as (keyof typeof PEOPLE)[]) {
      const { role, status } = await cms.payload.findByID({ collection: 'people', id: ids[who] });
      roles[who] = `${status} ${role}`;
    }
    expect(roles).toEqual({
      client: 'active client',
      'other client': 'active reader',
      reader: 'active reader',
      'other reader': 'active reader',
      admin: 'active admin',
      suspended: 'suspended client',
    });
  });
});
