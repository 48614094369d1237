/** realtime: environment → pool → modules → server → graceful stop. The only place where things are put together. */

import { serviceSecrets } from '../contract/signature.ts';
import { createAudit } from './audit/audit.ts';
import { createRefusals } from './audit/refusals.ts';
import { startBillingLoop } from './billing/loop.ts';
import { systemClock } from './clock.ts';
import { openDatabase } from './database.ts';
import { createAskCms } from './directory/ask-cms.ts';
import { createDirectory, PERSON_TOPIC, type PersonChanged } from './directory/directory.ts';
import { readEnvironment, serveEnvironment } from './environment.ts';
import { proxiesOf } from './identity/address.ts';
import { createIdentity } from './identity/identity.ts';
import { createIssuerKeys } from './identity/keys.ts';
import { createLimits } from './identity/limits.ts';
import { createNonces } from './identity/nonces.ts';
import { createTokens } from './identity/tokens.ts';
import { startJobs } from './jobs/jobs.ts';
import { createLedger } from './ledger/ledger.ts';
import { createLog } from './log.ts';
import { readMigrations } from './migrate.ts';
import { createFavouriteNotices } from './notices/favourites.ts';
import { createMails, openTransport } from './notices/mails.ts';
import { createMetrics } from './operations/metrics.ts';
import { openReceiptKeys } from './receipts/keys.ts';
import { createBrowserReports } from './reports/reports.ts';
import { buildServer } from './server.ts';
import { createSessionModule } from './sessions/module.ts';
import { registerSessionRooms } from './sessions/socket.ts';
import { createBus } from './sockets/bus.ts';
import { createHub } from './sockets/hub.ts';
import { createSocketMetrics } from './sockets/metrics.ts';
import { createTickets } from './sockets/tickets.ts';
import { startSweeper } from './sweeper.ts';
import { createMediaTokens } from './tokens/media.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** A supervisor gives a process ten seconds to stop; what is in flight gets a little less. */
const STOP_WITHIN_MS = 8_000;

const environment = readEnvironment(serveEnvironment);
const log = createLog(environment.LOG_LEVEL);

// Nobody caught it, so nobody knows what state we are in: say so and let the supervisor start us anew.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    log.fatal({ err: error }, `crashed: ${event}`);
    process.exit(1);
  });
}

const clock = systemClock;
const db = openDatabase(environment.DATABASE_URL, log);
const bus = createBus({ databaseUrl: environment.DATABASE_URL, redisUrl: environment.REDIS_URL, log });
const migrations = await readMigrations();
const metrics = createMetrics();
const receiptKeys = await openReceiptKeys(environment.RECEIPT_KEYS);
const browserReports = createBrowserReports({
  db,
  clock,
  count: (kind) => metrics.browserReports.inc({ kind }),
});

const ledger = createLedger({ db, clock });
const directory = createDirectory({
  db,
  clock,
  ledger,
  bus,
  askCms: createAskCms({
    cmsUrl: environment.CMS_URL,
    // More than one stands there while the key is changed; the first signs.
    secret: serviceSecrets(environment.SERVICE_KEY_REALTIME_TO_CMS)[0] ?? '',
    clock,
  }),
  failed: (error) => log.warn({ err: error }, 'a change of a person could not be passed on'),
});
const audit = createAudit({ db, clock });
const refusals = createRefusals({ audit, clock });
const limits = createLimits({
  databaseUrl: environment.DATABASE_URL,
  redisUrl: environment.REDIS_URL,
  clock,
  log,
});
const nonces = createNonces({ db, clock });
const identify = createIdentity({
  tokens: createTokens({
    issuer: environment.OIDC_ISSUER,
    audience: environment.OIDC_AUDIENCE,
    namespace: environment.OIDC_CLAIMS_NAMESPACE,
    keys: createIssuerKeys({
      issuer: environment.OIDC_ISSUER,
      clock,
      failed: ({ message }) => log.warn({ error: message }, 'the issuer could not be asked for its keys'),
    }),
    clock,
  }),
  directory,
  failed: ({ message }) => log.warn({ error: message }, 'the CMS could not be asked for a person'),
});

