/** Puts the payments part together: Stripe, ledger and Medusa, the inbox with its jobs, and what sweeps after them. */

import type { MedusaContainer } from '@medusajs/framework/types';
import type { Clock } from '../clock';
import { openPool } from '../database';
import type { Environment } from '../environment';
import { serviceSecrets } from '../identity/signature';
import type { Log } from '../log';
import { openShop, type Shop } from '../shop/shop';
import { type AutomaticTopUps, createAutomaticTopUps } from '../top-ups/automatic';
import { createTopUps, type TopUps } from '../top-ups/top-ups';
import { type Audit, createAudit } from './audit';
import { createGateway } from './gateway';
import { createInbox, type Inbox } from './inbox';
import { type Jobs, startJobs } from './jobs';
import { createLedger, type Ledger } from './ledger';
import { createOrders } from './orders';
import { createOutbox } from './outbox';
import { createReconciler, type Reconciler } from './reconcile';
import { createRefunds, type Refunds } from './refunds';
import { createSettle, type Settle } from './settle';
import { createStripe, type StripeClient } from './stripe';
import { createSweeper } from './sweeper';

/** The longest that somebody waits for another who works at the same payment, in milliseconds. */
const LOCK_TIMEOUT_MS = 60_000;
const QUEUE_TIMEOUT_MS = 240_000;

export interface Payments {
  stripe: StripeClient;
  ledger: Ledger;
  inbox: Inbox;
  topUps: TopUps;
  automatic: AutomaticTopUps;
  refunds: Refunds;
  reconciler: Reconciler;
  audit: Audit;
  shop: Shop;
  /** Begins to work at events and at what is due, once Medusa is loaded. */
  start(): void;
  stop(): Promise<void>;
}

export function openPayments({
  environment,
  container,
  clock,
  log,
}: {
  environment: Environment;
  container: Promise<MedusaContainer>;
  clock: Clock;
  log: Log;
}): Payments {
  const pool = openPool(
    {
      connectionString: environment.DATABASE_URL,
      max: 12,
      // Many at once wait for their turn, as long as that takes on a busy machine.
      connectionTimeoutMillis: QUEUE_TIMEOUT_MS,
      options: `-c lock_timeout=${LOCK_TIMEOUT_MS}`,
    },
    log,
  );
  const stripe = createStripe({
    secretKey: environment.STRIPE_SECRET_KEY,
    apiUrl: environment.STRIPE_API_URL,
  });
  const [secret = ''] = serviceSecrets(environment.SERVICE_KEY_COMMERCE_TO_REALTIME);
  const ledger = createLedger({ realtimeUrl: environment.REALTIME_URL, secret, clock });
  const orders = createOrders(container);
  const topUps: TopUps = createTopUps({
    pool,
    stripe,
    orders,
    settle: () => settle,
    container,
    siteUrl: environment.SITE_URL,
  });
  const gateway = createGateway(stripe);
  const shop = openShop({
    environment,
    container,
    clock,
    log,
    pool,
    gateway,
    ledger,
    orders,
    topUps,
    settle: (id) => settle.settle(id),
  });
  const settle: Settle = createSettle({
    pool,
    gateway,
    ledger,
    orders,
    recover: topUps.recover,
    goods: shop.settleOrder,
  });
  let jobs: Jobs | undefined;
  const inbox = createInbox({
    pool,
    settle,
    // Before they are started an event waits for the sweeper.
    jobs: () => jobs ?? { wake: () => {} },
    log,
  });

  const refunds = createRefunds({ pool, settle });
  const reconciler = createReconciler({ pool, stripe, ledger, settle, clock, log });
  const outbox = createOutbox({ pool, ledger, log });
  const audit = createAudit({ pool, outbox, clock, log });
  const automatic = createAutomaticTopUps({ pool, ledger, outbox, topUps, log });

  const sweeper = createSweeper({ inbox, settle, outbox, reconciler, automatic }, log);

  return {
    stripe,
    ledger,
    inbox,
    topUps,
    automatic,
    refunds,
    reconciler,
    audit,
    shop,
    start() {
      jobs = startJobs({
        databaseUrl: environment.DATABASE_URL,
        redisUrl: environment.REDIS_URL,
        log,
        work: inbox.work,
      });
      sweeper.start();
    },
    async stop() {
      const swept = sweeper.stop();
      await jobs?.stop();
      await swept;
      shop.files.stop();
      await pool.end();
    },
  };
}
