import { deflateSync } from 'node:zlib';
import { mailRequest } from 'realtime/contract';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applicationForm, biography, drawPortrait, pdf, type Value } from './support/applicationForm.ts';
import { browse, json } from './support/browsing.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';
import { startSeededCms } from './support/seeded.ts';

let issuer: Issuer;
let cms: Awaited<ReturnType<typeof startSeededCms>>;
let web: ReturnType<typeof browse>;
let staff: Record<string, string>;
let tokens: Record<string, string>;
let portrait: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  issuer = await startIssuer();
  cms = await startSeededCms({ OIDC_ISSUER: issuer.url });
  web = browse(cms, issuer);
  staff = await web.asPerson('admin@soulseer.test');
  tokens = {};
  for (const who of ['client', 'client2', 'reader', 'admin', 'suspended'])
    tokens[who] = (await issuer.tokens(`${who}@soulseer.test`)).access;
  portrait = await drawPortrait();
});
afterAll(async () => {
  await cms?.close();
  await issuer?.close();
});

const bearer = (who: string): Record<string, string> => ({ authorization: `Bearer ${tokens[who]}` });
async function submit(who: string, change: Record<string, Value> = {}, headers = bearer(who)) {
  await rows('delete from rate_limits');
  return web.call('/reader-applications/submit', {
    method: 'POST',
    headers,
    body: await applicationForm(change),
  });
}
const decide = (id: number, kind: 'approve' | 'decline', reason = 'Not yet.', headers = staff) =>
  web.call(`/reader-applications/${id}/${kind}`, json(kind === 'approve' ? {} : { reason }, headers));
const own = async (who: string) =>
  (await web.call('/reader-applications?limit=1&depth=0&sort=-createdAt', { headers: bearer(who) })).body;
const rows = async (sql: string, values: unknown[] = []) =>
  (await cms.payload.db.pool.query(sql, values)).rows;
const openOf = async (who: string) =>
  Number(
    (
      await rows(
        `select a.id from reader_applications a join people p on p.id = a.person_id
         where p.email = $1 and a.status = 'submitted'`,
        [`${who}@soulseer.test`],
      )
    )[0]?.id,
  );
const person = async (who: string) =>
  (await rows('select * from people where email = $1', [`${who}@soulseer.test`]))[0];

/** Somebody who may apply again, whatever was decided before. */
async function afresh(who: string): Promise<void> {
  const { id } = await person(who);
  await cms.payload.delete({ collection: 'readers', where: { person: { equals: id } } });
  await cms.payload.update({ collection: 'people', id, data: { role: 'client', status: 'active' } });
  await rows('delete from reader_applications where person_id = $1', [id]);
}

