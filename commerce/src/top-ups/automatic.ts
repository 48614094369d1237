/**
 * W9, automatic top-up: opt-in, with a kept card, an amount, a threshold and a monthly ceiling. The ledger is asked every second
 * or two which wallets are low; what is charged then is a payment like any other (settle.ts). One at a time for a person and
 * within the ceiling by the database, so it doesn't matter how many nodes ask, or how often.
 */

import { createHash, randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { transaction } from '../database';
import { describeError, type Log } from '../log';
import type { Ledger } from '../payments/ledger';
import type { Outbox } from '../payments/outbox';
import { NOT_CHARGED, type Payment } from '../payments/store';
import { TOP_UP_LEAST_CENTS, TOP_UP_MOST_CENTS } from './limits';
import type { Card, TopUps } from './top-ups';

/** In a row; then it is off until the person switches it on again. */
const MOST_FAILURES = 3;
/** Wallets that are asked about in one call. */
const AT_ONCE = 1_000;
/** Before a card that was declined is asked again, and before somebody at the ceiling is looked at again, in seconds. */
const AFTER_FAILURE_S = 15 * 60;
const AT_CEILING_S = 60 * 60;
export const CEILING_MOST_CENTS = 1_000_000;

export interface AutomaticWanted {
  card_id: string;
  /** Charged each time. */
  amount_cents: number;
  /** Charged when the wallet has less than this. */
  threshold_cents: number;
  /** The most in one calendar month of `time_zone`. */
  ceiling_cents: number;
  time_zone: string;
}

/** How somebody has set it up (docs/service-calls.md). */
export interface Automatic extends AutomaticWanted {
  on: boolean;
  card: string;
  /** In a row. */
  failures: number;
  /** Why it is off, when not by the person. */
  off_reason: 'failures' | 'card_gone' | null;
  last_failure: { code: string; message: string } | null;
  /** Charged in this month, what is under way included. */
  month_cents: number;
}

export type AutomaticRefusal = {
  ok: false;
  code: 'unknown_card' | 'amount_out_of_limits' | 'ceiling_too_low' | 'bad_time_zone';
};

export interface AutomaticTopUps {
  get(person_id: string): Promise<Automatic | undefined>;
  /** Switches it on, as it says, with the person's consent to be charged while they are away. */
  set(
    person_id: string,
    wanted: AutomaticWanted,
  ): Promise<{ ok: true; automatic: Automatic } | AutomaticRefusal>;
  off(person_id: string): Promise<void>;
  /** Tops up what is low, and counts and tells what became of it. @returns how many it tried */
  sweep(): Promise<number>;
}

interface Row extends AutomaticWanted {
  person_id: string;
  is_on: boolean;
  card_name: string;
  failures: number;
  off_reason: Automatic['off_reason'];
  last_failure_code: string | null;
  last_failure_message: string | null;
}

/** Of this month, by the clock of the person's own days. Whatever failed took nothing. */
const MONTH_CENTS = `(select coalesce(sum(p.amount_cents), 0)::int from commerce_payment p
  where p.person_id = a.person_id and p.automatic and p.state not in ('failed', 'expired')
    and p.created_at >= date_trunc('month', now() at time zone a.time_zone) at time zone a.time_zone)`;

export function createAutomaticTopUps({
  pool,
  ledger,
  outbox,
  topUps,
  log,
}: {
  pool: Pool;
  ledger: Pick<Ledger, 'low'>;
  outbox: Pick<Outbox, 'add'>;
  topUps: Pick<TopUps, 'cards' | 'chargeRecorded'>;
  log: Log;
}): AutomaticTopUps {
  async function get(person_id: string): Promise<Automatic | undefined> {
    const { rows } = await pool.query<Row & { month_cents: number }>(
      `select a.*, ${MONTH_CENTS} as month_cents from commerce_automatic_top_up a where person_id = $1`,
      [person_id],
    );
    const [row] = rows;
    if (!row) return undefined;
    const { last_failure_code: code, last_failure_message: message } = row;
    return {
      on: row.is_on,
      card_id: row.card_id,
      card: row.card_name,
      amount_cents: row.amount_cents,
      threshold_cents: row.threshold_cents,
      ceiling_cents: row.ceiling_cents,
      time_zone: row.time_zone,
      failures: row.failures,
      off_reason: row.off_reason,
      last_failure: code ? { code, message: message ?? 'The card was declined.' } : null,
      month_cents: row.month_cents,
    };
  }

  /** Records a payment of this person's if the wallet is low, nothing is under way and the ceiling has room. */
  async function claim(person_id: string): Promise<Payment | undefined> {
    return transaction(pool, async (db) => {
      // Whoever else comes for this person waits here, and then sees what we have recorded.
      await db.query('select from commerce_automatic_top_up where person_id = $1 for update', [person_id]);
      const { rows } = await db.query<Row & { month_cents: number; under_way: boolean }>(
        `select a.*, ${MONTH_CENTS} as month_cents, exists (select from commerce_payment p
           where p.person_id = a.person_id and p.automatic and not p.automatic_told) as under_way
         from commerce_automatic_top_up a where person_id = $1 and is_on and ask_at <= now()`,
        [person_id],
      );
      const [row] = rows;
      if (!row || row.under_way) return undefined;
      // Another node, or the person, may have filled it since it was listed; what was under way is credited when it no longer is.
      const below_cents = row.threshold_cents;
      if ((await ledger.low([{ person_id, below_cents }])).length === 0) return undefined;
      if (row.month_cents + row.amount_cents > row.ceiling_cents) {
        await db.query(
          'update commerce_automatic_top_up set ask_at = now() + make_interval(secs => $2) where person_id = $1',
          [person_id, AT_CEILING_S],
        );
        return undefined;
      }
      const id = `topup_${randomUUID().replaceAll('-', '')}`;
      // `settle_at`: if we end right here, the sweeper finds out that nothing was charged.
      const { rows: made } = await db.query<Payment>(
        `insert into commerce_payment
           (id, person_id, way, automatic, amount_cents, return_path, idempotency_key, request_hash, payment_method_id, settle_at)
         values ($1, $2, 'saved_card', true, $3, '/wallet', $4, $5, $6, now() + interval '60 seconds')
         on conflict do nothing returning *`,
        [
          id,
          person_id,
          row.amount_cents,
          `automatic-${id}`,
          createHash('sha256').update(id).digest('hex'),
          row.card_id,
        ],
      );
      return made[0];
    });
  }

  /** Counts what an automatic payment came to, once, and puts down the mail that tells of it. */
  async function conclude(id: string): Promise<void> {
    await transaction(pool, async (db) => {
      const { rows } = await db.query<Payment>(
        `update commerce_payment set automatic_told = true
         where id = $1 and automatic and not automatic_told and state not in ('new', 'open', 'processing', 'paid') returning *`,
        [id],
      );
      const [payment] = rows;
      if (!payment) return;
      const failed = payment.state === 'failed' || payment.state === 'expired';
      const code = payment.failure_code ?? 'card_declined';
      // The process ended before the bank was asked: that says nothing about the card.
      if (failed && code === NOT_CHARGED) return;
      const message = payment.failure_message ?? 'The card was declined.';
      const { rows: settings } = await db.query<Row>(
        failed
          ? `update commerce_automatic_top_up set failures = failures + 1, last_failure_code = $3, last_failure_message = $4,
               ask_at = now() + make_interval(secs => $2),
               is_on = is_on and failures + 1 < $5, off_reason = case when is_on and failures + 1 >= $5 then 'failures' else off_reason end
             where person_id = $1 returning *`
          : `update commerce_automatic_top_up set failures = 0, last_failure_code = null, last_failure_message = null
             where person_id = $1 returning *`,
        failed ? [payment.person_id, AFTER_FAILURE_S, code, message, MOST_FAILURES] : [payment.person_id],
      );
      const [now] = settings;
      if (!now) return;
      const values = { amount_cents: payment.amount_cents, card: now.card_name };
      await outbox.add(db, {
        path: `/service/mails/${id}`,
        body: {
          to_person_id: payment.person_id,
          ...(failed
            ? {
                template: 'automatic_top_up_failed',
                values: {
                  ...values,
                  reason: message.slice(0, 300),
                  needs_person: code === 'authentication_required',
                  off: now.off_reason === 'failures',
                },
              }
            : { template: 'automatic_top_up', values }),
        },
      });
    });
  }

  /** One who can't be charged keeps no other waiting; the sweeper of payments finds what became of it. */
  async function topUp(person_id: string): Promise<void> {
    try {
      const payment = await claim(person_id);
      if (!payment) return;
      await topUps.chargeRecorded(payment);
      await conclude(payment.id);
    } catch (error) {
      log.warn('a wallet could not be topped up by itself', { person_id, ...describeError(error) });
    }
  }

  return {
    get,

    async set(person_id, wanted) {
      const { card_id, amount_cents, threshold_cents, ceiling_cents, time_zone } = wanted;
      if (amount_cents < TOP_UP_LEAST_CENTS || amount_cents > TOP_UP_MOST_CENTS)
        return { ok: false, code: 'amount_out_of_limits' };
      if (ceiling_cents < amount_cents) return { ok: false, code: 'ceiling_too_low' };
      if (!isTimeZone(time_zone)) return { ok: false, code: 'bad_time_zone' };
      const card = (await topUps.cards(person_id)).find(({ id }) => id === card_id);
      if (!card) return { ok: false, code: 'unknown_card' };
      await pool.query(
        `insert into commerce_automatic_top_up
           (person_id, is_on, card_id, card_name, amount_cents, threshold_cents, ceiling_cents, time_zone)
         values ($1, true, $2, $3, $4, $5, $6, $7)
         on conflict (person_id) do update set is_on = true, card_id = excluded.card_id, card_name = excluded.card_name,
           amount_cents = excluded.amount_cents, threshold_cents = excluded.threshold_cents,
           ceiling_cents = excluded.ceiling_cents, time_zone = excluded.time_zone, consented_at = now(), ask_at = now(),
           failures = 0, off_reason = null, last_failure_code = null, last_failure_message = null`,
        [person_id, card_id, nameOf(card), amount_cents, threshold_cents, ceiling_cents, time_zone],
      );
      const automatic = await get(person_id);
      if (!automatic) throw new Error('An automatic top-up was set and is not there.');
      return { ok: true, automatic };
    },

    async off(person_id) {
      await pool.query(
        'update commerce_automatic_top_up set is_on = false, off_reason = null where person_id = $1',
        [person_id],
      );
    },

    async sweep() {
      // Those whose end nobody here has seen: the process ended, or the bank took its time.
      const { rows: ended } = await pool.query<{ id: string }>(
        `select id from commerce_payment where automatic and not automatic_told
           and state not in ('new', 'open', 'processing', 'paid') limit 50`,
      );
      for (const { id } of ended) await conclude(id);

      let tried = 0;
      for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
        const { rows } = await pool.query<{ person_id: string; below_cents: number }>(
          `select a.person_id, a.threshold_cents as below_cents from commerce_automatic_top_up a
             join commerce_person p on p.person_id = a.person_id and p.status = 'active'
           where is_on and ask_at <= now() and a.person_id > $1 order by a.person_id limit $2`,
          [after, AT_ONCE],
        );
        if (rows.length === 0) return tried;
        for (const { person_id } of await ledger.low(rows)) {
          await topUp(person_id);
          tried += 1;
        }
        if (rows.length < AT_ONCE) return tried;
        after = rows.at(-1)?.person_id ?? after;
      }
    },
  };
}

/** As mails say it: “Visa ending in 4242”. */
const nameOf = ({ brand, last4 }: Card): string =>
  `${brand.charAt(0).toUpperCase()}${brand.slice(1)} ending in ${last4}`.slice(0, 60);

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return /^[A-Za-z0-9_+/-]{1,64}$/.test(zone);
  } catch {
    return false;
  }
}
