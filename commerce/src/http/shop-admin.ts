/** What staff do with digital goods in the admin: the files of a product, and the downloads of an order. */

import { type NextFunction, type Request, type Response, Router } from 'express';
import type { Pool } from 'pg';
import { z } from 'zod';
import { userIdOf } from '../identity/person';
import type { Refunds } from '../payments/refunds';
import { MOST_BYTES } from '../shop/files';
import type { Shop } from '../shop/shop';
import { caught } from './caught';
import { notFound, sendProblem } from './problem';

const PRODUCT_ID = /^prod_[A-Za-z0-9]{1,60}$/;
const FILE_ID = /^file_[0-9a-f]{32}$/;

const REFUSED = {
  type_not_allowed: [
    415,
    'Only PDF, EPUB, ZIP, MP3, M4A, MP4, WAV, PNG and JPEG are sold, and a file has to be what its name says.',
  ],
  file_too_large: [413, 'The file is larger than 512 MB.'],
  file_empty: [400, 'The file is empty.'],
} as const;

/** Takes what is still on its way, up to the largest file: a browser hears no answer before it has sent all. */
async function drained(request: Request): Promise<void> {
  let left = MOST_BYTES;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    left -= (chunk as Buffer).length;
    if (left < 0) return;
  }
}

export function shopAdmin({
  shop: { files, entitlements },
  refunds,
  pool,
}: {
  shop: Pick<Shop, 'files' | 'entitlements'>;
  refunds: Pick<Refunds, 'paymentOf'>;
  pool: Pick<Pool, 'query'>;
}): Router {
  const router = Router();

  router.get(
    '/admin/shop/products/:id/files',
    caught(async (request, response) =>
      response.json({ files: await files.of([String(request.params.id)]) }),
    ),
  );

  /** The body is the file itself, passed on as it comes. */
  const upload = caught(async (request: Request, response: Response, next: NextFunction) => {
    const product = String(request.params.id);
    const { rows } = await pool.query('select from product where id = $1 and deleted_at is null', [product]);
    if (!PRODUCT_ID.test(product) || rows.length === 0) return notFound(request, response, next);
    const { data: name } = z.string().max(125).safeParse(request.query.name);
    if (name === undefined)
      return sendProblem(response, 400, 'invalid_request', 'The file’s name is missing.');
    const by = userIdOf(z.uuid().parse(response.locals.person_id));
    const stored = await files.store(product, name, request, by);
    if (stored.ok) return response.status(201).json({ file: stored.file });
    const [status, detail] = REFUSED[stored.code];
    await drained(request);
    response.setHeader('connection', 'close');
    return sendProblem(response, status, stored.code, detail);
  });
  router.post('/admin/shop/products/:id/files', (request, response, next) => upload(request, response, next));
  router.delete(
    '/admin/shop/products/:id/files/:file_id',
    caught(async (request, response, next) => {
      const file = String(request.params.file_id);
      const gone = FILE_ID.test(file) && (await files.remove(String(request.params.id), file));
      return gone ? response.status(204).end() : notFound(request, response, next);
    }),
  );

  /** For the widget on an order: 404 for one that is no order of goods. */
  router.get(
    '/admin/shop/orders/:order_id',
    caught(async (request, response, next) => {
      const payment = await refunds.paymentOf({ order_id: String(request.params.order_id) });
      if (payment?.purpose !== 'goods') return notFound(request, response, next);
      const { way, state, amount_cents, captured_cents, refunded_cents } = payment;
      const owned = await entitlements.of(payment.id);
      const names = await files.of(owned.map((one) => one.product_id));
      return response.json({
        payment: { id: payment.id, way, state, amount_cents, captured_cents, refunded_cents },
        downloads: owned.map(({ id, product_id, downloads, most_downloads, revoked_at }) => ({
          id,
          files: names.filter((one) => one.product_id === product_id).map(({ name }) => name),
          downloads,
          most_downloads,
          taken_back: revoked_at !== null || state !== 'credited',
        })),
      });
    }),
  );
  router.post(
    '/admin/shop/orders/:order_id/downloads/:id/take-back',
    caught(async (request, response, next) => {
      const payment = await refunds.paymentOf({ order_id: String(request.params.order_id) });
      const done = payment && (await entitlements.revoke(payment.id, String(request.params.id)));
      return done ? response.json({ taken_back: true }) : notFound(request, response, next);
    }),
  );
  return router;
}
