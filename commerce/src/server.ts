import { once } from 'node:events';
import { createServer } from 'node:http';
import type { MedusaContainer } from '@medusajs/framework/types';
import loadMedusa from '@medusajs/medusa/loaders/index';
import express, { type Router } from 'express';
import { clock } from './clock';
import { openPool } from './database';
import type { Environment } from './environment';
import { access } from './http/access';
import { accessLog } from './http/access-log';
import { audited } from './http/audited';
import { automaticTopUpRoutes } from './http/automatic-top-ups';
import { customers } from './http/customers';
import { directoryRoutes } from './http/directory';
import { securityHeaders } from './http/headers';
import { health } from './http/health';
import { createLimits } from './http/limits';
import { sameOrigin } from './http/origin';
import { paging } from './http/paging';
import { paymentsAdmin } from './http/payments-admin';
import { notFound, problems } from './http/problem';
import { requestId } from './http/request-id';
import { sessionOptions, sessions } from './http/session';
import { shopRoutes } from './http/shop';
import { shopAdmin } from './http/shop-admin';
import { staff } from './http/staff';
import { stripeWebhook } from './http/stripe-webhook';
import { topUpRoutes } from './http/top-ups';
import { createAccounts } from './identity/accounts';
import { createAskCms } from './identity/ask-cms';
import { createDirectory } from './identity/directory';
import { createIssuerKeys } from './identity/keys';
import { serviceSecrets } from './identity/signature';
import { createTokens } from './identity/tokens';
import { createLog, describeError, type Log } from './log';
import { captureMedusaLog } from './medusa-log';
import { openPayments } from './payments/payments';
import { ensureTopUps } from './top-ups/catalogue';

const STOP_WITHIN_MS = 10_000;
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const SWEEP_EVERY_MS = 10 * 60_000;

/**
 * Loads Medusa and serves it until SIGTERM or SIGINT. `medusa start` does not let anything in front of Medusa's own
 * middleware, nor choose the session store, so this takes its place; what it calls is what that command calls.
 * @param root folder of `medusa-config`
 */
