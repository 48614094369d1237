/** Lists: the newest first, by cursor. */

import type { z } from 'zod';
import { missing } from './errors.ts';
import type { created as createdParam } from './params.ts';
import type { Kind } from './types.ts';
import type { Work } from './work.ts';

export interface Page {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  created?: z.output<typeof createdParam> | undefined;
}

export interface List {
  object: 'list';
  data: unknown[];
  has_more: boolean;
  url: string;
}

/** `where` are conditions of ours with `?` for each of `values`. */
async function listRows(
  { db }: Pick<Work, 'db'>,
  table: 'events' | 'objects',
  url: string,
  page: Page,
  conditions: { where: string; value: unknown }[],
): Promise<List> {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const where = conditions.map(({ where: text, value }) => text.replace('?', bind(value)));
  const { gt, gte, lt, lte } = (page.created ?? {}) as Record<
    'gt' | 'gte' | 'lt' | 'lte',
    number | undefined
  >;
  for (const [sign, at] of Object.entries({ '>': gt, '>=': gte, '<': lt, '<=': lte })) {
    if (at !== undefined) where.push(`created ${sign} ${bind(at)}`);
  }

  const seqOf = async (id: string, param: string) => {
    const { rows } = await db.query<{ seq: string }>(`SELECT seq FROM payments.${table} WHERE id = $1`, [id]);
    if (!rows[0]) throw missing(url.split('/').at(-1)?.replace(/s$/, '') ?? 'object', id, param);
    return rows[0].seq;
  };
  if (page.starting_after) {
    where.push(`seq < ${bind(await seqOf(page.starting_after, 'starting_after'))}`);
  }
  if (page.ending_before) {
    where.push(`seq > ${bind(await seqOf(page.ending_before, 'ending_before'))}`);
  }
  const backwards = page.ending_before !== undefined && page.starting_after === undefined;
  const limit = page.limit ?? 10;
  const { rows } = await db.query<{ body: unknown }>(
    `SELECT body FROM payments.${table} ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
     ORDER BY seq ${backwards ? 'ASC' : 'DESC'} LIMIT ${bind(limit + 1)}`,
    values,
  );
  const data = rows.slice(0, limit).map(({ body }) => body);
  if (backwards) data.reverse();
  return { object: 'list', data, has_more: rows.length > limit, url };
}

/** Objects of a kind; `filters` names attributes and what they must be, left out where undefined. */
export async function listObjects(
  work: Pick<Work, 'db'>,
  kind: Kind,
  url: string,
  page: Page,
  filters: Record<string, string | undefined> = {},
): Promise<List> {
  const conditions = Object.entries(filters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ where: `body ->> '${name}' = ?`, value }));
  return listRows(work, 'objects', url, page, [
    { where: 'kind = ?', value: kind },
    ...conditions,
    { where: 'deleted = ?', value: false },
  ]);
}

export async function listEvents(
  work: Pick<Work, 'db'>,
  page: Page,
  types: string[] | undefined,
): Promise<List> {
  // `charge.*` stands for every type that begins so.
  const patterns = types?.map((type) => type.replaceAll('_', '\\_').replaceAll('*', '%'));
  const list = await listRows(
    work,
    'events',
    '/v1/events',
    page,
    patterns ? [{ where: 'type LIKE ANY(?)', value: patterns }] : [],
  );
  list.data = await withPending(work, list.data);
  return list;
}

/** How many endpoints have not yet taken an event is as of now, not as it was when it was written. */
export async function withPending({ db }: Pick<Work, 'db'>, events: unknown[]): Promise<unknown[]> {
  const shown = events as { id: string }[];
  const { rows } = await db.query<{ event_id: string; pending: string }>(
    `SELECT event_id, count(*) FILTER (WHERE delivered_at IS NULL) AS pending
     FROM payments.deliveries WHERE event_id = ANY($1) GROUP BY event_id`,
    [shown.map(({ id }) => id)],
  );
  const pending = new Map(rows.map((row) => [row.event_id, Number(row.pending)]));
  return shown.map((event) => ({ ...event, pending_webhooks: pending.get(event.id) ?? 0 }));
}