describe('A1: applying', () => {
  test('keeps all that was sent, the files where nobody reads them without us', async () => {
    const { status, body } = await submit('client');
    expect([status, body]).toEqual([201, { status: 'submitted' }]);
    const id = await openOf('client');
    const kept = await cms.payload.findByID({ collection: 'reader-applications', id, depth: 0 });
    expect(kept).toMatchObject({
      name: 'Mira Sol',
      biography: biography.trim(),
      languages: ['pt', 'en'],
      specialities: [await cms.idOf('specialities', 'tarot'), await cms.idOf('specialities', 'astrology')],
      rates: { video_cents_per_minute: 399, voice_cents_per_minute: null, chat_cents_per_minute: 200 },
      // What it is, by its bytes: not what it is called, nor what it says that it is.
      documents: [{ name: 'My pässport.pdf', type: 'application/pdf', bytes: pdf.size }],
      portrait: { name: 'me.jpg', type: 'image/jpeg', bytes: portrait.length },
      person: (await person('client')).id,
    });
    const keys = [kept.portrait.key, kept.documents?.[0]?.key];
    expect(await cms.storedKeys('private')).toEqual(expect.arrayContaining(keys));
    expect(JSON.stringify(await cms.storedKeys('media'))).not.toContain('reader-applications');
  });

  test('how it stands is told to the applicant, and nothing else of it; to others nothing at all', async () => {
    const { docs } = await own('client');
    expect(docs).toHaveLength(1);
    expect(docs[0].status).toBe('submitted');
    const { id: _, createdAt, updatedAt, ...rest } = docs[0];
    expect(createdAt <= updatedAt).toBe(true);
    expect(rest).toEqual({ status: 'submitted', reason: null, documents: [] });
    expect((await own('client2')).docs).toEqual([]);
    expect((await own('reader')).docs).toEqual([]);
    expect((await web.call('/reader-applications')).status).toBe(403);
    const id = await openOf('client');
    const other = await web.call(`/reader-applications/${id}`, { headers: bearer('client2') });
    expect(other.status).toBe(404);
    const searched = await web.call('/reader-applications?where[biography][like]=I', {
      headers: bearer('client'),
    });
    expect(searched.status).toBe(400);
  });

  test('a second one has to wait for the answer to the first', async () => {
    const { status, body } = await submit('client');
    expect([status, body.code]).toEqual([409, 'already_open']);
  });

  test('of six sent at once one is kept, with its files and no others', async () => {
    await rows('delete from rate_limits');
    const before = (await cms.storedKeys('private')).length;
    const form = await applicationForm();
    const sent = await Promise.all(
      Array.from({ length: 6 }, () =>
        web.call('/reader-applications/submit', {
          method: 'POST',
          headers: bearer('client2'),
          body: form,
        }),
      ),
    );
    expect(sent.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect((await cms.storedKeys('private')).length).toBe(before + 2);
    await afresh('client2');
  });

  test('the database itself refuses a second open one, and one that is declined without a reason', async () => {
    const id = await openOf('client');
    const copy = `insert into reader_applications (name, headline, biography, years_of_experience, time_zone, country, portrait_key,
        portrait_name, portrait_type, portrait_bytes, person_id)
      select name, headline, biography, years_of_experience, time_zone, country, portrait_key, portrait_name, portrait_type,
        portrait_bytes, person_id from reader_applications where id = $1`;
    await expect(rows(copy, [id])).rejects.toThrow('reader_applications_one_open');
    await expect(
      rows(`update reader_applications set status = 'declined' where id = $1`, [id]),
    ).rejects.toThrow('declined_with_reason');
  });

  test.each([
    ['nobody', 401, 'not_signed_in'],
    ['reader', 403, 'role_not_allowed'],
    ['admin', 403, 'role_not_allowed'],
    ['suspended', 403, 'account_suspended'],
  ])('%s can’t: %d %s', async (who, status, code) => {
    const answer = await submit(who, {}, who === 'nobody' ? {} : bearer(who));
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test('more than ten an hour is too often', async () => {
    await rows('delete from rate_limits');
    const statuses = [];
    for (let n = 0; n < 11; n += 1) {
      const { status } = await web.call(
        '/reader-applications/submit',
        json({}, bearer('client2')), // no form: cheap, and counted all the same
      );
      statuses.push(status);
    }
    expect(statuses).toEqual([...Array(10).fill(400), 429]);
    await rows('delete from rate_limits');
  });
});

/** A PNG that says to be of a size, in a few bytes, with no pixel in it. */
function bomb(width: number, height: number): Uint8Array<ArrayBuffer> {
  const chunk = (type: string, data: Buffer) => {
    const head = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc(head));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, head, sum]);
  };
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.set([8, 2, 0, 0, 0], 8);
  return new Uint8Array(
    Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk('IHDR', size),
      chunk('IDAT', deflateSync(Buffer.alloc(1 << 20))),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
}
function crc(bytes: Buffer): number {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  }
  return ~sum >>> 0;
}

