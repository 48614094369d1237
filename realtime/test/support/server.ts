import { randomUUID } from 'node:crypto';
import type { FastifyInstance, InjectOptions } from 'fastify';
import type { DirectoryPerson } from '../../contract/directory.ts';
import { signRequest } from '../../contract/signature.ts';
import type { Caller } from '../../src/access.ts';
import { type Audit, createAudit } from '../../src/audit/audit.ts';
import { createRefusals, type Refusals } from '../../src/audit/refusals.ts';
import type { Clock } from '../../src/clock.ts';
import { type Database, openDatabase } from '../../src/database.ts';
import { createAskCms } from '../../src/directory/ask-cms.ts';
import { createDirectory, type Directory } from '../../src/directory/directory.ts';
import { proxiesOf, USUAL_PROXIES } from '../../src/identity/address.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import { createIssuerKeys } from '../../src/identity/keys.ts';
import { createLimits } from '../../src/identity/limits.ts';
import { createNonces, type Nonces } from '../../src/identity/nonces.ts';
import { createTokens } from '../../src/identity/tokens.ts';
import { createLedger, type Ledger } from '../../src/ledger/ledger.ts';
import { createLog } from '../../src/log.ts';
import { readMigrations } from '../../src/migrate.ts';
import { createFavouriteNotices, type FavouriteNotices } from '../../src/notices/favourites.ts';
import { createMails, type Mails, openTransport } from '../../src/notices/mails.ts';
import { createMetrics } from '../../src/operations/metrics.ts';
import { makeReceiptKey, openReceiptKeys, type ReceiptKeys } from '../../src/receipts/keys.ts';
import { type BrowserReports, createBrowserReports } from '../../src/reports/reports.ts';
import { buildServer } from '../../src/server.ts';
import { createSessionModule, type SessionModule } from '../../src/sessions/module.ts';
import { type Bus, createBus } from '../../src/sockets/bus.ts';
import { createHub, type Hub } from '../../src/sockets/hub.ts';
import { createSocketMetrics } from '../../src/sockets/metrics.ts';
import { createTickets, type Tickets } from '../../src/sockets/tickets.ts';
import { createMediaTokens } from '../../src/tokens/media.ts';
import { createCms, type TestCms } from './cms.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { AUDIENCE, createIssuer, type TestIssuer } from './issuer.ts';
import { ORIGIN } from './socket-node.ts';

export const NOW = Date.UTC(2026, 10, 20, 12);

/** What each program signs with in tests. */
export const SECRETS: Record<Caller | 'realtime', string> = {
  cms: 'test-secret-of-cms-to-realtime-0123456789',
  commerce: 'test-secret-of-commerce-to-realtime-0123456789',
  site: 'test-secret-of-site-to-realtime-0123456789',
  realtime: 'test-secret-of-realtime-to-cms-0123456789',
};

export interface SignedIn {
  person: DirectoryPerson;
  person_id: string;
  /** To spread into a request. */
  headers: { authorization: string };
}

export interface TestServer {
  app: FastifyInstance;
  db: Database;
  database: TestDatabase;
  browserReports: BrowserReports;
  ledger: Ledger;
  directory: Directory;
  receiptKeys: ReceiptKeys;
  nonces: Nonces;
  audit: Audit;
  refusals: Refusals;
  mails: Mails;
  favourites: FavouriteNotices;
  bus: Bus;
  hub: Hub;
  tickets: Tickets;
  sessions: SessionModule;
  issuer: TestIssuer;
  cms: TestCms;
  /** Everything that was published on the bus so far. */
  published: { topic: string; message: unknown }[];
  /** A new person of the directory with a token: a client with a wallet, unless something else is said. */
  signIn: (as?: Partial<DirectoryPerson>) => Promise<SignedIn>;
  /** A request signed by a program. */
  signed: (caller: Caller, request: { method: string; url: string; body?: unknown }) => InjectOptions;
  /** Every log line so far. */
  lines: () => Record<string, unknown>[];
  clock: { now: () => number; set: (ms: number) => void };
  setStopping: (value: boolean) => void;
  close: () => Promise<void>;
}

