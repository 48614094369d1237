/**
 * Who may have the files of what they bought: one entitlement for each digital line of a paid order. Whether it holds is asked
 * anew each time, of the payment as it is then: what is refunded or disputed opens nothing.
 */

import { randomUUID } from 'node:crypto';
import type { MedusaContainer } from '@medusajs/framework/types';
import { ContainerRegistrationKeys } from '@medusajs/framework/utils';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Payment, Queryable } from '../payments/store';
import type { Files } from './files';

/** How many times the files of one line may be fetched, in all. */
const MOST_DOWNLOADS = 20;

export interface Entitlement {
  id: string;
  payment_id: string;
  line_item_id: string;
  product_id: string;
  downloads: number;
  most_downloads: number;
  revoked_at: Date | null;
}
export type LinkGiven =
  | { ok: true; url: string; downloads_left: number }
  | { ok: false; code: 'not_found' | 'download_taken_back' | 'download_limit' };

export interface Entitlements {
  /** Gives those of a paid order, once. Whoever holds the payment's lock lends its connection: it waits for no other. */
  grant(db: Queryable, payment: Payment): Promise<void>;
  of(payment_id: string): Promise<Entitlement[]>;
  /** A link to one file of one's own, counted. */
  link(person_id: string, payment_id: string, file_id: string): Promise<LinkGiven>;
  /** By staff, for good. @returns whether there was one to take back */
  revoke(payment_id: string, id: string): Promise<boolean>;
}

export function createEntitlements({
  pool,
  container,
  files,
}: {
  pool: Pool;
  container: Promise<MedusaContainer>;
  files: Pick<Files, 'link'>;
}): Entitlements {
  return {
    async grant(db, { id, order_id }) {
      const query = (await container).resolve(ContainerRegistrationKeys.QUERY);
      const { data } = await query.graph({
        entity: 'order',
        fields: ['id', 'items.id', 'items.product_id', 'items.requires_shipping'],
        filters: { id: order_id ?? '' },
      });
      const line = z.object({ id: z.string(), product_id: z.string(), requires_shipping: z.boolean() });
      const order = z.object({ items: z.array(line.nullable()) }).parse(data[0]);
      for (const item of order.items)
        if (item && !item.requires_shipping)
          await db.query(
            `insert into commerce_entitlement (id, payment_id, line_item_id, product_id, most_downloads)
             values ($1, $2, $3, $4, $5) on conflict (line_item_id) do nothing`,
            [`ent_${randomUUID().replaceAll('-', '')}`, id, item.id, item.product_id, MOST_DOWNLOADS],
          );
    },

    async of(payment_id) {
      const { rows } = await pool.query<Entitlement>(
        'select * from commerce_entitlement where payment_id = $1 order by created_at, id',
        [payment_id],
      );
      return rows;
    },

    async link(person_id, payment_id, file_id) {
      // One statement: the count, the limit and the state of the payment are decided together.
      const { rows } = await pool.query<{ downloads_left: number }>(
        `update commerce_entitlement e set downloads = downloads + 1
         from commerce_payment p, commerce_file f
         where e.payment_id = $2 and p.id = e.payment_id and p.person_id = $1 and p.state = 'credited'
           and f.id = $3 and f.product_id = e.product_id and f.removed_at is null
           and e.revoked_at is null and e.downloads < e.most_downloads
         returning e.most_downloads - e.downloads as downloads_left`,
        [person_id, payment_id, file_id],
      );
      const [taken] = rows;
      if (taken) {
        const url = await files.link(file_id);
        return url ? { ok: true, url, ...taken } : { ok: false, code: 'not_found' };
      }
      const { rows: why } = await pool.query<{ open: boolean }>(
        `select p.state = 'credited' and e.revoked_at is null as open
         from commerce_entitlement e join commerce_payment p on p.id = e.payment_id
           join commerce_file f on f.product_id = e.product_id and f.removed_at is null
         where p.person_id = $1 and p.id = $2 and f.id = $3`,
        [person_id, payment_id, file_id],
      );
      if (!why[0]) return { ok: false, code: 'not_found' };
      return { ok: false, code: why[0].open ? 'download_limit' : 'download_taken_back' };
    },

    async revoke(payment_id, id) {
      const { rowCount } = await pool.query(
        'update commerce_entitlement set revoked_at = now() where id = $1 and payment_id = $2 and revoked_at is null',
        [id, payment_id],
      );
      return rowCount === 1;
    },
  };
}