describe('A1: what is wrong with an application is told part by part', () => {
  const file = (content: BlobPart, name = 'a.png', type = 'image/png') => new File([content], name, { type });
  const megabytes = (head: BlobPart, size: number) =>
    file(new Blob([head, new Uint8Array(size * 1024 * 1024)]) as unknown as BlobPart);
  test.each<[string, () => Record<string, Value>]>([
    ['name', () => ({ name: '' })],
    ['name', () => ({ name: 'x'.repeat(81) })],
    ['name', () => ({ name: 'a\0b' })],
    ['name', () => ({ name: 'two\nlines' })],
    ['name', () => ({ name: ['Mira', 'Sol'] })],
    ['name', () => ({ name: file('Mira') })],
    ['headline', () => ({ headline: 'x'.repeat(141) })],
    ['biography', () => ({ biography: 'Too short.' })],
    ['biography', () => ({ biography: 'x'.repeat(5_001) })],
    ['biography', () => ({ biography: 'x'.repeat(10_000_000) })],
    ['specialities', () => ({ specialities: null })],
    ['specialities', () => ({ specialities: 'fortune' })],
    ['specialities', () => ({ specialities: ['a', 'b', 'c', 'd', 'e', 'f'] })],
    ['specialities', () => ({ specialities: file('tarot') })],
    ['languages', () => ({ languages: ['en', 'klingon'] })],
    ['country', () => ({ country: 'UK' })],
    ['time_zone', () => ({ time_zone: '+02:00' })],
    ['years_of_experience', () => ({ years_of_experience: '81' })],
    ['years_of_experience', () => ({ years_of_experience: '1e1' })],
    ['rates', () => ({ video_cents_per_minute: null, chat_cents_per_minute: null })],
    ['rates.video_cents_per_minute', () => ({ video_cents_per_minute: '49' })],
    ['rates.video_cents_per_minute', () => ({ video_cents_per_minute: '10001' })],
    ['rates.chat_cents_per_minute', () => ({ chat_cents_per_minute: '3.99' })],
    ['portrait', () => ({ portrait: null })],
    ['portrait', () => ({ portrait: 'me.jpg' })],
    ['portrait', () => ({ portrait: file('') })],
    ['portrait', () => ({ portrait: [file(portrait), file(portrait)] })],
    ['portrait', () => ({ portrait: file('<svg xmlns="http://www.w3.org/2000/svg"/>') })],
    ['portrait', () => ({ portrait: file(`GIF89a${' '.repeat(100)}`) })],
    ['portrait', () => ({ portrait: pdf })],
    ['portrait', () => ({ portrait: file(portrait.subarray(0, 200)) })],
    ['portrait', () => ({ portrait: file(bomb(30_000, 30_000)) })],
    ['portrait', () => ({ portrait: megabytes(portrait, 4) })],
    ['documents', () => ({ documents: null })],
    ['documents', () => ({ documents: 'passport' })],
    ['documents', () => ({ documents: file(`MZ${'\0'.repeat(100)}`, 'id.pdf', 'application/pdf') })],
    ['documents', () => ({ documents: file('<html>', 'id.pdf', 'application/pdf') })],
    ['documents', () => ({ documents: [pdf, file(bomb(65_000, 65_000))] })],
    ['documents', () => ({ documents: [pdf, pdf, pdf, pdf, pdf, pdf] })],
    ['documents', () => ({ documents: [pdf, megabytes('%PDF-1.7', 4)] })],
  ])('%s: case %$', async (field, change) => {
    const before = await cms.storedKeys('private');
    const { status, type, body } = await submit('client2', change());
    expect([status, type, body.code]).toEqual([422, 'application/problem+json', 'invalid_application']);
    expect(body.errors).toEqual([{ field, message: expect.stringMatching(/^[A-Z].+\.$/) }]);
    expect(await cms.storedKeys('private')).toEqual(before);
  });

  test('all at once, when nothing is right', async () => {
    const { body } = await submit(
      'client2',
      Object.fromEntries([...(await applicationForm()).keys()].map((name) => [name, null])),
    );
    expect(body.errors.map(({ field }: { field: string }) => field).sort()).toEqual(
      [
        'name',
        'headline',
        'biography',
        'specialities',
        'languages',
        'country',
        'time_zone',
        'years_of_experience',
        'rates',
        'portrait',
        'documents',
      ].sort(),
    );
  });

  test('no form at all, or one that is larger than what is taken', async () => {
    await rows('delete from rate_limits');
    const post = (body: BodyInit, type: string) =>
      web.call('/reader-applications/submit', {
        method: 'POST',
        body,
        headers: { ...bearer('client2'), 'content-type': type },
      });
    expect((await post('{}', 'application/json')).body.code).toBe('invalid_form');
    expect((await post('--x', 'multipart/form-data; boundary=y')).body.code).toBe('invalid_form');
    const large = await post(new Uint8Array(13.5 * 1024 * 1024), 'multipart/form-data; boundary=y');
    expect([large.status, large.body.code]).toEqual([413, 'body_too_large']);
    // What the site lets through is taken here.
    const most = await submit('client2', {
      documents: [0, 1].map(() => megabytes('%PDF-1.7', 3.9)).concat(pdf),
      portrait: file(new Blob([portrait, new Uint8Array(3.9 * 1024 * 1024)]) as unknown as BlobPart),
    });
    expect(most.status).toBe(201);
    await afresh('client2');
  });
});