/** The real server on a database of its own, with an issuer and a CMS, a clock that stands still and a log that can be read. */
export async function createServer(
  more: (app: FastifyInstance) => void = () => undefined,
  // Nobody listens there: a test of mails brings a mail server.
  { smtpUrl = 'smtp://127.0.0.1:1' } = {},
): Promise<TestServer> {
  const database = await createDatabase();
  const written: string[] = [];
  const log = createLog('info', { write: (line) => written.push(line) });
  let now = NOW;
  let stopping = false;
  const clock: Clock & { set: (ms: number) => void } = { now: () => now, set: (ms) => (now = ms) };
  const db = openDatabase(database.url, log, { patient: true });
  const metrics = createMetrics();
  const browserReports = createBrowserReports({
    db,
    clock,
    count: (kind) => metrics.browserReports.inc({ kind }),
  });
  const migrations = await readMigrations();
  const issuer = await createIssuer(clock);
  const cms = await createCms({ secret: SECRETS.realtime, clock });
  const published: TestServer['published'] = [];
  const ledger = createLedger({ db, clock });
  const bus = createBus({ databaseUrl: database.url, log });
  await bus.connected();
  const hub = createHub({ db, bus, clock, log });
  const tickets = createTickets({ db, clock });
  const warn = (error: unknown) => log.warn({ error: String(error) }, 'failed');
  const directory = createDirectory({
    db,
    clock,
    ledger,
    bus: {
      publish: async (topic, message) => {
        published.push({ topic, message });
        await bus.publish(topic, message);
      },
    },
    askCms: createAskCms({ cmsUrl: cms.url, secret: SECRETS.realtime, clock }),
    failed: warn,
  });
  const limits = createLimits({ databaseUrl: database.url, clock, log });
  const nonces = createNonces({ db, clock });
  const audit = createAudit({ db, clock });
  const refusals = createRefusals({ audit, clock });
  const receiptKeys = await openReceiptKeys(JSON.stringify([await makeReceiptKey('test')]));
  const mails = createMails({
    db,
    clock,
    log,
    transport: openTransport(smtpUrl),
    from: 'SoulSeer <hello@soulseer.test>',
    siteUrl: 'https://soulseer.test',
  });
  const favourites = createFavouriteNotices({ db, clock, mails, say: hub.append });
  const sessions = createSessionModule({
    db,
    clock,
    log,
    ledger,
    audit,
    tokens: createMediaTokens({ clock, iceServers: ['stun:stun.example.org:3478'] }),
    signer: receiptKeys.signer,
    say: hub.append,
    favourites,
    send: hub.send,
  });
  const keys = createIssuerKeys({ issuer: issuer.issuer, clock, failed: warn });
  const app = await buildServer({
    log,
    clock,
    db,
    migrations,
    metrics,
    browserReports,
    access: {
      clock,
      limits,
      isProxy: proxiesOf(USUAL_PROXIES) ?? (() => false),
      identify: createIdentity({
        tokens: createTokens({ issuer: issuer.issuer, audience: AUDIENCE, keys, clock }),
        directory,
        failed: warn,
      }),
      serviceKeys: { cms: [SECRETS.cms], commerce: [SECRETS.commerce], site: [SECRETS.site] },
      rememberNonce: nonces.remember,
      denied: refusals.denied,
    },
    directory,
    audit,
    mails,
    favourites,
    sockets: { hub, tickets, metrics: createSocketMetrics(metrics.registry), origin: ORIGIN },
    ledger,
    receiptKeys,
    sessions,
    isStopping: () => stopping,
  });
  more(app);
  return {
    app,
    db,
    database,
    browserReports,
    ledger,
    directory,
    receiptKeys,
    nonces,
    audit,
    refusals,
    mails,
    favourites,
    bus,
    hub,
    tickets,
    sessions,
    issuer,
    cms,
    published,
    async signIn(as = {}) {
      const person: DirectoryPerson = {
        person_id: randomUUID(),
        version: 1,
        issuer: issuer.issuer,
        subject: `sandbox|${randomUUID()}`,
        email: `${randomUUID()}@soulseer.test`,
        email_verified: true,
        display_name: 'Robin',
        role: 'client',
        status: 'active',
        ...as,
      };
      const result = await directory.putPerson(person);
      if (!result.ok) throw new Error(result.code);
      const token = await issuer.token({ sub: person.subject });
      return { person, person_id: person.person_id, headers: { authorization: `Bearer ${token}` } };
    },
    signed(caller, { method, url, body }) {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      return {
        method: method as 'PUT',
        url,
        headers: {
          ...signRequest(SECRETS[caller], { method, path: url, body: payload }, now),
          ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(payload === undefined ? {} : { payload }),
      };
    },
    clock,
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
    setStopping: (value) => (stopping = value),
    async close() {
      await app.close();
      await limits.close();
      await bus.close();
      await db.destroy();
      await issuer.close();
      await cms.close();
      await database.drop();
    },
  };
}
