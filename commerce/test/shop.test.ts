import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { MEDUSA_TABLES, OWN_TABLES } from '../src/migrate/tables';
import { toCents } from '../src/money';
import { openShop, type Shop } from './support/shop';

const pictures = {
  'moon.avif': Buffer.from([0, 1, 0x89, 0xff, 0xfe, 200]),
  'river.avif': Buffer.from('river'),
};
const world = {
  categories: [
    { slug: 'guides', name: 'Guides', description: 'To read.' },
    { slug: 'decks', name: 'Decks', description: 'To lay out.' },
  ],
  products: [
    {
      handle: 'moon-guide',
      title: 'Moon guide',
      subtitle: 'A year of moons',
      description: 'To print at home.',
      kind: 'digital',
      categories: ['guides'],
      price_cents: 1999,
      pictures: [{ file: 'moon.avif', alt: 'A moon' }],
      weight_grams: null,
      stock: null,
      reader_slug: 'ada',
    },
    {
      handle: 'river-tarot',
      title: 'River tarot',
      subtitle: '78 cards',
      description: 'A deck.',
      kind: 'physical',
      categories: ['decks'],
      price_cents: 3450,
      pictures: [{ file: 'river.avif', alt: 'A box' }],
      weight_grams: 420,
      stock: 25,
      reader_slug: null,
    },
  ],
};

let shop: Shop;
let directory: string;

beforeAll(async () => {
  shop = await openShop();
  directory = await shop.writeWorld(world, pictures);
});
afterAll(() => shop.close());

describe('migrate', () => {
  test('makes every table when two start at the same time, and says so quickly afterwards', async () => {
    const both = await Promise.all([shop.run('migrate/main.js'), shop.run('migrate/main.js')]);
    expect(both.map((it) => [it.code, it.stderr.includes('failed')])).toEqual([
      [0, false],
      [0, false],
    ]);
    expect(both.filter((it) => it.stdout.includes('Nothing has changed'))).toHaveLength(1);
    const { rows } = await shop.database.query(
      `select count(*)::int from pg_tables where schemaname = 'public'`,
    );
    expect(rows).toEqual([{ count: MEDUSA_TABLES + OWN_TABLES.length }]);

    const again = await shop.run('migrate/main.js');
    expect(again).toMatchObject({ code: 0, stdout: 'Nothing has changed since the last migration.\n' });
  });

  test('fails when a table is missing or too many', async () => {
    await shop.database.query('create table intruder ()');
    expect(await shop.run('migrate/main.js')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        `Medusa has ${MEDUSA_TABLES + 1} tables where ${MEDUSA_TABLES} are expected`,
      ),
    });
    await shop.database.query('drop table intruder');
  });

  test('ends with 78 and every missing name when the environment is not whole', async () => {
    const { code, stderr } = await shop.run('migrate/main.js', [], {
      DATABASE_URL: undefined,
      JWT_SECRET: undefined,
    });
    expect(code).toBe(78);
    expect(stderr).toContain('DATABASE_URL: is missing');
    expect(stderr).toContain('JWT_SECRET: is missing');
  });
});

