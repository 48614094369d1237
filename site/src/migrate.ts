import { migrate } from './database/migrations.ts';
import { EnvironmentError, readEnvironment } from './server/environment.ts';
import { createLogger, toStdout } from './server/logger.ts';

// Brings the site's database up to date and ends. Safe for several nodes that start at once.

try {
  const environment = readEnvironment(process.env);
  const log = createLogger(environment.LOG_LEVEL, toStdout());
  try {
    const done = await migrate(environment.DATABASE_URL);
    log.info({ done }, done.length > 0 ? 'site has migrated its database' : 'the database is up to date');
  } catch (error) {
    log.fatal({ err: error }, 'site could not migrate its database');
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 78;
}
