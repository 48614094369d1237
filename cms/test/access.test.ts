import type { CollectionSlug, PayloadRequest, Where } from 'payload';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSeededCms } from './support/seeded.ts';

type Role =
  | 'nobody'
  | 'client'
  | 'reader'
  | 'otherReader'
  | 'suspended'
  | 'suspendedReader'
  | 'suspendedAdmin'
  | 'admin';
type User = PayloadRequest['user'];

let cms: Awaited<ReturnType<typeof startSeededCms>>;
const users = {} as Record<Role, User>;

beforeAll(async () => {
  cms = await startSeededCms();
  const person = async (email: string) => {
    const id = await cms.idOf('people', email, 'email');
    return {
      ...(await cms.payload.findByID({ collection: 'people', id })),
      collection: 'people',
    } as NonNullable<User>;
  };
  users.nobody = null;
  users.client = await person('client@soulseer.test');
  users.reader = await person('reader@soulseer.test');
  users.otherReader = await person('reader2@soulseer.test');
  users.suspended = await person('suspended@soulseer.test');
  users.admin = await person('admin@soulseer.test');
  users.suspendedReader = { ...users.reader, status: 'suspended' } as User;
  users.suspendedAdmin = { ...users.admin, status: 'suspended' } as User;
});

afterAll(() => cms?.close());

const roles = [
  'nobody',
  'client',
  'reader',
  'otherReader',
  'suspended',
  'suspendedReader',
  'suspendedAdmin',
  'admin',
] as const;
const notStaff = roles.filter((role) => role !== 'admin');

async function allowed(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch (error) {
    // Only a refusal counts as one: a fault of another kind must fail the test.
    const status = (error as { status?: number }).status;
    if (status === 403 || status === 404) return false;
    throw error;
  }
}

const as = (role: Role) => ({ user: users[role], overrideAccess: false, depth: 0 }) as const;