describe('seed', () => {
  const counts = async () => {
    const tables = [
      'product',
      'price',
      'image',
      'product_category',
      'region',
      'shipping_option',
      'stock_location',
    ];
    const more = ['inventory_level', 'user', 'api_key', 'sales_channel', 'tax_region', 'store'];
    const sql = [...tables, ...more]
      .map((it) => `select '${it}' as name, count(*)::int from "${it}"`)
      .join(' union all ');
    const { rows } = await shop.database.query<{ name: string; count: number }>(sql);
    return Object.fromEntries(rows.map((it) => [it.name, it.count]));
  };

  test('is refused in production', async () => {
    const { code, stderr } = await shop.run('seed/main.js', [directory], { SOULSEER_ENV: 'production' });
    expect(code).toBe(78);
    expect(stderr).toContain('SOULSEER_ENV: the seed is demo data');
    expect(await counts()).toMatchObject({ product: 0, user: 0 });
  });

  test('makes the world once, however often it runs', async () => {
    const key = { publishable_key: shop.environment.SEED_PUBLISHABLE_KEY };
    const once = await shop.run('seed/main.js', [directory]);
    expect(once).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2 products made, 0 were there; 1 put in stock.'),
    });
    expect(JSON.parse(once.stdout.trim().split('\n').at(-1) ?? '')).toEqual(key);
    const made = await counts();
    expect(made).toMatchObject({
      product: 2,
      image: 2,
      product_category: 2,
      region: 1,
      inventory_level: 1,
      // People come from the directory.
      user: 0,
      api_key: 1,
    });

    const { rows } = await shop.database.query(
      'select title, stocked_quantity::int from inventory_item join inventory_level on inventory_item_id = inventory_item.id',
    );
    expect(rows).toEqual([{ title: 'River tarot', stocked_quantity: 25 }]);

    const twice = await shop.run('seed/main.js', [directory]);
    expect(twice.stdout).toMatch(/^Nothing has changed since the last seed\.\n/);
    expect(JSON.parse(twice.stdout.trim().split('\n').at(-1) ?? '')).toEqual(key);

    // Another address of the pictures is a change, so all of it runs again.
    const thrice = await shop.run('seed/main.js', [directory], { MEDIA_URL: 'http://localhost:5732' });
    expect(thrice).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('0 products made, 2 were there; 0 put in stock.'),
    });
    expect(await counts()).toEqual(made);
  });
});

const storeProducts = z.object({
  products: z.array(
    z.object({
      handle: z.string(),
      thumbnail: z.string(),
      metadata: z.object({
        kind: z.string(),
        reader_slug: z.string().nullable(),
        picture_alts: z.array(z.string()),
      }),
      variants: z.array(
        z.object({
          calculated_price: z.object({ calculated_amount: z.number(), currency_code: z.string() }),
        }),
      ),
    }),
  ),
});