const hub = createHub({ db, bus, clock, log });
let stopping = false;
const mails = createMails({
  db,
  clock,
  log,
  transport: openTransport(environment.SMTP_URL),
  from: environment.MAIL_FROM,
  siteUrl: environment.SITE_URL,
  isStopping: () => stopping,
});
const favourites = createFavouriteNotices({ db, clock, mails, say: hub.append });
const sessions = createSessionModule({
  db,
  clock,
  log,
  ledger,
  audit,
  tokens: createMediaTokens({
    clock,
    agora:
      environment.AGORA_APP_ID && environment.AGORA_APP_CERTIFICATE
        ? { app_id: environment.AGORA_APP_ID, certificate: environment.AGORA_APP_CERTIFICATE }
        : undefined,
    iceServers: environment.ICE_SERVERS,
    turnSecret: environment.TURN_SECRET,
  }),
  signer: receiptKeys.signer,
  say: hub.append,
  favourites,
  send: hub.send,
});
registerSessionRooms(hub, sessions);
const warn = (what: string) => (error: unknown) => log.warn({ err: error }, what);
// What this misses the sweep finds.
const endSuspended = bus.subscribe(PERSON_TOPIC, (message) => {
  sessions.personChanged(message as PersonChanged).catch(warn('a session could not be ended'));
});
const tickets = createTickets({ db, clock });

const server = await buildServer({
  log,
  clock,
  db,
  migrations,
  metrics,
  browserReports,
  access: {
    clock,
    limits,
    // The environment was checked: it is a list.
    isProxy: proxiesOf(environment.TRUSTED_PROXIES) ?? (() => false),
    identify,
    serviceKeys: {
      cms: serviceSecrets(environment.SERVICE_KEY_CMS_TO_REALTIME),
      commerce: serviceSecrets(environment.SERVICE_KEY_COMMERCE_TO_REALTIME),
      site: serviceSecrets(environment.SERVICE_KEY_SITE_TO_REALTIME),
    },
    rememberNonce: nonces.remember,
    denied: refusals.denied,
  },
  directory,
  audit,
  mails,
  favourites,
  sessions,
  sockets: { hub, tickets, metrics: createSocketMetrics(metrics.registry), origin: environment.SITE_URL },
  ledger,
  receiptKeys,
  isStopping: () => stopping,
});
// Before anything is charged or asked: what an outage left is judged by the last heartbeats.
await sessions.sweep().catch(warn('sessions could not be swept'));
const billing = startBillingLoop({
  db,
  clock,
  log,
  metrics,
  tell: sessions.afterTick,
  // Each node by itself, for when the job of one of them is not there to wake it.
  everyMs: 2 * SECOND_MS,
});
const jobs = startJobs({
  databaseUrl: environment.DATABASE_URL,
  redisUrl: environment.REDIS_URL,
  log,
  wake: { billing: { everyMs: SECOND_MS, work: billing.wake } },
});
const sweepers = [
  startSweeper({ name: 'sessions', everyMs: 1_000, work: sessions.sweep, log }),
  startSweeper({ name: 'sockets', everyMs: 2_000, work: hub.sweep, log }),
  startSweeper({ name: 'socket_messages', everyMs: HOUR_MS, work: hub.sweepMessages, log }),
  startSweeper({ name: 'socket_tickets', everyMs: MINUTE_MS, work: tickets.sweep, log }),
  startSweeper({ name: 'browser_reports', everyMs: HOUR_MS, work: browserReports.sweep, log }),
  startSweeper({ name: 'mails', everyMs: 2 * SECOND_MS, work: mails.sweep, log }),
  startSweeper({ name: 'service_nonces', everyMs: MINUTE_MS, work: nonces.sweep, log }),
  startSweeper({ name: 'rate_limits', everyMs: MINUTE_MS, work: limits.sweep, log }),
  startSweeper({
    name: 'refusals',
    everyMs: SECOND_MS,
    work: async () => refusals.flush().then(() => 0),
    log,
  }),
  startSweeper({ name: 'ended_holds', everyMs: 10 * SECOND_MS, work: () => ledger.releaseEndedHolds(), log }),
];

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'stopping');
  setTimeout(() => server.server.closeAllConnections(), STOP_WITHIN_MS).unref();
  await server.close();
  await jobs.stop();
  endSuspended();
  await billing.stop();
  await Promise.all(sweepers.map((sweeper) => sweeper.stop()));
  await refusals.flush().catch((error: unknown) => log.warn({ err: error }, 'refusals could not be kept'));
  await limits.close();
  await bus.close();
  await db.destroy();
  log.info('stopped');
  process.exit(0);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  await server.listen({ host: environment.HOST, port: environment.PORT });
} catch (error) {
  const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  const message = taken
    ? `port ${environment.PORT} on ${environment.HOST} is in use by another program`
    : 'could not listen';
  log.fatal(taken ? {} : { err: error }, message);
  process.exit(taken ? 69 : 1);
}
