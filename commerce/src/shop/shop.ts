/** Puts the shop together: what it shows, carts, orders, and the files that are sold. */

import type { MedusaContainer } from '@medusajs/framework/types';
import type { Pool } from 'pg';
import type { Clock } from '../clock';
import type { Environment } from '../environment';
import type { Log } from '../log';
import type { Gateway } from '../payments/gateway';
import type { Ledger } from '../payments/ledger';
import type { Orders } from '../payments/orders';
import type { Settle } from '../payments/settle';
import type { TopUps } from '../top-ups/top-ups';
import { type Carts, createCarts } from './carts';
import { createEntitlements, type Entitlements } from './entitlements';
import { createFiles, type Files, openStorage } from './files';
import { createOrderBooks } from './order-books';
import { createPurchases, type Purchases } from './purchases';
import { createSettleOrder, type SettleOrder } from './settle-order';
import { thank } from './thanks';
import { createShelves, type Shelves } from './window';

export interface Shop {
  shelves: Shelves;
  carts: Carts;
  purchases: Purchases;
  files: Files;
  entitlements: Entitlements;
  settleOrder: SettleOrder['settle'];
}

export function openShop({
  environment,
  container,
  clock,
  log,
  pool,
  gateway,
  ledger,
  orders,
  topUps,
  settle,
}: {
  environment: Environment;
  container: Promise<MedusaContainer>;
  clock: Clock;
  log: Log;
  pool: Pool;
  gateway: Gateway;
  ledger: Ledger;
  orders: Orders;
  topUps: Pick<TopUps, 'customer'>;
  settle: Settle['settle'];
}): Shop {
  const files = createFiles({
    pool,
    s3: openStorage(environment),
    bucket: environment.S3_PRIVATE_BUCKET,
  });
  const entitlements = createEntitlements({ pool, container, files });
  const shelves = createShelves(container, clock);
  const carts = createCarts({ pool, container, shelves });
  const purchases = createPurchases({
    pool,
    container,
    carts,
    orders,
    topUps,
    settle: { settle },
    entitlements,
    files,
    siteUrl: environment.SITE_URL,
  });
  const settleOrder = createSettleOrder({
    books: createOrderBooks(container),
    gateway,
    ledger,
    orders,
    entitlements,
    thank,
    log,
  });
  return { shelves, carts, purchases, files, entitlements, settleOrder: settleOrder.settle };
}
