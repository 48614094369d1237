import { checkDatabase } from '../../../server/readiness.ts';

export const dynamic = 'force-dynamic';

/** What the CMS stands on answers. */
export async function GET(): Promise<Response> {
  const database = await checkDatabase();
  const ready = database === 'ok';
  return Response.json(
    { status: ready ? 'ready' : 'not_ready', checks: { database } },
    { status: ready ? 200 : 503, headers: { 'cache-control': 'no-store' } },
  );
}
