/** What the site's server asks about goods, for a person or a guest: docs/service-calls.md, "The shop". */

import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { Log } from '../log';
import { type CartRefusal, type CartResult, MOST_OF_ONE } from '../shop/carts';
import { LINK_S } from '../shop/files';
import type { PayRefusal } from '../shop/purchases';
import type { Shop } from '../shop/shop';
import { askingStripe } from './asking-stripe';
import { jsonOf, rawBody } from './body';
import { type Limit, type Limits, tooMany } from './limits';
import { notFound, sendProblem } from './problem';

/** Of one person's new ones. */
const NEW_ORDERS: Limit = { name: 'orders', most: 120, seconds: 3_600 };
/** Of all guests together, who come by the site's one address; the site counts them one by one. */
const NEW_CARTS: Limit = { name: 'guests’ carts', most: 6_000, seconds: 3_600 };
const KEY = /^[A-Za-z0-9_-]{8,100}$/;
const ORDER_ID = /^order_[0-9a-f]{32}$/;
const id = z.string().regex(/^[A-Za-z0-9_]{1,60}$/);

/** One line without what a parcel's label can't have. */
const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\p{C}]+$/u);
const itemBody = z.strictObject({ variant_id: id, quantity: z.int().min(1).max(MOST_OF_ONE).default(1) });
const quantityBody = z.strictObject({ quantity: z.int().min(0).max(MOST_OF_ONE) });
const deliveryBody = z.strictObject({
  address: z.strictObject({
    name: line(100),
    address_1: line(150),
    address_2: line(150).nullable().default(null),
    city: line(100),
    postal_code: line(20),
    province: line(100).nullable().default(null),
    country_code: z.string().regex(/^[a-z]{2}$/),
  }),
  option: id.optional(),
});
const payBody = z.strictObject({
  way: z.enum(['card', 'wallet']),
  total_cents: z.int().min(0).max(99_999_999),
});
const listQuery = z.object({
  limit: z
    .string()
    .regex(/^([1-9]|[1-4]\d|50)$/)
    .transform(Number)
    .default(20),
  before: z.string().regex(ORDER_ID).optional(),
});

const REFUSALS: Record<CartRefusal | PayRefusal, { status: number; detail: string }> = {
  not_found: { status: 404, detail: 'There is no such cart, or it has been ordered.' },
  unknown_product: { status: 404, detail: 'That isn’t sold here any more.' },
  not_enough_stock: { status: 409, detail: 'There aren’t so many of it left.' },
  cart_full: { status: 409, detail: 'That is more than one order can hold.' },
  no_delivery_there: { status: 409, detail: 'Nothing can be sent there.' },
  cart_busy: { status: 409, detail: 'This cart is being paid at the moment.' },
  key_reused: { status: 409, detail: 'This key was used for something else.' },
  cart_empty: { status: 409, detail: 'There is nothing in the cart.' },
  delivery_missing: { status: 409, detail: 'It isn’t known yet where this is to be sent.' },
  total_changed: { status: 409, detail: 'What the cart costs has changed. Nothing was charged.' },
  nothing_to_pay: { status: 409, detail: 'There is nothing to pay.' },
};