describe('the server', () => {
  let server: Awaited<ReturnType<Shop['start']>>;
  beforeAll(async () => {
    server = await shop.start();
  });

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${shop.origin}${path}`, { headers });
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${shop.origin}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const bearer = async () => ({ authorization: `Bearer ${await shop.issuer.token({ sub: 'sandbox|a' })}` });
  const key = () => ({ 'x-publishable-api-key': shop.environment.SEED_PUBLISHABLE_KEY ?? '' });
  const problem = async (answer: Response) => {
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const body = z
      .looseObject({ status: z.number(), code: z.string(), detail: z.string() })
      .parse(await answer.json());
    expect(body.status).toBe(answer.status);
    return body;
  };

  test('lists products with their prices and pictures', async () => {
    const { regions } = z
      .object({ regions: z.array(z.object({ id: z.string() })) })
      .parse(await (await get('/store/regions', key())).json());
    const fields = 'handle,thumbnail,metadata,*variants.calculated_price';
    const answer = await get(
      `/store/products?region_id=${regions[0]?.id}&order=handle&fields=${fields}`,
      key(),
    );
    expect(answer.status).toBe(200);
    const { products } = storeProducts.parse(await answer.json());
    const listed = products.map((it) => {
      const price = it.variants[0]?.calculated_price;
      return [
        it.handle,
        toCents(price?.calculated_amount ?? Number.NaN),
        price?.currency_code,
        it.metadata.kind,
        it.metadata.reader_slug,
      ];
    });
    expect(listed).toEqual([
      ['moon-guide', 1999, 'usd', 'digital', 'ada'],
      ['river-tarot', 3450, 'usd', 'physical', null],
    ]);

    const picture = products[0]?.thumbnail ?? '';
    expect(picture).toMatch(/^http:\/\/localhost:5732\/shop\/moon-\w+\.avif$/);
    const storage = new S3Client({
      endpoint: shop.environment.S3_ENDPOINT,
      region: 'auto',
      forcePathStyle: true,
      credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    });
    const stored = await storage.send(
      new GetObjectCommand({ Bucket: 'media', Key: new URL(picture).pathname.slice(1) }),
    );
    expect(stored.ContentType).toBe('image/avif');
    expect(Buffer.from((await stored.Body?.transformToByteArray()) ?? [])).toEqual(pictures['moon.avif']);
  });

  test.each([undefined, `pk_${'00'.repeat(32)}`])('refuses the publishable key %s', async (given) => {
    const answer = await get(
      '/store/products',
      given === undefined ? {} : { 'x-publishable-api-key': given },
    );
    expect(answer.status).toBe(400);
    expect((await problem(answer)).code).toBe('not_allowed');
  });

  test.each(['limit=abc', 'limit=12abc', 'limit=-1', 'offset=1.5', 'limit=1&limit=2', 'nonsense=1'])(
    'refuses ?%s',
    async (query) => {
      const answer = await get(`/store/products?${query}`, key());
      expect(answer.status).toBe(400);
      expect((await problem(answer)).detail).toMatch(/limit|offset|nonsense/);
    },
  );

  test('answers an unknown route with 404 as JSON', async () => {
    const body = await problem(await get('/nothing/here?secret=1'));
    expect(body).toMatchObject({
      status: 404,
      code: 'not_found',
      detail: 'There is nothing at GET /nothing/here.',
    });
  });

  test("has shut off Medusa's own payment hooks", async () => {
    expect((await post('/hooks/payment/pp_system_default', '{}')).status).toBe(404);
  });

  test('refuses a body over 1 MiB, and takes one just below', async () => {
    const body = (bytes: number) => JSON.stringify({ text: 'x'.repeat(bytes - 11) });
    const tooLarge = await post('/auth/customer/soulseer', body(1_048_577), await bearer());
    expect(await problem(tooLarge)).toMatchObject({ status: 413, code: 'body_too_large' });
    expect((await post('/auth/customer/soulseer', body(1_048_576), await bearer())).status).toBe(200);
  });

  test('refuses what is not JSON', async () => {
    expect(await problem(await post('/auth/customer/soulseer', '{"a":', await bearer()))).toMatchObject({
      status: 400,
      code: 'invalid_json',
    });
  });

  test('serves the admin from anywhere', async () => {
    const html = await (await get('/app/products')).text();
    expect(html).toContain('/app/');
    expect(html).not.toMatch(/https?:\/\/localhost/);
  });

  test('takes a request id, or makes one, and logs one line without query values', async () => {
    const given = await get('/health?token=hush', { 'x-request-id': 'known-id-1' });
    expect(given.headers.get('x-request-id')).toBe('known-id-1');
    expect(await given.json()).toEqual({ status: 'ok' });
    const malformed = await get('/health', { 'x-request-id': 'no' });
    expect(malformed.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);

    await expect.poll(() => server.lines().filter((it) => it.request_id === 'known-id-1')).toHaveLength(1);
    expect(server.lines().find((it) => it.request_id === 'known-id-1')).toMatchObject({
      level: 'info',
      program: 'commerce',
      message: 'request',
      method: 'GET',
      path: '/health',
      status: 200,
      duration_ms: expect.any(Number),
      time: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(JSON.stringify(server.lines())).not.toContain('hush');
  });

  test('is not ready while the database is away, and ready again after it', async () => {
    await shop.superuser.query(`alter database ${shop.name} allow_connections false`);
    await shop.superuser.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`, [
      shop.name,
    ]);
    const answer = await get('/ready');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      status: 'not_ready',
      checks: { database: expect.any(String) },
    });
    expect((await get('/health')).status).toBe(200);
    await shop.superuser.query(`alter database ${shop.name} allow_connections true`);
    await expect
      .poll(async () => (await get('/ready')).json(), { timeout: 10_000 })
      .toEqual({ status: 'ready', checks: { database: 'ok' } });
  });
});
