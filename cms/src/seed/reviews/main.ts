/** `pnpm --filter cms seed:reviews <world folder>`: what clients say of the past. For development only; production is refused. */
import path from 'node:path';
import { getPayload } from 'payload';
import { createConfig } from '../../config.ts';
import { EXIT_CONFIGURATION, environmentOrExit } from '../../environment.ts';
import { createAskReviewRight } from '../../reviews/reviewRight.ts';
import { readReviews, seedReviews } from './reviews.ts';

const refuse = (line: string, code: number): never => {
  process.stderr.write(`${line}\n`);
  process.exit(code);
};

const environment = environmentOrExit();
if (environment.SOULSEER_ENV === 'production')
  refuse('The seed is not for production: it makes up reviews.', EXIT_CONFIGURATION);
const [folder] = process.argv.slice(2);
if (!folder) refuse('Name the folder of the world: pnpm --filter cms seed:reviews <folder>', 64);

const config = createConfig({
  ...environment,
  LOG_LEVEL: environment.LOG_LEVEL === 'info' ? 'warn' : environment.LOG_LEVEL,
});
const from = path.resolve(process.env.INIT_CWD ?? process.cwd(), folder as string);
const payload = await getPayload({ config });
try {
  const ask = createAskReviewRight(environment, (error) =>
    payload.logger.warn({ err: error }, 'realtime could not be asked'),
  );
  const { written, refused } = await seedReviews(payload, {
    ...(await readReviews(from)),
    issuer: environment.OIDC_ISSUER,
    ask,
  });
  process.stdout.write(`${written} reviews written, ${refused} not allowed by realtime\n`);
} catch (error) {
  refuse(`The seed failed: ${error instanceof Error ? error.message : String(error)}`, 1);
}
await payload.destroy();
process.exit(0);