describe('A1, A4: the papers', () => {
  test('are staff’s to save, as something that no browser runs', async () => {
    const id = await openOf('client');
    const path = `/api/reader-applications/${id}/documents/1`;
    const answer = await web.raw(path, { headers: staff });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('%PDF-1.7\nmy passport');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="My p_ssport.pdf"; filename*=UTF-8''My%20p%C3%A4ssport.pdf`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    const picture = await web.raw(`/api/reader-applications/${id}/portrait`, { headers: staff });
    expect(Buffer.from(await picture.arrayBuffer()).equals(Buffer.from(portrait))).toBe(true);
    const told = await rows(
      `select payload from outbox where kind = 'audit' and payload->>'action' like 'reader-applications.read_%'`,
    );
    expect(told.map(({ payload }) => payload.subject)).toEqual(Array(2).fill(`reader-applications:${id}`));
  });

  test.each([
    ['nobody', 401],
    ['client', 403],
    ['client2', 403],
    ['reader', 403],
    ['suspended', 403],
  ])('are nothing for %s, the applicant included', async (who, status) => {
    const id = await openOf('client');
    const headers = who === 'nobody' ? {} : bearer(who);
    for (const part of ['portrait', 'documents/1'])
      expect((await web.call(`/reader-applications/${id}/${part}`, { headers })).status).toBe(status);
  });

  test.each([
    '999999/portrait',
    'x/portrait',
    '-1/portrait',
    '1/documents/99',
    '1/documents/x',
    '1/documents/0',
  ])('that are not there: %s', async (path) => {
    const id = await openOf('client');
    const { status } = await web.call(`/reader-applications/${path.replace(/^1\//, `${id}/`)}`, {
      headers: staff,
    });
    expect(status).toBe(404);
  });
});

