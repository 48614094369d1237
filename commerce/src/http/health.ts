import { Router } from 'express';
import type { Pool } from 'pg';

/** `GET /health`: the process is alive. `GET /ready`: it can work, since its database answers. Open to anybody. */
export function health(pool: Pool): Router {
  const router = Router();
  router.get('/health', (_request, response) => {
    response.setHeader('cache-control', 'no-store');
    response.json({ status: 'ok' });
  });
  router.get('/ready', async (_request, response) => {
    const database = await databaseState(pool);
    const ready = database === 'ok';
    response.setHeader('cache-control', 'no-store');
    // An answer, not an error of the caller's, so not made into a problem: `end` instead of `json`.
    response
      .status(ready ? 200 : 503)
      .type('application/json')
      .end(JSON.stringify({ status: ready ? 'ready' : 'not_ready', checks: { database } }));
  });
  return router;
}

async function databaseState(pool: Pool): Promise<string> {
  try {
    await pool.query('select 1');
    return 'ok';
  } catch (error) {
    // A refused connection to several addresses has an empty message but a code.
    const { code, message } = error as NodeJS.ErrnoException;
    return code ?? message;
  }
}
