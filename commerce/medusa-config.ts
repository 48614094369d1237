import { defineConfig, Modules } from '@medusajs/framework/utils';
import { checkEnvironment, type Environment, orExit } from './src/environment';
import { sessionOptions } from './src/http/session';

// `medusa build` runs without any environment, and nothing of one goes into its output.
const isBuild = process.argv[2] === 'build';
const environment: Partial<Environment> = isBuild ? {} : orExit(() => checkEnvironment(process.env));

/** Where several nodes run, they meet in Redis; one node needs nothing beside its Postgres. */
const sharedModules = environment.REDIS_URL
  ? [
      { resolve: '@medusajs/medusa/event-bus-redis', options: { redisUrl: environment.REDIS_URL } },
      {
        resolve: '@medusajs/medusa/workflow-engine-redis',
        options: { redis: { redisUrl: environment.REDIS_URL } },
      },
      {
        resolve: '@medusajs/medusa/caching',
        options: {
          providers: [
            {
              resolve: '@medusajs/medusa/caching-redis',
              id: 'caching-redis',
              is_default: true,
              options: { redisUrl: environment.REDIS_URL },
            },
          ],
        },
      },
    ]
  : [];

module.exports = defineConfig({
  projectConfig: {
    databaseUrl: environment.DATABASE_URL,
    redisUrl: environment.REDIS_URL,
    ...sessionOptions(environment),
    http: {
      storeCors: environment.SITE_URL ?? '',
      adminCors: environment.COMMERCE_URL ?? '',
      authCors: [environment.SITE_URL, environment.COMMERCE_URL].join(','),
      jwtSecret: environment.JWT_SECRET,
      cookieSecret: environment.COOKIE_SECRET,
      // The site gets a new one for a person's access token whenever it needs one.
      jwtExpiresIn: '15m',
      // Nobody has a password here. Staff sign in at http/staff.ts; that Medusa lists a provider for them keeps its sign-in
      // page from saying that there is none.
      authMethodsPerActor: { customer: ['soulseer'], user: ['soulseer'] },
    },
  },
  admin: {
    // Relative, so that one build serves under any address and port.
    backendUrl: '/',
    path: '/app',
  },
  modules: [
    ...sharedModules,
    lockingModule(environment.REDIS_URL),
    {
      resolve: '@medusajs/medusa/auth',
      options: {
        providers: [
          {
            resolve: './src/modules/soulseer-auth',
            id: 'soulseer',
            options: {
              issuer: environment.OIDC_ISSUER,
              audience: environment.OIDC_AUDIENCE,
              namespace: environment.OIDC_CLAIMS_NAMESPACE,
            },
          },
        ],
      },
    },
    {
      resolve: '@medusajs/medusa/payment',
      options: {
        providers: [
          {
            resolve: './src/modules/stripe-checkout',
            id: 'checkout',
            options: { secretKey: environment.STRIPE_SECRET_KEY, apiUrl: environment.STRIPE_API_URL },
          },
          {
            resolve: './src/modules/wallet',
            id: 'ledger',
            options: {
              realtimeUrl: environment.REALTIME_URL,
              secret: environment.SERVICE_KEY_COMMERCE_TO_REALTIME?.split(',')[0]?.trim(),
            },
          },
        ],
      },
    },
    // The site has a search of its own over all programs; this one would only slow down every start.
    { key: Modules.SEARCH, resolve: '@medusajs/medusa/search', disable: true },
    {
      resolve: '@medusajs/medusa/file',
      options: {
        providers: [
          {
            resolve: '@medusajs/medusa/file-s3',
            id: 's3',
            options: {
              file_url: environment.MEDIA_URL,
              access_key_id: environment.S3_ACCESS_KEY_ID,
              secret_access_key: environment.S3_SECRET_ACCESS_KEY,
              region: environment.S3_REGION,
              bucket: environment.S3_MEDIA_BUCKET,
              endpoint: environment.S3_ENDPOINT,
              prefix: 'shop/',
              // Who may read is a matter of the bucket; R2 has no access lists on objects.
              acl: false,
              additional_client_config: {
                forcePathStyle: true,
                // Storages other than Amazon's know no trailing checksums.
                requestChecksumCalculation: 'WHEN_REQUIRED',
                responseChecksumValidation: 'WHEN_REQUIRED',
              },
            },
          },
        ],
      },
    },
  ],
});

function lockingModule(redisUrl: string | undefined) {
  const redis = {
    resolve: '@medusajs/medusa/locking-redis',
    id: 'locking-redis',
    is_default: true,
    options: { redisUrl },
  };
  // Registered beside Redis too, so that the tables are the same whichever is used.
  const postgres = {
    resolve: '@medusajs/medusa/locking-postgres',
    id: 'locking-postgres',
    is_default: !redisUrl,
  };
  return {
    key: Modules.LOCKING,
    resolve: '@medusajs/medusa/locking',
    options: { providers: redisUrl ? [redis, postgres] : [postgres] },
  };
}