export function shopRoutes({ shop, limits, log }: { shop: Shop; limits: Limits; log: Log }): Router {
  const router = Router();
  const { shelves, carts, purchases, entitlements } = shop;
  /** Who asks; nothing for a guest. */
  const person = (response: Response) => z.uuid().optional().parse(response.locals.person_id);
  const somebody = (response: Response) => z.uuid().parse(response.locals.person_id);

  const asking = askingStripe(log);

  const refuse = (response: Response, code: CartRefusal | PayRefusal) =>
    sendProblem(response, REFUSALS[code].status, code, REFUSALS[code].detail);

  function answer(response: Response, result: CartResult, status = 200): void {
    if (result.ok) response.status(status).json(result.cart);
    else refuse(response, result.code);
  }

  /** The body in its form; nothing when it was refused here. */
  function read<Body>(request: Request, response: Response, schema: z.ZodType<Body>): Body | undefined {
    const { data } = schema.safeParse(jsonOf(request.body));
    if (data === undefined)
      sendProblem(response, 400, 'invalid_request', 'The body is not what this asks for.');
    return data;
  }

  const cartId = (request: Request) => id.safeParse(request.params.id).data ?? '';

  router.get(
    '/store/shop/products',
    asking(async (_request, response) => response.json(await shelves.window())),
  );
  router.get(
    '/store/shop/carts/mine',
    asking(async (_request, response) => answer(response, await carts.own(somebody(response)))),
  );
  router.get(
    '/store/shop/carts/:id',
    asking(async (request, response) =>
      answer(response, await carts.look(person(response), cartId(request))),
    ),
  );
  router.post(
    '/store/shop/carts',
    rawBody('4kb'),
    asking(async (request, response) => {
      const body = read(request, response, itemBody);
      if (!body) return;
      const wait_s = await limits.take(NEW_CARTS, person(response) ?? '');
      if (wait_s !== undefined) return tooMany(response, wait_s);
      answer(response, await carts.begin(person(response), body), 201);
    }),
  );
  router.post(
    '/store/shop/carts/:id/items',
    rawBody('4kb'),
    asking(async (request, response) => {
      const body = read(request, response, itemBody);
      if (body) answer(response, await carts.add(person(response), cartId(request), body));
    }),
  );
  router.post(
    '/store/shop/carts/:id/items/:item_id',
    rawBody('4kb'),
    asking(async (request, response) => {
      const body = read(request, response, quantityBody);
      if (!body) return;
      const item = id.safeParse(request.params.item_id).data ?? '';
      answer(response, await carts.change(person(response), cartId(request), item, body.quantity));
    }),
  );
  router.post(
    '/store/shop/carts/:id/claim',
    asking(async (request, response) =>
      answer(response, await carts.claim(somebody(response), cartId(request))),
    ),
  );
  router.post(
    '/store/shop/carts/:id/delivery',
    rawBody('8kb'),
    asking(async (request, response) => {
      const body = read(request, response, deliveryBody);
      if (body)
        answer(response, await carts.deliver(somebody(response), cartId(request), body.address, body.option));
    }),
  );
  router.post(
    '/store/shop/carts/:id/pay',
    rawBody('4kb'),
    asking(async (request, response) => {
      const key = request.get('idempotency-key') ?? '';
      if (!KEY.test(key))
        return sendProblem(
          response,
          400,
          'key_missing',
          'An Idempotency-Key of 8 to 100 characters is needed.',
        );
      const body = read(request, response, payBody);
      if (!body) return;
      const buyer = somebody(response);
      if (!(await purchases.isKnown(buyer, key))) {
        const wait_s = await limits.take(NEW_ORDERS, buyer);
        if (wait_s !== undefined) return tooMany(response, wait_s);
      }
      const paid = await purchases.pay(buyer, cartId(request), key, body);
      if (paid.ok) response.status(paid.made ? 201 : 200).json(paid.purchase);
      else refuse(response, paid.code);
    }),
  );

  router.get(
    '/store/shop/orders',
    asking(async (request, response) => {
      const query = listQuery.safeParse(request.query).data;
      if (!query)
        return sendProblem(response, 400, 'invalid_request', 'limit is 1 to 50, before a next_before.');
      return response.json(
        await purchases.list(somebody(response), { limit: query.limit, before: query.before }),
      );
    }),
  );
  router.get('/store/shop/orders/:id', (request, response, next) =>
    asking(async () => {
      const order = String(request.params.id);
      const found = ORDER_ID.test(order) ? await purchases.look(somebody(response), order) : undefined;
      return found ? response.json(found) : notFound(request, response, next);
    })(request, response, next),
  );
  router.post('/store/shop/orders/:id/downloads/:file_id', (request, response, next) =>
    asking(async () => {
      const file = id.safeParse(request.params.file_id).data ?? '';
      const given = await entitlements.link(somebody(response), String(request.params.id), file);
      if (given.ok)
        return response.json({
          url: given.url,
          ends_in_s: LINK_S,
          downloads_left: given.downloads_left,
        });
      if (given.code === 'not_found') return notFound(request, response, next);
      return sendProblem(
        response,
        given.code === 'download_limit' ? 409 : 410,
        given.code,
        given.code === 'download_limit'
          ? 'This has been downloaded as often as it may be.'
          : 'This order was given back, so its files are not yours any more.',
      );
    })(request, response, next),
  );
  return router;
}