describe('A1: the decision', () => {
  test('is staff’s alone, from a page of ours', async () => {
    const id = await openOf('client');
    for (const kind of ['approve', 'decline'] as const) {
      expect((await decide(id, kind, 'x', {})).status).toBe(401);
      for (const who of ['client', 'client2', 'reader', 'suspended'])
        expect((await decide(id, kind, 'x', bearer(who))).status).toBe(403);
      const foreign = await decide(id, kind, 'x', { ...staff, origin: 'http://evil.test' });
      expect([foreign.status, foreign.body.code]).toEqual([403, 'foreign_origin']);
      const { cookie = '' } = staff;
      expect((await decide(id, kind, 'x', { cookie })).body.code).toBe('foreign_origin');
    }
    expect((await decide(999_999, 'approve')).status).toBe(404);
    expect(await openOf('client')).toBe(id);
  });

  test.each<[string, unknown]>([
    ['none', undefined],
    ['an empty one', ''],
    ['blanks', '   '],
    ['2,001 characters', 'x'.repeat(2_001)],
    ['a number', 7],
    ['NUL', 'a\0b'],
  ])('declining takes a reason, not %s', async (_, reason) => {
    const id = await openOf('client');
    const { status } = await web.call(`/reader-applications/${id}/decline`, json({ reason }, staff));
    expect(status).toBe(400);
    expect(await openOf('client')).toBe(id);
  });

  test('no: the reason is told here and by mail, and one may apply again', async () => {
    const id = await openOf('client');
    expect((await decide(id, 'decline', ' Too <dark>.\r\nSorry. ')).status).toBe(200);
    const { docs } = await own('client');
    expect(docs[0]).toMatchObject({ status: 'declined', reason: 'Too <dark>.\nSorry.' });
    const [mail] = await rows(`select payload from outbox where kind = 'mail' and key = $1`, [
      `reader-application:${id}:declined`,
    ]);
    expect(mailRequest.parse(mail.payload)).toEqual({
      to_person_id: (await person('client')).person_id,
      template: 'reader_application_declined',
      values: { reason: 'Too <dark>.\nSorry.' },
    });
    expect((await person('client')).role).toBe('client');
    const again = await decide(id, 'approve');
    expect([again.status, again.body.code]).toEqual([409, 'already_decided']);
    expect((await submit('client')).status).toBe(201);
  });

  test('yes: role, page, mail, directory and audit are there together', async () => {
    const id = await openOf('client');
    const before = await person('client');
    expect((await decide(id, 'approve')).status).toBe(200);
    const after = await person('client');
    expect([before.role, after.role]).toEqual(['client', 'reader']);
    expect((await own('client')).docs[0].status).toBe('approved');

    // The page is public, and its picture lies with the public ones, without what the camera wrote.
    const page = await web.call('/readers?where[slug][equals]=mira-sol&depth=1');
    const [reader] = page.body.docs;
    expect(reader).toMatchObject({
      name: 'Mira Sol',
      languages: ['pt', 'en'],
      country: 'PT',
      rates: { video_cents_per_minute: 399, voice_cents_per_minute: null, chat_cents_per_minute: 200 },
    });
    expect(reader.specialities.map(({ slug }: { slug: string }) => slug)).toEqual(['tarot', 'astrology']);
    const texts = reader.biography.root.children.map(({ children }: { children: { text?: string }[] }) =>
      children.map(({ text = '\n' }) => text).join(''),
    );
    expect(texts[0]).toBe('I read slowly, and I ask more than I tell.\nThat is my way.');
    expect(texts[1]).toContain('<script>alert(1)</script>');
    const media = await cms.storedKeys('media');
    expect(media).toContain(reader.portrait.filename);
    const kept = await fetch(`${cms.environment.S3_ENDPOINT}/media/${reader.portrait.filename}`);
    expect((await sharp(Buffer.from(await kept.arrayBuffer())).metadata()).exif).toBeUndefined();
    const [picture] = await rows('select uploaded_by_id from media where id = $1', [reader.portrait.id]);
    expect(picture.uploaded_by_id).toBe(after.id);

    const told = async (kind: string, key: string) =>
      (
        await rows(
          'select destination, payload from outbox where kind = $1 and key = $2 order by destination',
          [kind, key],
        )
      ).map(({ destination, payload }) => [destination, payload]);
    expect(await told('person', after.person_id)).toEqual(
      ['commerce', 'realtime', 'site'].map((one) => [one, expect.objectContaining({ role: 'reader' })]),
    );
    expect(await told('reader', String(reader.id))).toEqual(
      ['realtime', 'site'].map((one) => [
        one,
        expect.objectContaining({ published: true, person_id: after.person_id, slug: 'mira-sol' }),
      ]),
    );
    expect(await told('mail', `reader-application:${id}:approved`)).toEqual([
      ['realtime', { to_person_id: after.person_id, template: 'reader_application_approved', values: {} }],
    ]);
    const acts = await rows(
      `select payload->>'action' as action from outbox where kind = 'audit' and payload->>'subject' = any($1)`,
      [[`reader-applications:${id}`, `person:${after.person_id}`, `readers:${reader.id}`]],
    );
    expect(acts.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['reader-applications.approve', 'people.update', 'readers.create']),
    );

    // The new reader edits the page, and nobody else's.
    const edited = await web.call(
      `/readers/${reader.id}`,
      json({ headline: 'Cards' }, bearer('client'), 'PATCH'),
    );
    expect(edited.status).toBe(200);
    const answer = await submit('client');
    expect([answer.status, answer.body.code]).toEqual([403, 'role_not_allowed']);
  });

  test('another of the same name gets an address with a number, one without Latin letters the application’s', async () => {
    await submit('client2');
    expect((await decide(await openOf('client2'), 'approve')).status).toBe(200);
    expect(await cms.idOf('readers', 'mira-sol-2')).toBeGreaterThan(0);
    await afresh('client2');
    await submit('client2', { name: '美咲' });
    const id = await openOf('client2');
    expect((await decide(id, 'approve')).status).toBe(200);
    expect(await cms.idOf('readers', `reader-${id}`)).toBeGreaterThan(0);
  });

  test.each([
    ['approve', 'decline'],
    ['approve', 'approve', 'approve'],
    ['decline', 'decline', 'approve', 'approve'],
  ] as const)('of %s, %s at once exactly one counts', async (...kinds) => {
    await afresh('client2');
    await submit('client2', { name: 'Race' });
    const id = await openOf('client2');
    const answers = await Promise.all(kinds.map((kind) => decide(id, kind)));
    const won = kinds.filter((_, index) => answers[index]?.status === 200);
    expect(won).toHaveLength(1);
    for (const { status, body } of answers)
      if (status !== 200) expect([status, body.code]).toEqual([409, 'already_decided']);

    const state = won[0] === 'approve' ? 'approved' : 'declined';
    const { id: personId, role } = await person('client2');
    expect((await own('client2')).docs[0].status).toBe(state);
    expect(role).toBe(state === 'approved' ? 'reader' : 'client');
    expect(await rows('select 1 from readers where person_id = $1', [personId])).toHaveLength(
      state === 'approved' ? 1 : 0,
    );
    const mails = await rows(`select key from outbox where kind = 'mail' and key like $1`, [
      `reader-application:${id}:%`,
    ]);
    expect(mails).toEqual([{ key: `reader-application:${id}:${state}` }]);
  });

  describe('yes, where it can’t be', () => {
    const refused = async (code: string) => {
      const id = await openOf('client2');
      const media = await cms.storedKeys('media');
      const { status, body } = await decide(id, 'approve');
      expect([status, body.code]).toEqual([code === 'invalid_request' ? 400 : 409, code]);
      // Nothing of it is there, and the application waits on.
      expect(await openOf('client2')).toBe(id);
      expect(
        await rows(`select 1 from outbox where key = $1`, [`reader-application:${id}:approved`]),
      ).toEqual([]);
      expect(await cms.storedKeys('media')).toEqual(media);
    };
    const become = async (data: { role?: 'client' | 'admin'; status?: 'active' | 'suspended' }) =>
      cms.payload.update({ collection: 'people', id: (await person('client2')).id, data });

    test('since the applicant has been suspended, or is staff by now', async () => {
      await afresh('client2');
      await submit('client2');
      await become({ status: 'suspended' });
      await refused('account_suspended');
      await become({ status: 'active', role: 'admin' });
      await refused('role_not_client');
      await become({ role: 'client' });
    });

    test('since they have a page already', async () => {
      const { id } = await person('client2');
      const { docs } = await cms.payload.find({
        collection: 'readers',
        where: { slug: { equals: 'noor-star' } },
      });
      await rows('update readers set person_id = $1 where id = $2', [id, docs[0]?.id]);
      await refused('page_exists');
      await rows('update readers set person_id = null where id = $1', [docs[0]?.id]);
    });

    test('since the picture is broken or gone: the role is not given either', async () => {
      const [{ portrait_key: key }] = await rows(
        'select portrait_key from reader_applications where id = $1',
        [await openOf('client2')],
      );
      const address = `${cms.environment.S3_ENDPOINT}/private/${key}`;
      await cms.store('private', key, 'no picture');
      await refused('invalid_request');
      expect((await person('client2')).role).toBe('client');
      await fetch(address, { method: 'DELETE' });
      await refused('portrait_missing');
    });
  });
});

describe('A1: staff’s queue', () => {
  test('has what waits first, and its number as the site asks for it', async () => {
    const { body } = await web.call('/reader-applications?limit=1&depth=0&where[status][equals]=submitted', {
      headers: bearer('admin'),
    });
    expect(body.totalDocs).toBe(1);
    const all = await web.call('/reader-applications?limit=50', { headers: staff });
    const states = all.body.docs.map(({ status }: { status: string }) => status);
    expect(states[0]).toBe('submitted');
    expect(states.indexOf('submitted', 1)).toBe(-1);
    // For everybody else the number is that of their own.
    const { body: theirs } = await web.call(
      '/reader-applications?limit=1&depth=0&where[status][equals]=submitted',
      { headers: bearer('reader') },
    );
    expect(theirs.totalDocs).toBe(0);
  });
});