describe('A4: reading', () => {
  const open: CollectionSlug[] = [
    'readers',
    'specialities',
    'articles',
    'article-categories',
    'gifts',
    'forum-categories',
    'forum-threads',
    'forum-posts',
    'media',
  ];
  test.each(open)('%s can be read by the public', async (collection) => {
    const { totalDocs } = await cms.payload.find({ collection, ...as('nobody') });
    expect(totalDocs).toBeGreaterThan(0);
  });

  test.each(roles)('people: what %s sees', async (role) => {
    const find = () => cms.payload.find({ collection: 'people', ...as(role) });
    if (role === 'admin') expect((await find()).totalDocs).toBe(6);
    else if (role === 'reader' || role === 'otherReader') {
      expect((await find()).docs.map(({ id }) => id)).toEqual([users[role]?.id]);
    } else expect(await allowed(find)).toBe(false);
  });

  test('the forum gives the public an author’s name, and nothing else of the person', async () => {
    const { docs } = await cms.payload.find({
      collection: 'forum-posts',
      ...as('nobody'),
      depth: 3,
      sort: 'position',
    });
    expect(docs.map(({ author_name }) => author_name)).toEqual(['Cleo', 'Rhea']);
    const told = JSON.stringify(docs);
    expect(told).not.toContain('@soulseer.test');
    expect(told).not.toContain('"author":');
    expect(told).not.toContain('"role"');
  });

  test('nobody outside learns which account a reader or a picture belongs to, or can search by it', async () => {
    const { docs } = await cms.payload.find({ collection: 'readers', ...as('nobody'), depth: 3 });
    expect(JSON.stringify(docs)).not.toContain('"person"');
    const searches: Where[] = [
      { person: { equals: users.reader?.id } },
      { 'person.email': { equals: 'reader@soulseer.test' } },
    ];
    for (const where of searches) {
      await expect(cms.payload.find({ collection: 'readers', where, ...as('nobody') })).rejects.toThrow(
        /cannot be queried/,
      );
    }
    await expect(
      cms.payload.find({
        collection: 'forum-posts',
        where: { 'author.email': { like: 'client' } },
        ...as('nobody'),
      }),
    ).rejects.toThrow(/cannot be queried/);
  });

  test.each(['payload-preferences', 'payload-locked-documents', 'payload-migrations', 'payload-kv'] as const)(
    '%s is nothing for the public or for clients',
    async (collection) => {
      for (const role of ['nobody', 'client', 'suspendedAdmin'] as const) {
        const seen = await cms.payload.find({ collection, ...as(role) }).then(
          ({ totalDocs }) => totalDocs,
          () => 0,
        );
        expect(seen).toBe(0);
      }
    },
  );

  test('the home page is public', async () => {
    const { blocks } = await cms.payload.findGlobal({ slug: 'home', ...as('nobody') });
    expect(blocks?.[0]).toMatchObject({ blockType: 'hero', title: 'Be heard' });
  });

  test('drafts of the home page and of questions are seen by staff alone, and leave what is public as it is', async () => {
    const blocks = [{ blockType: 'hero' as const, title: 'Not yet said', text: 'Soon.' }];
    await cms.payload.updateGlobal({ slug: 'home', data: { blocks }, draft: true, ...as('admin') });
    const drafted = (role: Role) => cms.payload.findGlobal({ slug: 'home', draft: true, ...as(role) });
    expect((await drafted('admin')).blocks?.[0]).toMatchObject({ title: 'Not yet said' });
    const id = await cms.idOf('faq', 'What does it cost?', 'question');
    const question = { question: 'Not yet asked?' };
    await cms.payload.update({ collection: 'faq', id, data: question, draft: true, ...as('admin') });
    const asked = (role: Role, draft: boolean) => cms.payload.find({ collection: 'faq', draft, ...as(role) });
    expect((await asked('admin', true)).docs[0]).toMatchObject(question);
    for (const role of notStaff) {
      expect((await drafted(role)).blocks?.[0]).toMatchObject({ title: 'Be heard' });
      for (const draft of [true, false])
        expect(JSON.stringify(await asked(role, draft))).not.toContain('Not yet');
      expect((await asked(role, false)).docs[0]).toMatchObject({ question: 'What does it cost?' });
    }
    // Taken back altogether, nobody but staff sees either.
    await cms.payload.updateGlobal({ slug: 'home', data: { _status: 'draft' }, ...as('admin') });
    await cms.payload.update({ collection: 'faq', id, data: { _status: 'draft' }, ...as('admin') });
    expect(await cms.payload.findGlobal({ slug: 'home', ...as('nobody') })).toEqual({});
    expect((await asked('nobody', false)).totalDocs).toBe(0);
    const back = { blocks: [{ ...blocks[0], title: 'Be heard' }] as never, _status: 'published' as const };
    await cms.payload.updateGlobal({ slug: 'home', data: back, ...as('admin') });
    const again = { question: 'What does it cost?', _status: 'published' as const };
    await cms.payload.update({ collection: 'faq', id, data: again, ...as('admin') });
    expect((await asked('nobody', false)).totalDocs).toBe(1);
  });
});

