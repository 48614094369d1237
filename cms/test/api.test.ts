import { spawnSync } from 'node:child_process';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browse, json } from './support/browsing.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';
import { startSeededCms } from './support/seeded.ts';

let issuer: Issuer;
let cms: Awaited<ReturnType<typeof startSeededCms>>;
let call: ReturnType<typeof browse>['call'];
let asPerson: ReturnType<typeof browse>['asPerson'];

beforeAll(async () => {
  issuer = await startIssuer();
  cms = await startSeededCms({ OIDC_ISSUER: issuer.url });
  ({ call, asPerson } = browse(cms, issuer));
});
afterAll(async () => {
  await cms?.close();
  await issuer?.close();
});

describe('the API', () => {
  test('lists published readers with portrait and specialities', async () => {
    const { status, body } = await call('/readers?where[slug][equals]=rhea-sun&depth=1&limit=1');
    expect(status).toBe(200);
    expect(body.docs[0]).toMatchObject({
      name: 'Rhea Sun',
      portrait: { url: 'http://media.test/portraits-rhea-sun.png' },
      specialities: [{ slug: 'tarot' }, {}],
    });
  });

  test.each([
    'limit=abc',
    'limit=-1',
    'limit=1e3',
    'limit=100000',
    'page=x',
    'depth=9',
    'draft=maybe',
    'sort=name;drop',
    'where=abc',
    'limit=1&limit=abc',
  ])('a query with %s is told to be wrong, and where', async (query) => {
    const { status, type, body } = await call(`/readers?${query}`);
    expect([status, type]).toEqual([400, 'application/problem+json']);
    expect(body).toMatchObject({ type: 'about:blank', status: 400, code: 'invalid_query' });
    expect(body.errors[0].path).toBe(query.split('=')[0]);
  });

  test('the same is refused when the query comes as a form', async () => {
    const { status } = await call('/readers', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-payload-http-method-override': 'GET',
      },
      body: 'limit=abc',
    });
    expect(status).toBe(400);
  });

  test('a query by a field that isn’t there is told to be wrong', async () => {
    const { status, body } = await call('/readers?where[shoe_size][equals]=5');
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  });

  test.each(['/nonsense', '/readers/1/nonsense', '/graphql'])(
    '%s is no route, and that is said in JSON',
    async (path) => {
      const { status, type, body } = await call(path);
      expect([status, type, body.code]).toEqual([404, 'application/problem+json', 'not_found']);
    },
  );

  test('a document that isn’t there', async () => {
    const { status, body } = await call('/readers/999999');
    expect([status, body.code]).toEqual([404, 'not_found']);
  });

  test('a body that is no JSON', async () => {
    const { status, body } = await call('/articles', json('{"title":'));
    expect([status, body.code]).toEqual([400, 'invalid_json']);
  });

  test('a body above 1 MiB, whether or not it says its length', async () => {
    const large = 'x'.repeat(1024 * 1024 + 1);
    const declared = await call('/articles', json(large, { 'content-length': String(large.length) }));
    expect([declared.status, declared.type, declared.body.code]).toEqual([
      413,
      'application/problem+json',
      'body_too_large',
    ]);

    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const streamed = await call('/articles', {
      method: 'POST',
      body: endless,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    } as RequestInit);
    expect(streamed.status).toBe(413);
    expect(sent).toBeLessThan(2 * 1024 * 1024);
  });

  test.each(['login', 'unlock', 'first-register', 'forgot-password', 'reset-password', 'verify/abc'])(
    'A2: people/%s is closed, since there are no passwords',
    async (path) => {
      const { status, body } = await call(
        `/people/${path}`,
        json({ email: 'admin@soulseer.test', password: 'soulseer' }),
      );
      expect([status, body.code]).toEqual([404, 'not_found']);
    },
  );

  test('people can’t be listed from outside', async () => {
    const { status, body } = await call('/people');
    expect([status, body.code]).toEqual([403, 'forbidden']);
    expect(JSON.stringify(body)).not.toContain('soulseer.test');
  });
});

