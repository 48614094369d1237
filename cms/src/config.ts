import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { postgresAdapter } from '@payloadcms/db-postgres';
import { lexicalEditor } from '@payloadcms/richtext-lexical';
import { s3Storage } from '@payloadcms/storage-s3';
import { buildConfig, type SanitizedConfig } from 'payload';
import sharp from 'sharp';
import { panel, panelEndpoint, panelOnly } from './access/panel.ts';
import { staffOrHolder } from './access/staffOrHolder.ts';
import { closed } from './api/closed.ts';
import { ArticleCategories } from './collections/ArticleCategories/index.ts';
import { Articles } from './collections/Articles/index.ts';
import { Faq } from './collections/Faq/index.ts';
import { Favourites } from './collections/Favourites/index.ts';
import { ForumCategories } from './collections/ForumCategories/index.ts';
import { ForumPosts } from './collections/ForumPosts/index.ts';
import { ForumThreads } from './collections/ForumThreads/index.ts';
import { Gifts } from './collections/Gifts/index.ts';
import { Guides } from './collections/Guides/index.ts';
import { Horoscopes } from './collections/Horoscopes/index.ts';
import { Media } from './collections/Media/index.ts';
import { Pages } from './collections/Pages/index.ts';
import { People } from './collections/People/index.ts';
import { Ratings } from './collections/Ratings/index.ts';
import { ReaderApplications } from './collections/ReaderApplications/index.ts';
import { Readers } from './collections/Readers/index.ts';
import { Redirects } from './collections/Redirects/index.ts';
import { ReviewFlags } from './collections/ReviewFlags/index.ts';
import { Reviews } from './collections/Reviews/index.ts';
import { Specialities } from './collections/Specialities/index.ts';
import { suggestedOrder } from './database/suggestedOrder.ts';
import { shownCollection, shownGlobal } from './directory/content.ts';
import { applicationEndpoints } from './endpoints/applications.ts';
import { authEndpoints } from './endpoints/auth.ts';
import { peopleEndpoint } from './endpoints/people.ts';
import { readersSummary } from './endpoints/readers.ts';
import { reviewEndpoints } from './endpoints/reviews.ts';
import type { Environment } from './environment.ts';
import { richTextFeatures } from './fields/richText.ts';
import { Home } from './globals/Home/index.ts';
import { Navigation } from './globals/Navigation/index.ts';
import { createIdentity, type Identity } from './identity/identity.ts';
import { jobs } from './jobs/jobs.ts';
import { createLogger } from './logger.ts';
import { noEmail } from './noEmail.ts';
import { auditedCollection, auditedGlobal } from './protection/auditStaff.ts';
import { createAskReviewRight } from './reviews/reviewRight.ts';
import { createFiles } from './storage/files.ts';
import { storageOptions } from './storage/s3.ts';

const MEGABYTE = 1024 * 1024;
const source = path.dirname(fileURLToPath(import.meta.url));