describe('A4: writing', () => {
  const collections = [
    'specialities',
    'article-categories',
    'forum-categories',
    'forum-threads',
    'forum-posts',
    'gifts',
    'articles',
    'people',
  ] as const;
  test.each(collections.flatMap((collection) => notStaff.map((role) => [role, collection] as const)))(
    '%s can neither create, change nor delete in %s',
    async (role, collection) => {
      const { docs } = await cms.payload.find({ collection, depth: 0, limit: 100 });
      // A reader's own account is theirs to change, and tried below.
      const target = docs.find(({ id }) => !(collection === 'people' && id === users[role]?.id)) as {
        id: number;
      };
      expect(await allowed(() => cms.payload.create({ collection, data: {} as never, ...as(role) }))).toBe(
        false,
      );
      expect(
        await allowed(() => cms.payload.update({ collection, id: target.id, data: {}, ...as(role) })),
      ).toBe(false);
      expect(await allowed(() => cms.payload.delete({ collection, id: target.id, ...as(role) }))).toBe(false);
    },
  );

  test.each(notStaff)(
    '%s can’t change the home page, create a reader or delete one or a picture',
    async (role) => {
      expect(
        await allowed(() => cms.payload.updateGlobal({ slug: 'home', data: { blocks: [] }, ...as(role) })),
      ).toBe(false);
      expect(
        await allowed(() => cms.payload.create({ collection: 'readers', data: {} as never, ...as(role) })),
      ).toBe(false);
      const id = await cms.idOf('readers', 'rhea-sun');
      expect(await allowed(() => cms.payload.delete({ collection: 'readers', id, ...as(role) }))).toBe(false);
      const picture = await cms.idOf('media', 'portraits-rhea-sun.png', 'filename');
      expect(await allowed(() => cms.payload.delete({ collection: 'media', id: picture, ...as(role) }))).toBe(
        false,
      );
      expect(
        await allowed(() =>
          cms.payload.update({ collection: 'media', id: picture, data: { alt: 'Mine' }, ...as(role) }),
        ),
      ).toBe(false);
    },
  );

  test('staff can do all of it', async () => {
    const made = await cms.payload.create({
      collection: 'specialities',
      data: { name: 'Runes', slug: 'runes', description: 'Stones.' },
      ...as('admin'),
    });
    await cms.payload.update({
      collection: 'specialities',
      id: made.id,
      data: { description: 'Old stones.' },
      ...as('admin'),
    });
    await cms.payload.delete({ collection: 'specialities', id: made.id, ...as('admin') });
    const { blocks } = await cms.payload.findGlobal({ slug: 'home', ...as('admin') });
    const quote = { blockType: 'quote' as const, text: 'We are.', author_name: 'Staff' };
    const home = await cms.payload.updateGlobal({
      slug: 'home',
      data: { blocks: [...(blocks ?? []), quote] },
      ...as('admin'),
    });
    expect(home.blocks?.at(-1)).toMatchObject(quote);
    const hero = { blockType: 'hero' as const, title: 'Twice', text: 'There is one title.' };
    await expect(
      cms.payload.updateGlobal({ slug: 'home', data: { blocks: [hero, hero] }, ...as('admin') }),
    ).rejects.toThrow(/blocks/i);
  });

  test('a person is never deleted, not even by staff', async () => {
    expect(
      await allowed(() =>
        cms.payload.delete({ collection: 'people', id: users.client?.id as number, ...as('admin') }),
      ),
    ).toBe(false);
  });

  test('what others need is not deleted either, and it is said by whom', async () => {
    const id = await cms.idOf('article-categories', 'guides');
    await expect(
      cms.payload.delete({ collection: 'article-categories', id, ...as('admin') }),
    ).rejects.toThrow('Still used by 1 articles');
  });

  test('a deleted thread takes its posts along', async () => {
    const { id: author } = users.client as { id: number };
    const category = await cms.idOf('forum-categories', 'hello');
    const day = '2026-11-03T00:00:00.000Z';
    const thread = await cms.payload.create({
      collection: 'forum-threads',
      data: { title: 'Brief', slug: 'brief', category, author, created_on: day },
      depth: 0,
    });
    const { docs } = await cms.payload.find({ collection: 'forum-posts', depth: 0, limit: 1 });
    const body = docs[0]?.body as never;
    await cms.payload.create({
      collection: 'forum-posts',
      data: { thread: thread.id, author, body, created_on: day, position: 0 },
    });
    await cms.payload.delete({ collection: 'forum-threads', id: thread.id, ...as('admin') });
    expect(
      (await cms.payload.count({ collection: 'forum-posts', where: { thread: { equals: thread.id } } }))
        .totalDocs,
    ).toBe(0);
  });
});

