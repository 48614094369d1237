import { getPayload } from 'payload';
import config from '../payload.config.ts';

const PATIENCE_MS = 2_000;

/** 'ok' when the database answers within two seconds, else why not. */
export async function checkDatabase(): Promise<string> {
  const check = async () => {
    const payload = await getPayload({ config });
    await payload.db.pool.query('select 1');
    return 'ok';
  };
  const late = new Promise<string>((resolve) =>
    setTimeout(resolve, PATIENCE_MS, 'no answer within 2 s').unref(),
  );
  return Promise.race([check().catch(() => 'not reachable'), late]);
}