export async function serve(environment: Environment, root: string): Promise<void> {
  const started = performance.now();
  const log = createLog(environment.LOG_LEVEL, (line) => process.stdout.write(line));
  captureMedusaLog(log);
  // Nothing is in flight until the server listens, so until then it may simply end.
  const stopAtOnce = () => process.exit(0);
  for (const signal of STOP_SIGNALS) process.on(signal, stopAtOnce);
  process.on('unhandledRejection', (reason) => log.error('unhandled rejection', describeError(reason)));
  // Nobody caught it, so nobody knows what state we are in: say so and let the supervisor start us anew.
  process.on('uncaughtException', (error) => {
    log.error('crashed', describeError(error));
    process.exit(1);
  });

  const pool = openPool(
    {
      connectionString: environment.DATABASE_URL,
      max: 4,
      connectionTimeoutMillis: 3000,
      query_timeout: 3000,
    },
    log,
  );
  const session = sessions(environment, pool, log);

  // Apart from the other, which says whether the database is there: here somebody may have to wait for a lock.
  const peoplePool = openPool(
    {
      connectionString: environment.DATABASE_URL,
      max: 8,
      connectionTimeoutMillis: 10_000,
    },
    log,
  );
  let loaded = (_container: MedusaContainer): void => {};
  const container = new Promise<MedusaContainer>((resolve) => {
    loaded = resolve;
  });
  const [askingSecret = ''] = serviceSecrets(environment.SERVICE_KEY_COMMERCE_TO_CMS);
  const directory = createDirectory({
    pool: peoplePool,
    askCms: createAskCms({ cmsUrl: environment.CMS_URL, secret: askingSecret, clock }),
  });
  const accounts = createAccounts({ pool: peoplePool, container });
  const limits = createLimits(peoplePool);
  const keys = createIssuerKeys({
    issuer: environment.OIDC_ISSUER,
    clock,
    failed: (error) => log.warn('the issuer could not be asked for its keys', describeError(error)),
  });
  const tokens = createTokens({
    issuer: environment.OIDC_ISSUER,
    audience: environment.OIDC_AUDIENCE,
    namespace: environment.OIDC_CLAIMS_NAMESPACE,
    keys,
    clock,
  });
  const sweeper = setInterval(() => {
    limits.sweep().catch((error) => log.warn('could not forget what is over', describeError(error)));
  }, SWEEP_EVERY_MS);

  const payments = openPayments({ environment, container, clock, log });

  const proxies = environment.TRUSTED_PROXIES.split(',').map((it) => it.trim());
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', proxies);
  const own = {
    health: health(pool),
    directory: directoryRoutes({
      directory,
      accounts,
      secrets: serviceSecrets(environment.SERVICE_KEY_CMS_TO_COMMERCE),
      clock,
    }),
    staff: staff({ environment, directory, accounts, audit: payments.audit, limits, log }),
    customers: customers({ tokens, directory, accounts, limits, log }),
    webhook: stripeWebhook({
      stripe: payments.stripe,
      inbox: payments.inbox,
      secrets: serviceSecrets(environment.STRIPE_WEBHOOK_SECRET),
      clock,
    }),
    automatic: automaticTopUpRoutes(payments),
    topUps: topUpRoutes({ topUps: payments.topUps, limits, log }),
    paymentsAdmin: paymentsAdmin({ ...payments, container }),
    shop: shopRoutes({ shop: payments.shop, limits, log }),
    shopAdmin: shopAdmin({ ...payments, pool: peoplePool }),
  };
  for (const router of Object.values(own)) logRoutes(router, log);
  app.use(requestId, accessLog(log), securityHeaders(environment), problems, own.health);
  app.use(sameOrigin(environment.COMMERCE_URL, sessionOptions(environment).sessionOptions.name));
  app.use(session.middleware);
  app.use(audited(payments.audit, limits));
  app.use(access({ directory, jwtSecret: environment.JWT_SECRET, clock }));
  app.use(
    own.directory,
    own.staff,
    own.customers,
    own.webhook,
    own.automatic,
    own.topUps,
    own.paymentsAdmin,
    own.shop,
    own.shopAdmin,
  );
  app.use(['/store', '/admin'], paging);
  const medusa = await loadMedusa({ directory: root, expressApp: app });
  // Medusa sets its own, by which anybody could say where they come from.
  app.set('trust proxy', proxies);
  loaded(medusa.container);
  await ensureTopUps(medusa.container, peoplePool);
  payments.start();
  app.use(notFound);

  const server = createServer(app).listen(Number(environment.PORT), environment.HOST);
  await once(server, 'listening');
  log.info('listening', {
    host: environment.HOST,
    port: Number(environment.PORT),
    boot_ms: Math.round(performance.now() - started),
  });

  let stopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info('stopping', { signal });
    // Whatever still waits for a lock or a bank by then is done by whoever comes next: all of it can be done again.
    const late = setTimeout(() => {
      log.warn('stopped with work under way');
      process.exit(0);
    }, STOP_WITHIN_MS);
    const force = setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS - 2_000);
    server.close();
    server.closeIdleConnections();
    await once(server, 'close');
    clearTimeout(force);
    clearInterval(sweeper);
    await payments.stop();
    await medusa.shutdown();
    await session.close();
    await peoplePool.end();
    await pool.end();
    clearTimeout(late);
    log.info('stopped');
    process.exit(0);
  };
  for (const signal of STOP_SIGNALS) {
    process.off(signal, stopAtOnce);
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        log.error('could not stop cleanly', describeError(error));
        process.exit(1);
      });
    });
  }
}

/** Says what is ours as Medusa says what is its, for the test of who may call what. */
function logRoutes(router: Router, log: Log): void {
  for (const { route } of router.stack) {
    for (const layer of route?.stack ?? [])
      log.debug(`own route ${layer.method.toUpperCase()} ${route?.path}`);
  }
}