describe('R1: a reader and their profile', () => {
  test('sees only their own, in the admin and over the API', async () => {
    const { docs } = await cms.payload.find({ collection: 'readers', ...as('reader') });
    expect(docs.map(({ slug }) => slug)).toEqual(['rhea-sun']);
  });

  test.each(roles)('editing the profile of Rhea as %s', async (role) => {
    const id = await cms.idOf('readers', 'rhea-sun');
    const edit = () =>
      cms.payload.update({
        collection: 'readers',
        id,
        data: { headline: `By ${role}` },
        draft: true,
        ...as(role),
      });
    expect(await allowed(edit)).toBe(role === 'reader' || role === 'admin');
  });

  test('history is seen by staff and the reader only', async () => {
    const id = await cms.idOf('readers', 'rhea-sun');
    const where = { parent: { equals: id } };
    for (const role of roles) {
      const seen = await cms.payload.findVersions({ collection: 'readers', where, ...as(role) }).then(
        ({ totalDocs }) => totalDocs,
        () => 0,
      );
      expect([role, seen > 0]).toEqual([role, role === 'reader' || role === 'admin']);
    }
  });

  test('a draft is not public, however it is asked for', async () => {
    const id = await cms.idOf('readers', 'remi-moon');
    await cms.payload.update({
      collection: 'readers',
      id,
      data: { headline: 'Secret draft' },
      draft: true,
      ...as('otherReader'),
    });
    for (const role of ['nobody', 'client', 'reader', 'suspendedReader'] as const) {
      for (const draft of [false, true]) {
        const list = await cms.payload.find({ collection: 'readers', draft, ...as(role) });
        expect(JSON.stringify(list)).not.toContain('Secret draft');
        const one = await cms.payload.findByID({
          collection: 'readers',
          id,
          draft,
          disableErrors: true,
          ...as(role),
        });
        expect(JSON.stringify(one)).not.toContain('Secret draft');
      }
    }
    const own = await cms.payload.findByID({ collection: 'readers', id, draft: true, ...as('otherReader') });
    expect(own.headline).toBe('Secret draft');
  });

  test('a profile that was never published is not public', async () => {
    const { id } = await cms.payload.create({
      collection: 'readers',
      data: { name: 'Hidden', slug: 'hidden' } as never,
      draft: true,
      ...as('admin'),
    });
    for (const draft of [false, true]) {
      expect(
        await cms.payload.findByID({
          collection: 'readers',
          id,
          draft,
          disableErrors: true,
          ...as('nobody'),
        }),
      ).toBeNull();
    }
    await cms.payload.delete({ collection: 'readers', id });
  });

  test('slug, person and featured stay as they are when the reader sends them', async () => {
    const id = await cms.idOf('readers', 'rhea-sun');
    const sent = { slug: 'best-reader', person: users.otherReader?.id as number, featured: true };
    await cms.payload.update({
      collection: 'readers',
      id,
      data: { ...sent, _status: 'published' },
      ...as('reader'),
    });
    const now = await cms.payload.findByID({ collection: 'readers', id, depth: 0 });
    expect(now).toMatchObject({ slug: 'rhea-sun', person: users.reader?.id, featured: false });
  });

  test('role and status stay as they are when a person sends them', async () => {
    const id = users.reader?.id as number;
    const sent = { role: 'admin', status: 'active', display_name: 'Rhea S.' } as const;
    await cms.payload.update({ collection: 'people', id, data: sent, ...as('reader') });
    expect(await cms.payload.findByID({ collection: 'people', id })).toMatchObject({
      role: 'reader',
      display_name: 'Rhea S.',
    });
  });

  test('an administrator can’t suspend themselves or give up their role', async () => {
    const id = users.admin?.id as number;
    await expect(
      cms.payload.update({ collection: 'people', id, data: { status: 'suspended' }, ...as('admin') }),
    ).rejects.toThrow(/status/i);
    await expect(
      cms.payload.update({ collection: 'people', id, data: { role: 'client' }, ...as('admin') }),
    ).rejects.toThrow(/role/i);
  });
});

describe('the admin', () => {
  test.each(roles)('entering as %s', async (role) => {
    const { admin } = cms.payload.collections.people.config.access;
    const enters = await admin?.({ req: { user: users[role] } as PayloadRequest });
    expect(enters).toBe(role === 'admin' || role === 'reader' || role === 'otherReader');
  });

  test('a reader’s menu holds their profile, pictures and reviews, nothing else', () => {
    const hidden = (slug: CollectionSlug, role: Role) => {
      const { hidden: rule } = cms.payload.collections[slug].config.admin;
      return typeof rule === 'function' ? rule({ user: users[role] as never }) : rule;
    };
    const slugs = Object.keys(cms.payload.collections).filter(
      (slug) => !slug.startsWith('payload-'),
    ) as CollectionSlug[];
    expect(slugs.filter((slug) => !hidden(slug, 'reader')).sort()).toEqual(['media', 'readers', 'reviews']);
    // What people keep in mind is nobody's to look at, nor is there anything to see in what is reckoned from reviews.
    expect(slugs.filter((slug) => hidden(slug, 'admin')).sort()).toEqual(['favourites', 'ratings']);
  });
});