/** Puts the whole CMS together for one environment. */
export async function createConfig(environment: Environment): Promise<SanitizedConfig> {
  const logger = createLogger(environment.LOG_LEVEL);
  const identity = createIdentity(environment, (error) =>
    logger.warn({ err: error }, 'the issuer could not be asked'),
  );
  const filesOf = (bucket: string) =>
    createFiles(environment, bucket, (error) =>
      logger.warn({ err: error, bucket }, 'a file could not be taken away'),
    );
  const privateFiles = filesOf(environment.S3_PRIVATE_BUCKET);
  const mediaFiles = filesOf(environment.S3_MEDIA_BUCKET);
  const ask = createAskReviewRight(environment, (error) =>
    logger.warn({ err: error }, 'realtime could not be asked who may review'),
  );
  const config = await buildConfig({
    secret: environment.PAYLOAD_SECRET,
    serverURL: environment.CMS_URL,
    cors: [environment.CMS_URL, environment.SITE_URL],
    csrf: [environment.CMS_URL],
    custom: { environment, identity } satisfies Parts,
    telemetry: false,
    logger,
    graphQL: { disable: true },
    maxDepth: 4,
    collections: [
      { ...Readers, endpoints: [readersSummary] },
      { ...ReaderApplications, endpoints: applicationEndpoints({ privateFiles, mediaFiles }) },
      shownCollection({ ...Reviews, endpoints: reviewEndpoints({ ask, now: Date.now }) }),
      ReviewFlags,
      Ratings,
      ...[Specialities, Articles, ArticleCategories, Guides, Horoscopes, Pages, Faq, Redirects].map(
        shownCollection,
      ),
      Favourites,
      ForumCategories,
      ForumThreads,
      ForumPosts,
      Gifts,
      shownCollection(Media),
      { ...People, auth: { ...People.auth, strategies: identity.strategies } },
    ].map(auditedCollection),
    globals: [Home, Navigation].map(shownGlobal).map(auditedGlobal),
    endpoints: [...authEndpoints(environment, identity), peopleEndpoint(environment)],
    editor: lexicalEditor({ features: richTextFeatures }),
    db: postgresAdapter({
      pool: { connectionString: environment.DATABASE_URL, max: 10 },
      push: false, // the schema changes by migrations only
      disableCreateDatabase: true,
      migrationDir: path.join(source, 'migrations'),
      afterSchemaInit: [suggestedOrder],
    }),
    sharp,
    upload: {
      limits: { fileSize: 10 * MEGABYTE },
      abortOnLimit: true,
      safeFileNames: true,
      preserveExtension: 4,
    },
    plugins: [
      s3Storage({
        bucket: environment.S3_MEDIA_BUCKET,
        // The client is kept by this key: two configurations in one process (tests) must not share one.
        clientCacheKey: `${environment.S3_ENDPOINT}/${environment.S3_MEDIA_BUCKET}`,
        collections: {
          media: {
            disablePayloadAccessControl: true, // the bucket is public, so nothing needs to pass through here
            generateFileURL: ({ filename, prefix }) =>
              [
                environment.MEDIA_URL,
                ...(prefix ? prefix.split('/') : []).filter(Boolean),
                encodeURIComponent(filename),
              ].join('/'),
          },
        },
        config: storageOptions(environment),
      }),
    ],
    jobs,
    email: noEmail,
    admin: {
      user: People.slug,
      avatar: 'default', // Gravatar would tell a third party who works here
      importMap: { baseDir: source, autoGenerate: false },
      meta: {
        titleSuffix: ' · SoulSeer',
        description: 'Where SoulSeer’s readers and articles are written.',
        defaultOGImageType: 'off',
        robots: 'noindex, nofollow',
        icons: [{ rel: 'icon', type: 'image/svg+xml', url: '/icon.svg' }],
      },
      components: {
        graphics: { Logo: '/components/Logo.tsx#Logo', Icon: '/components/Icon.tsx#Icon' },
        views: {
          login: { path: '/login', Component: '/components/SignIn.tsx#SignIn' },
          logout: { path: '/logout', Component: '/components/SignOut.tsx#SignOut' },
        },
        beforeDashboard: ['/components/Welcome.tsx#Welcome'],
      },
      livePreview: {
        collections: ['articles', 'guides', 'pages', 'faq'],
        globals: ['home'],
        // The site shows it to staff who are signed in there, and to nobody else.
        url: ({ collectionConfig, globalConfig, data }) =>
          globalConfig
            ? `${environment.SITE_URL}/preview/globals/${globalConfig.slug}`
            : data?.id
              ? `${environment.SITE_URL}/preview/${collectionConfig?.slug}/${data.id}`
              : null,
        breakpoints: [
          { name: 'phone', label: 'Phone', width: 390, height: 844 },
          { name: 'desktop', label: 'Desktop', width: 1280, height: 800 },
        ],
      },
      dateFormat: 'd MMM yyyy, HH:mm',
    },
    i18n: {
      translations: {
        en: {
          authentication: { login: 'Sign in', logOut: 'Sign out' },
          error: {
            unauthorizedAdmin: 'This room is for readers and staff.',
            notAllowedToAccessPage: 'Your account has no work to do here.',
          },
          general: { payloadSettings: 'Your settings' },
        },
      },
    },
    typescript: { outputFile: path.join(source, 'payload-types.ts'), autoGenerate: false },
    onInit: (payload) => {
      // A connection that Postgres closes while idle is replaced at its next use; unheard, the event would end the process.
      payload.db.pool.on('error', (error: Error) =>
        logger.warn({ err: error }, 'an idle database connection was lost'),
      );
    },
  });
  closeInternals(config);
  return config;
}

/** What a configuration is made of and Payload has no place for. */
type Parts = { environment: Environment; identity: Identity };

export function partsOf(config: SanitizedConfig): Parts {
  return config.custom as Parts;
}

/**
 * Payload opens its own bookkeeping to everybody who is signed in; here it is for those who may enter the admin, and of that each
 * their own. It also has addresses for the history of things that have none, where it only stumbles.
 */
function closeInternals(config: SanitizedConfig): void {
  const never = () => false;
  const noVersions = [
    closed('get', '/versions'),
    closed('get', '/versions/:id'),
    closed('post', '/versions/:id'),
  ];
  for (const collection of config.collections) {
    const { access, endpoints } = collection;
    if (!collection.versions && endpoints) collection.endpoints = [...noVersions, ...endpoints];
    if (collection.slug === 'payload-locked-documents')
      Object.assign(access, {
        create: panel,
        read: staffOrHolder,
        update: staffOrHolder,
        delete: staffOrHolder,
      });
    if (collection.slug === 'payload-preferences') {
      access.create = panel;
      for (const name of ['read', 'update', 'delete'] as const) access[name] = panelOnly(access[name]);
      collection.endpoints = (collection.endpoints || []).map((endpoint) =>
        endpoint.path === '/:key' ? { ...endpoint, handler: panelEndpoint(endpoint.handler) } : endpoint,
      );
    }
    // Our own timer does what is due.
    if (collection.slug === 'payload-jobs')
      collection.endpoints = [
        closed('get', '/run'),
        closed('get', '/handle-schedules'),
        ...(collection.endpoints || []),
      ];
    if (collection.slug === 'payload-migrations')
      Object.assign(access, { create: never, read: never, update: never, delete: never });
  }
  for (const global of config.globals)
    if (!global.versions && global.endpoints) global.endpoints = [...noVersions, ...global.endpoints];
}
