import { createAccount } from './account/account.ts';
import { createDrafts } from './account/drafts.ts';
import { createFavourites } from './account/favourites.ts';
import { createReadings } from './account/readings.ts';
import { createReviews } from './account/reviews.ts';
import { createAsker } from './calls.ts';
import { createCms } from './cms/cms.ts';
import { createCustomerAsker } from './commerce.ts';
import { openDatabase } from './database/database.ts';
import { createDirectoryDoor } from './directory/door.ts';
import { listenToDirectory } from './directory/listener.ts';
import { createDirectory } from './directory/store.ts';
import { createAccessTokens } from './identity/access-token.ts';
import { createCookies } from './identity/cookies.ts';
import { createIdentity } from './identity/identity.ts';
import { createIssuer } from './identity/issuer.ts';
import { createOutbox } from './identity/outbox.ts';
import { createPeople } from './identity/people.ts';
import { createSeal } from './identity/seal.ts';
import { createSessions } from './identity/sessions.ts';
import { createPresence } from './presence.ts';
import { createAge } from './server/age.ts';
import type { Environment } from './server/environment.ts';
import type { Logger } from './server/logger.ts';
import { createRateLimits } from './server/rate-limits.ts';
import { createSharePictures } from './share/pictures.ts';
import { createCartCookie } from './shop/cart-cookie.ts';
import { createShop } from './shop/shop.ts';
import { createStatus } from './status.ts';
import { createMoney } from './wallet/money.ts';
import { createTopUps } from './wallet/top-ups.ts';

const sweepEveryMs = 10 * 60_000;

/** Everything that pages and the server are given, put together; `stop` lets go of it. */
export function createServices(environment: Environment, log: Logger) {
  const { CMS_URL, COMMERCE_URL, MEDIA_URL, REALTIME_URL, SITE_URL } = environment;
  const db = openDatabase(environment.DATABASE_URL, log);
  const seal = createSeal(environment.SESSION_SECRET);
  const sessions = createSessions({ db, seal });
  const issuer = createIssuer(environment);
  const outbox = createOutbox({
    db,
    log,
    realtimeUrl: REALTIME_URL,
    secret: firstOf(environment.SERVICE_KEY_SITE_TO_REALTIME),
  });
  const accessTokens = createAccessTokens({
    sessions,
    issuer,
    log,
    ended: ({ person }) =>
      outbox.audit({
        action: 'session_ended',
        outcome: 'refused',
        actor_person_id: person.person_id,
        subject: null,
        reason: 'refresh_token_refused',
        address: null,
      }),
  });
  const identity = createIdentity({
    siteUrl: SITE_URL,
    issuerName: environment.OIDC_ISSUER,
    cookies: createCookies(SITE_URL),
    seal,
    sessions,
    accessTokens,
    issuer,
    people: createPeople({ cmsUrl: CMS_URL, secret: firstOf(environment.SERVICE_KEY_SITE_TO_CMS) }),
    outbox,
    log,
  });
  const askRealtime = createAsker({ baseUrl: REALTIME_URL, identity, timeoutMs: 5_000, log });
  const askCommerce = createCustomerAsker({ commerceUrl: COMMERCE_URL, identity, log });
  const askCms = createAsker({ baseUrl: CMS_URL, identity, timeoutMs: 8_000, log });
  const directory = createDirectory(db);
  const cms = createCms({ cmsUrl: CMS_URL, log });
  const rateLimits = createRateLimits({ db, redisUrl: environment.REDIS_URL, log });
  const listeners: (() => void)[] = [];
  /** Pages come after what they are made of. */
  const changed = () => {
    cms.forget();
    for (const listener of listeners) listener();
  };
  const listener = listenToDirectory({ url: environment.DATABASE_URL, log, changed });

  const sweep = () =>
    void sessions.sweep().catch((error: unknown) => log.warn({ err: error }, 'sessions could not be swept'));
  const sweeper = setInterval(sweep, sweepEveryMs);

  const forPages = {
    environment,
    cms,
    status: createStatus(environment),
    identity,
    directory,
    directoryDoor: createDirectoryDoor({ directory, outbox, secrets: environment.SERVICE_KEY_CMS_TO_SITE }),
    account: createAccount({ cmsUrl: CMS_URL, realtimeUrl: REALTIME_URL, identity, log }),
    money: createMoney({ ask: askRealtime }),
    readings: createReadings({ ask: askRealtime }),
    reviews: createReviews({ ask: askCms, changed }),
    drafts: createDrafts({ ask: askCms }),
    favourites: createFavourites({ ask: askCms }),
    presence: createPresence({ realtimeUrl: REALTIME_URL, log }),
    topUps: createTopUps({ ask: askCommerce }),
    sharePictures: createSharePictures({ mediaUrl: MEDIA_URL, log }),
    shop: createShop({ ask: askCommerce }),
    age: createAge(SITE_URL),
    cartCookie: createCartCookie(SITE_URL),
    outbox,
  };

  return {
    forPages,
    rateLimits,
    onChange: (listener: () => void) => void listeners.push(listener),
    async isDatabaseThere(): Promise<boolean> {
      return db.query('SELECT 1').then(
        () => true,
        () => false,
      );
    },
    async stop(): Promise<void> {
      clearInterval(sweeper);
      await outbox.stop();
      await listener.stop();
      await rateLimits.stop();
      await db.end();
    },
  };
}

function firstOf(secrets: readonly string[]): string {
  const [first] = secrets;
  if (first === undefined) throw new Error('a key has no secret');
  return first;
}
