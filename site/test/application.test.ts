import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { centsOf, checkSubmission, readApplication, readSubmission } from '../src/account/application.ts';
import { type Platform, startPlatform } from './helpers/platform.ts';
import type { Visitor } from './helpers/visitor.ts';

const words = 'I read slowly, and I ask more than I tell. '.repeat(4);
const fields: Record<string, string> = {
  name: 'Mira "Sol" <b>',
  headline: 'Cards & quiet',
  biography: words,
  specialities: 'tarot',
  languages: 'en',
  country: 'PT',
  time_zone: 'Europe/Lisbon',
  years_of_experience: '9',
  rate_video: '3.99',
  rate_voice: '',
  rate_chat: '2',
};

function formOf(change: Record<string, string | File | null> = {}): FormData {
  const form = new FormData();
  const portrait = new File([new Uint8Array(2_000)], 'me.jpg', { type: 'image/jpeg' });
  const documents = new File(['%PDF-1.7'], 'id.pdf', { type: 'application/pdf' });
  for (const [name, value] of Object.entries({ ...fields, portrait, documents, ...change }))
    if (value !== null) form.append(name, value);
  return form;
}

describe('what is typed into an application', () => {
  it.each([
    ['3.99', 399],
    ['$3.99', 399],
    ['3,50', 350],
    ['4', 400],
    ['3.9', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['1000', undefined],
  ])('“%s” is %s cents', (typed, cents) => {
    expect(centsOf(typed)).toBe(cents);
  });

  it('is accepted when all is there, and told field by field when not', () => {
    expect(checkSubmission(readSubmission(formOf()))).toEqual({});
    expect(Object.keys(checkSubmission(readSubmission(new FormData()))).sort()).toEqual([
      'biography',
      'country',
      'documents',
      'headline',
      'languages',
      'name',
      'portrait',
      'rates',
      'specialities',
      'time_zone',
      'years_of_experience',
    ]);
  });

  it.each([
    ['name', { name: 'x'.repeat(81) }],
    ['headline', { headline: 'x'.repeat(141) }],
    ['biography', { biography: 'x'.repeat(5_001) }],
    ['languages', { languages: 'klingon' }],
    ['country', { country: 'ZZ' }],
    ['time_zone', { time_zone: 'Europe/Atlantis' }],
    ['years_of_experience', { years_of_experience: '81' }],
    ['rates', { rate_video: '0.49' }],
    ['rates', { rate_chat: '100.01' }],
    ['portrait', { portrait: new File(['<svg/>'], 'me.svg', { type: 'image/svg+xml' }) }],
    [
      'portrait',
      { portrait: new File([new Uint8Array(4 * 1024 * 1024 + 1)], 'me.png', { type: 'image/png' }) },
    ],
    ['documents', { documents: new File(['x'], 'x.exe', { type: 'application/octet-stream' }) }],
    ['documents', { documents: 'a text' }],
  ])('is refused for its %s: %j', (field, change) => {
    expect(Object.keys(checkSubmission(readSubmission(formOf(change))))).toEqual([field]);
  });

  it('is not read out of an answer of another shape', () => {
    expect(readApplication({ docs: [] })).toEqual({ state: 'none' });
    expect(readApplication({ docs: [{ status: 'lost' }] })).toBeUndefined();
    expect(readApplication('<html>')).toBeUndefined();
  });
});

describe('/become-a-reader (A1)', () => {
  let platform: Platform;
  let visitor: Visitor;
  beforeAll(async () => {
    platform = await startPlatform();
    ({ visitor } = await platform.signIn('client'));
  });
  afterAll(() => platform?.[Symbol.asyncDispose]());
  const send = (body: FormData) => visitor.ask(`${platform.url}/become-a-reader`, { method: 'POST', body });
  const sent = () => platform.cms.requests.filter(({ url }) => url === '/api/reader-applications/submit');

  it('passes an application on to the CMS in the person’s own name, and shows that it is there', async () => {
    const seen = await send(formOf());
    expect([seen.status, seen.headers.get('location')]).toEqual([303, '/become-a-reader']);
    const [call] = sent();
    expect(call?.headers.authorization).toMatch(/^Bearer eyJ/);
    expect(call?.headers.cookie).toBeUndefined();
    for (const part of [
      'name="name"\r\n\r\nMira "Sol" <b>',
      'name="specialities"\r\n\r\ntarot',
      'filename="id.pdf"',
      '\r\n\r\n399\r\n',
    ])
      expect(call?.body).toContain(part);
    const now = '2026-11-24T08:00:00.000Z';
    platform.answers.applications = [{ status: 'submitted', createdAt: now, updatedAt: now }];
    const page = await visitor.ask(`${platform.url}/become-a-reader`);
    expect(page.html).toContain('Your application is with us');
    expect(page.html).not.toContain('<form method="post" enctype');
    platform.answers.applications = [
      { status: 'declined', reason: 'Too <dark>', createdAt: now, updatedAt: now },
    ];
    const declined = await visitor.ask(`${platform.url}/become-a-reader`);
    expect(declined.html).toContain('Too &lt;dark&gt;');
    platform.answers.applications = [];
  });

  it('says what is wrong field by field, and loses nothing that was typed', async () => {
    const before = sent().length;
    const seen = await send(formOf({ headline: '', time_zone: '', portrait: null }));
    expect(seen.status).toBe(422);
    expect(sent()).toHaveLength(before);
    expect(seen.html.includes('3 things need another look')).toBe(true);
    expect(/value="Mira &(#34|quot|#x22);Sol&\1; (<|&lt;)b(>|&gt;)"/.test(seen.html)).toBe(true);
    expect(seen.html.includes(words.trim())).toBe(true);
    expect(/value="PT" selected/.test(seen.html)).toBe(true);
    expect(/value="tarot" checked/.test(seen.html)).toBe(true);
    expect(seen.html.includes('value="3.99"')).toBe(true);
    expect(seen.html.includes('id="headline-error"')).toBe(true);
  });

  it('tells what the CMS refuses beside the field, and keeps all while the CMS isn’t there', async () => {
    platform.answers.submit = {
      status: 400,
      body: { errors: [{ field: 'rates.video_cents_per_minute', message: 'Too much for a start.' }] },
    };
    const refused = await send(formOf());
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('Too much for a start.');
    platform.answers.submit = { status: 503, body: {} };
    const away = await send(formOf());
    expect(away.status).toBe(503);
    expect(away.html).toContain('Nothing that you wrote is lost');
    expect(away.html).toContain(words.trim());
    delete platform.answers.submit;
  });

  it('takes up to 12 MiB here, and no more; elsewhere 1 MiB', async () => {
    const file = (bytes: number) => new File([new Uint8Array(bytes)], 'id.pdf', { type: 'application/pdf' });
    const large = formOf();
    large.append('documents', file(4_000_000));
    large.append('documents', file(4_000_000));
    expect((await send(large)).status).toBe(303);
    large.append('documents', file(5_000_000));
    const refused = await send(large);
    expect(refused.status).toBe(413);
    const elsewhere = await visitor.ask(`${platform.url}/api/sessions`, {
      method: 'POST',
      body: 'x'.repeat(1_100_000),
    });
    expect(elsewhere.status).toBe(413);
  });

  it('is not taken from anything that is no form', async () => {
    const headers = { 'content-type': 'application/json' };
    const seen = await visitor.ask(`${platform.url}/become-a-reader`, {
      method: 'POST',
      body: '{}',
      headers,
    });
    expect(seen.status).toBe(400);
  });
});
