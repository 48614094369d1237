/** The HTTP server with all its routes; everything it needs is given to it, so that a test can build, inject and close one. */

import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { type AccessParts, guardAccess } from './access.ts';
import type { Audit } from './audit/audit.ts';
import { registerAudit } from './audit/routes.ts';
import { createSpendingLimits } from './billing/spending-limits.ts';
import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import type { Directory } from './directory/directory.ts';
import { registerDirectory } from './directory/routes.ts';
import type { Ledger } from './ledger/ledger.ts';
import { registerMoney } from './ledger/money-routes.ts';
import { registerWallet } from './ledger/routes.ts';
import type { Migration } from './migrate.ts';
import type { FavouriteNotices } from './notices/favourites.ts';
import type { Mails } from './notices/mails.ts';
import { registerFavouriteNotices, registerMails } from './notices/routes.ts';
import { registerHealth } from './operations/health.ts';
import { type Metrics, registerMetrics } from './operations/metrics.ts';
import { registerOpenApi } from './operations/openapi.ts';
import { registerTime } from './operations/time.ts';
import { handleError, pathOf, sendProblem } from './problems.ts';
import type { ReceiptKeys } from './receipts/keys.ts';
import { registerReceipts } from './receipts/routes.ts';
import type { BrowserReports } from './reports/reports.ts';
import { registerReports } from './reports/routes.ts';
import { personRoom } from './sessions/announce.ts';
import type { SessionModule } from './sessions/module.ts';
import { registerSessions } from './sessions/routes.ts';
import { registerSockets, type SocketParts } from './sockets/routes.ts';

/** What a JSON route takes unless it says otherwise, in bytes. */
const MOST_BODY_BYTES = 64 * 1024;

const ASKED_OFTEN = new Set(['/health', '/ready', '/metrics']);

export interface ServerParts {
  log: Logger;
  clock: Clock;
  db: Database;
  migrations: Migration[];
  metrics: Metrics;
  browserReports: BrowserReports;
  access: AccessParts;
  directory: Directory;
  audit: Audit;
  mails: Mails;
  favourites: FavouriteNotices;
  sockets: SocketParts;
  ledger: Ledger;
  receiptKeys: ReceiptKeys;
  sessions: SessionModule;
  /** True from the moment that a stop was asked for. */
  isStopping: () => boolean;
}

/** What browsers are told of every answer: nothing of it is a page, but for the API's own, which says what it may load. */
const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Builds the server; it does not listen yet. */
export async function buildServer(parts: ServerParts): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    loggerInstance: parts.log as FastifyBaseLogger,
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && /^[A-Za-z0-9_-]{8,64}$/.test(given) ? given : randomUUID();
    },
    requestIdHeader: false,
    logController: new LogController({ requestIdLogLabel: 'request_id', disableRequestLogging: true }),
    bodyLimit: MOST_BODY_BYTES,
    // Keys of 200 characters, percent-encoded, fit in.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2_000 },
    // From elsewhere X-Forwarded-For is a claim.
    trustProxy: (address) => parts.access.isProxy(address),
    // While stopping, what still comes on an open connection is answered; new connections are not taken.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => handleError(error, request, reply as never),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, 404, { code: 'not_found', title: 'There is nothing here' }),
  );

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
  });
  app.addHook('onSend', async (_request, reply) => {
    // Otherwise the caller would keep the connection open for more, and the stop would wait for it.
    if (parts.isStopping()) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    // A supervisor asks these every second or so; they are worth a line only when something is looked for.
    const level = ASKED_OFTEN.has(request.routeOptions.url ?? '') ? 'debug' : 'info';
    request.log[level](
      {
        method: request.method,
        path: pathOf(request),
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      'request',
    );
  });

  guardAccess(app, parts.access);
  await registerOpenApi(app);
  registerMetrics(app, parts.metrics);
  registerHealth(app, parts);
  registerTime(app, parts.clock);
  await registerReports(app, parts.browserReports);
  registerDirectory(app, parts.directory);
  registerAudit(app, parts.audit);
  registerMails(app, parts.mails);
  registerFavouriteNotices(app, parts.favourites);
  registerSockets(app, parts.sockets, { clock: parts.clock, log: parts.log, isProxy: parts.access.isProxy });
  registerWallet(app, { ...parts, limits: createSpendingLimits(parts) });
  registerMoney(app, {
    ...parts,
    tell: (person, wallet) =>
      parts.sockets.hub.send(personRoom(person), { type: 'wallet', ...wallet }, { urgent: true }),
  });
  registerReceipts(app, { db: parts.db, keys: parts.receiptKeys });
  registerSessions(app, parts.sessions);
  return app;
}