describe('a picture', () => {
  const upload = async (
    cookie: string | null,
    name: string,
    bytes: Uint8Array<ArrayBuffer>,
    type = 'image/png',
    more: Record<string, string> = {},
  ) => {
    const form = new FormData();
    form.set('_payload', JSON.stringify({ alt: 'A plain square' }));
    form.set('file', new File([bytes], name, { type }));
    // Written out first, as a browser does, which says how long its body is.
    const encoded = new Response(form);
    const headers = {
      origin: 'http://cms.test',
      'content-type': encoded.headers.get('content-type') ?? '',
      ...(cookie && { cookie }),
      ...more,
    };
    return call('/media', { method: 'POST', body: await encoded.arrayBuffer(), headers });
  };
  const square = async (width: number) =>
    new Uint8Array(
      await sharp({ create: { width, height: width, channels: 3, background: '#2a2463' } })
        .png()
        .toBuffer(),
    );

  test('is uploaded by a reader, keeps its name and is theirs', async () => {
    const { cookie } = await asPerson('reader@soulseer.test');
    const { status, body } = await upload(cookie, 'my square.png', await square(600));
    expect(status).toBe(201);
    expect(body.doc.url).toMatch(/^http:\/\/media\.test\/my-?square\.png$/);
    expect(body.doc.sizes.card).toMatchObject({ width: 480, mimeType: 'image/avif' });
    const stored = await cms.payload.findByID({ collection: 'media', id: body.doc.id, depth: 0 });
    expect(stored.uploaded_by).toBe(await cms.idOf('people', 'reader@soulseer.test', 'email'));
  });

  const stored = async (name: string) =>
    Buffer.from(await (await fetch(`${cms.environment.S3_ENDPOINT}/media/${name}`)).arrayBuffer());

  test.each(['jpeg', 'png', 'webp', 'avif'] as const)(
    'in %s doesn’t tell where it was taken',
    async (format) => {
      const told = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#2a2463' } })
        .withMetadata({ orientation: 6 })
        .withExifMerge({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } })
        .toFormat(format)
        .toBuffer();
      expect((await sharp(told).metadata()).exif).toBeDefined();
      const { cookie } = await asPerson('reader@soulseer.test');
      const name = `garden.${format}`;
      const { status, body } = await upload(cookie, name, new Uint8Array(told), `image/${format}`);
      expect([status, body.doc?.filename]).toEqual([201, name]);

      const kept = await stored(name);
      const { exif, xmp, iptc, width, height } = await sharp(kept).metadata();
      expect({ exif, xmp, iptc }).toEqual({});
      // Upright, as the metadata said that it was to be turned.
      expect([width, height, body.doc.width, body.doc.height]).toEqual([40, 60, 40, 60]);
      expect(body.doc.filesize).toBe(kept.length);
    },
  );

  test('that tells nothing is kept byte for byte, and one that is broken is refused', async () => {
    const { cookie } = await asPerson('reader@soulseer.test');
    const plain = await square(50);
    expect((await upload(cookie, 'plain.png', plain)).status).toBe(201);
    expect(Buffer.compare(await stored('plain.png'), plain)).toBe(0);
    const told = await sharp(await square(500))
      .withExif({ IFD0: { Artist: 'A' } })
      .jpeg()
      .toBuffer();
    const broken = new Uint8Array(told.subarray(0, told.length - 200));
    expect((await upload(cookie, 'broken.jpeg', broken, 'image/jpeg')).status).toBe(400);
  });

  test('is not taken from a client or a stranger', async () => {
    const { access } = await issuer.tokens('client@soulseer.test');
    for (const headers of [{ authorization: `Bearer ${access}` }, {} as Record<string, string>])
      expect((await upload(null, 'square.png', await square(10), 'image/png', headers)).status).toBe(403);
  });

  test('above 10 MB is refused', async () => {
    const { cookie } = await asPerson('reader@soulseer.test');
    for (const size of [10.5, 12]) {
      const bytes = new Uint8Array(size * 1024 * 1024);
      bytes.set(await square(10));
      expect((await upload(cookie, 'large.png', bytes)).status).toBe(413);
    }
  });
});

describe('other origins', () => {
  test('other sites may not read answers', async () => {
    const evil = await call('/readers', { headers: { origin: 'http://evil.test' } });
    expect(evil.headers.get('access-control-allow-origin')).toBeNull();
    const ours = await call('/readers', { headers: { origin: 'http://site.test' } });
    expect(ours.headers.get('access-control-allow-origin')).toBe('http://site.test');
  });
});

test('without a database an answer says so, and that waiting helps', async () => {
  const unreachable = { ...cms.environment, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  // A process of its own, since Payload keeps one instance for each.
  const script = `
    import { createConfig } from './src/config.ts';
    import { createApiHandler } from './src/api/handler.ts';
    const response = await createApiHandler(createConfig(${JSON.stringify(unreachable)}))(new Request('http://cms.test/api/readers'));
    console.log(response.status, (await response.json()).code);
    process.exit(0);`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: path.resolve(import.meta.dirname, '..'),
    encoding: 'utf8',
  });
  expect(stdout.trim()).toBe('503 not_ready');
});
