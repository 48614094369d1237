/** Whether the process lives, and whether it can work. */

import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { health, readiness } from '../../contract/http.ts';
import type { Database } from '../database.ts';
import type { Migration } from '../migrate.ts';

export interface HealthParts {
  db: Database;
  migrations: Migration[];
  isStopping: () => boolean;
}

export function registerHealth(app: FastifyInstance, { db, migrations, isStopping }: HealthParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get(
    '/health',
    {
      config: { access: 'anyone', limit: false },
      schema: { tags: ['Operations'], summary: 'Whether the process is alive', response: { 200: health } },
    },
    async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  );

  routes.get(
    '/ready',
    {
      config: { access: 'anyone', limit: false },
      schema: {
        tags: ['Operations'],
        summary:
          'Whether requests can be served: the database answers and is up to date, and no stop is under way',
        response: { 200: readiness, 503: readiness },
      },
    },
    async (request, reply) => {
      const checks: Record<string, string> = {
        ...(isStopping() ? { process: 'stopping' } : {}),
        ...(await checkDatabase()),
      };
      const ready = Object.values(checks).every((result) => result === 'ok');
      if (!ready) request.log.warn({ checks }, 'not ready');
      return reply
        .code(ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ status: ready ? 'ready' : 'not_ready', checks });
    },
  );

  /** Reasons are ours, not the driver's: those could name hosts and users to anybody. */
  async function checkDatabase(): Promise<Record<string, string>> {
    try {
      const applied = await db.selectFrom('schema_migrations').select(['number', 'checksum']).execute();
      const pending = migrations.filter(
        (one) => !applied.some((row) => row.number === one.number && row.checksum === one.checksum),
      );
      return { database: 'ok', migrations: pending.length === 0 ? 'ok' : `${pending.length} not run` };
    } catch (error) {
      const noTable = (error as { code?: unknown }).code === '42P01';
      app.log.warn(
        { error: error instanceof Error ? error.message : String(error) },
        'the database check failed',
      );
      return noTable ? { database: 'ok', migrations: 'never run' } : { database: 'does not answer' };
    }
  }
}
