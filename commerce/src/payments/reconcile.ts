/**
 * Compares what Stripe, our record with Medusa's orders, and the ledger say of every payment and of every order by wallet, has
 * what differs settled, and reports what differs still. It never writes anything itself.
 */

import type { Pool } from 'pg';
import type Stripe from 'stripe';
import { describeError, type Log } from '../log';
import type { ComparedPayment, Ledger, ListedHold } from './ledger';
import { IS_HALF } from './orders';
import { messageOf, type Settle } from './settle';
import type { Payment } from './store';
import { PAYMENT_KEY, type StripeClient } from './stripe';

const PAGE = 100;
const COMPARE_AT_ONCE = 1_000;
const SETTLE_AT_ONCE = 4;
const EVERY = '1 hour';
/** Any number that no other program takes as an advisory lock in this database. */
const LOCK = 7_301_002;

export interface Finding {
  /** What is wrong, such as `not_credited`. */
  code: string;
  payment: string;
  detail: string;
}

export interface Report {
  payments: number;
  captured_cents: number;
  /** Orders by wallet that the ledger knows, and what of them was posted. */
  holds: number;
  posted_cents: number;
  /** What differed and is right now. */
  mended: Finding[];
  /** What differs still: for people. */
  left: Finding[];
  milliseconds: number;
}

export interface Reconciliation {
  id: string;
  asked_at: Date;
  finished_at: Date | null;
  report: Report | null;
  error: string | null;
}

export interface Reconciler {
  /** Has one begun; answers its id, by which its report is found. */
  ask(): Promise<string>;
  latest(): Promise<Reconciliation[]>;
  /** Does what was asked for, and one an hour. @returns whether one was done */
  sweep(): Promise<boolean>;
  reconcile(): Promise<Report>;
}

/** A payment as the three tell it. */
interface Compared {
  intent: Stripe.PaymentIntent | undefined;
  record: Recorded | undefined;
  ledger: ComparedPayment | undefined;
}

interface Recorded extends Payment {
  /** What Medusa has: whether the order is there, and what of it is captured and refunded. */
  order_found: boolean;
  order_captured_cents: number;
  order_refunded_cents: number;
  refunds_under_way: number;
}

export function createReconciler({
  pool,
  stripe,
  ledger,
  settle,
  clock,
  log,
}: {
  pool: Pool;
  stripe: Pick<StripeClient, 'paymentIntents'>;
  ledger: Pick<Ledger, 'compare' | 'holds' | 'holdStanding'>;
  settle: Pick<Settle, 'settle' | 'clear'>;
  clock: { now(): number };
  log: Log;
}): Reconciler {
  async function records(by: 'card' | 'wallet', ids?: readonly string[]): Promise<Map<string, Recorded>> {
    const { rows } = await pool.query<Recorded>(
      `select c.*, o.id is not null as order_found,
         coalesce((select round(sum(amount) * 100) from capture where payment_id = c.medusa_payment_id and deleted_at is null), 0)::int
           as order_captured_cents,
         coalesce((select round(sum(amount) * 100) from refund where payment_id = c.medusa_payment_id and deleted_at is null), 0)::int
           as order_refunded_cents,
         (select count(*) from commerce_refund r where r.payment_id = c.id and r.state in ('wanted', 'reserved', 'sent', 'posted') and not r.failed_late)::int
           as refunds_under_way
       from commerce_payment c left join "order" o on o.id = c.order_id and o.deleted_at is null
       where (c.way = 'wallet') = $2 and ($1::text[] is null or c.id = any ($1))`,
      [ids ?? null, by === 'wallet'],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  async function atLedger(ids: readonly string[]): Promise<Map<string, ComparedPayment>> {
    const found = new Map<string, ComparedPayment>();
    for (let at = 0; at < ids.length; at += COMPARE_AT_ONCE) {
      for (const one of await ledger.compare(ids.slice(at, at + COMPARE_AT_ONCE)))
        found.set(one.payment_id, one);
    }
    return found;
  }

  async function reconcile(): Promise<Report> {
    const started = clock.now();
    const intents: Stripe.PaymentIntent[] = [];
    const listed = stripe.paymentIntents.list({ limit: PAGE, expand: ['data.latest_charge'] });
    // Those that are none of ours (made by hand in the dashboard) are nobody's top-up.
    for await (const intent of listed) if (intent.metadata[PAYMENT_KEY]) intents.push(intent);
    const recorded = await records('card');
    const ours = new Map(intents.map((intent) => [intent.id, intent]));
    const all = await atLedger([
      ...new Set([...ours.keys(), ...[...recorded.values()].flatMap((it) => it.payment_intent_id ?? [])]),
    ]);

    const first = new Map<string, Finding[]>();
    const left: Finding[] = [];
    const seen = new Set<string>();
    let captured_cents = 0;
    for (const intent of intents) {
      captured_cents += intent.amount_received;
      const record = recorded.get(intent.metadata[PAYMENT_KEY] ?? '');
      if (record) seen.add(record.id);
      const findings = differences({ intent, record, ledger: all.get(intent.id) }, started);
      if (!record) left.push(...findings);
      else if (findings.length > 0) first.set(record.id, [...(first.get(record.id) ?? []), ...findings]);
    }
    for (const record of recorded.values()) {
      if (seen.has(record.id)) continue;
      const known = record.payment_intent_id ? all.get(record.payment_intent_id) : undefined;
      const findings = differences({ intent: undefined, record, ledger: known }, started);
      if (findings.length > 0) first.set(record.id, findings);
    }
    const { holds, posted_cents, unknown } = await compareHolds(first, started);
    left.push(...unknown);
    const strays = await strayOrders();
    for (const { payment } of strays) if (!first.has(payment)) first.set(payment, []);

    const wanting = [...first.keys()];
    const worker = async () => {
      for (let id = wanting.shift(); id; id = wanting.shift())
        await settle.settle(id).catch((error: unknown) => {
          left.push({ code: 'not_settled', payment: id ?? '', detail: messageOf(error) });
        });
    };
    await Promise.all(Array.from({ length: SETTLE_AT_ONCE }, worker));

    const mended: Finding[] = [];
    // One that was being made when we looked has its payment by now, and is nothing that was mended.
    for (const one of strays) {
      const cleared = await settle.clear(one.payment).catch((error: unknown) => {
        left.push({ code: 'not_cleared', payment: one.payment, detail: messageOf(error) });
        return 0;
      });
      if (cleared > 0) mended.push(one);
    }
    const strayBefore = new Set(strays.map(({ detail }) => detail));
    left.push(...(await strayOrders()).filter(({ detail }) => strayBefore.has(detail)));
    for (const record of (await records('wallet', [...first.keys()])).values()) {
      const hold = record.hold_id ? await ledger.holdStanding(record.hold_id) : undefined;
      settled(record.id, holdDifferences(record, hold, clock.now()));
    }
    function settled(id: string, still: Finding[]): void {
      left.push(...still);
      mended.push(...(first.get(id) ?? []).filter((one) => !still.some((other) => other.code === one.code)));
    }
    if (first.size > 0) {
      const after = await records('card', [...first.keys()]);
      const told = await atLedger([...after.values()].flatMap((it) => it.payment_intent_id ?? []));
      for (const [id, record] of after) {
        const { payment_intent_id } = record;
        const intent = payment_intent_id
          ? await stripe.paymentIntents
              .retrieve(payment_intent_id, { expand: ['latest_charge'] })
              .catch(() => undefined)
          : undefined;
        const still = differences(
          {
            intent,
            record,
            ledger: payment_intent_id ? told.get(payment_intent_id) : undefined,
          },
          clock.now(),
        );
        settled(id, still);
      }
    }
    return {
      payments: intents.length,
      captured_cents,
      holds,
      posted_cents,
      mended,
      left,
      milliseconds: Math.round(clock.now() - started),
    };
  }

  /** Holds in the ledger beside our orders by wallet: what differs is put into `first`. */
  async function compareHolds(first: Map<string, Finding[]>, started: number) {
    const told = new Map<string, ListedHold>();
    for await (const hold of ledger.holds()) told.set(hold.hold_id, hold);
    // Afterwards: a hold is written down with us before the ledger is asked for it.
    const recorded = await records('wallet');
    const known = new Set([...recorded.values()].map(({ hold_id }) => hold_id));
    const unknown: Finding[] = [];
    let posted_cents = 0;
    for (const hold of told.values()) {
      posted_cents += hold.posted_cents;
      if (!known.has(hold.hold_id) && hold.state !== 'released')
        unknown.push({
          code: 'unknown_hold',
          payment: hold.hold_id,
          detail: `${hold.state} in the ledger, and nothing of ours knows of it`,
        });
    }
    for (const record of recorded.values()) {
      // Begun since: what was listed says nothing of it.
      if (record.created_at.getTime() > started) continue;
      const findings = holdDifferences(
        record,
        record.hold_id ? told.get(record.hold_id) : undefined,
        clock.now(),
      );
      if (findings.length > 0) first.set(record.id, findings);
    }
    return { holds: told.size, posted_cents, unknown };
  }

  /** Orders that a process left when it ended in the middle: without a payment, beside the right one or instead of it. */
  async function strayOrders(): Promise<Finding[]> {
    const { rows } = await pool.query<{ id: string; payment: string }>(
      `select o.id, c.id as payment from "order" o join commerce_payment c on c.id = o.metadata ->> 'payment'
       where ${IS_HALF} and c.order_id is distinct from o.id
       limit 100`,
    );
    return rows.map(({ id, payment }) => ({
      code: 'stray_order',
      payment,
      detail: `order ${id} has no payment`,
    }));
  }

  return {
    reconcile,
    async ask() {
      const { rows } = await pool.query<{ id: string }>(
        'insert into commerce_reconciliation default values returning id',
      );
      return rows[0]?.id ?? '';
    },
    async latest() {
      const { rows } = await pool.query<Reconciliation>(
        `select id, asked_at, finished_at, report, error from commerce_reconciliation order by id desc limit 20`,
      );
      return rows;
    },
    async sweep() {
      const db = await pool.connect();
      try {
        const { rows: locks } = await db.query<{ locked: boolean }>(
          'select pg_try_advisory_lock($1) as locked',
          [LOCK],
        );
        if (!locks[0]?.locked) return false;
        try {
          await db.query(
            `insert into commerce_reconciliation (asked_at)
             select now() where not exists (select from commerce_reconciliation where asked_at > now() - interval '${EVERY}')`,
          );
          const { rows } = await db.query<{ id: string }>(
            'select id from commerce_reconciliation where finished_at is null order by id limit 1',
          );
          const id = rows[0]?.id;
          if (!id) return false;
          try {
            const report = await reconcile();
            const level = report.left.length > 0 ? 'error' : 'info';
            log[level]('reconciled', {
              ...report,
              mended: report.mended.length,
              left: report.left.slice(0, 20),
            });
            await db.query(
              'update commerce_reconciliation set finished_at = now(), report = $2 where finished_at is null and id <= $1',
              [id, JSON.stringify(report)],
            );
          } catch (error) {
            log.error('could not reconcile', describeError(error));
            await db.query(
              'update commerce_reconciliation set finished_at = now(), error = $2 where id = $1',
              [id, messageOf(error)],
            );
          }
          return true;
        } finally {
          await db.query('select pg_advisory_unlock($1)', [LOCK]);
        }
      } finally {
        db.release();
      }
    },
  };
}

/** A ledger that has nothing to say against a payment. */
function agreeing(intent: Stripe.PaymentIntent | undefined, record: Recorded): ComparedPayment {
  const { id: payment_id, person_id, captured_cents, refunded_cents, disputed_cents } = record;
  return {
    payment_id,
    person_id,
    credited_cents: intent?.amount_received ?? captured_cents,
    refunded_cents,
    disputed_cents,
  };
}

/** One that is begun is at its end soon, or given up; in milliseconds. */
const UNDER_WAY_MS = 5 * 60_000;

/** All that is not as it should be with one order by wallet; `hold` is what the ledger says of it. */
function holdDifferences(
  record: Recorded,
  hold: Pick<ListedHold, 'person_id' | 'state' | 'posted_cents' | 'refunded_cents'> | undefined,
  now_ms: number,
): Finding[] {
  const findings: Finding[] = [];
  const { id, person_id, state, captured_cents, refunded_cents } = record;
  const find = (code: string, detail: string) => findings.push({ code, payment: id, detail });
  if (hold && hold.person_id !== person_id) find('paid_by_another', hold.person_id);
  if (captured_cents === 0) {
    if (hold?.state === 'posted') find('not_seen', `${hold.posted_cents} cents are posted in the ledger`);
    else if (hold?.state === 'held' && state === 'failed')
      find('still_held', 'given up, and held in the ledger');
    else if (state !== 'failed' && now_ms - record.created_at.getTime() > UNDER_WAY_MS)
      find('still_open', 'neither paid nor given up');
    return findings;
  }
  if (hold?.posted_cents !== captured_cents)
    find('not_posted', `${captured_cents} cents here, ${hold?.posted_cents ?? 0} in the ledger`);
  if (!record.order_found) find('no_order', 'paid, and without an order');
  else if (record.order_captured_cents !== captured_cents)
    find('order_differs', `paid ${captured_cents}, the order says ${record.order_captured_cents}`);
  if (record.refunds_under_way > 0) {
    find('refund_under_way', `${record.refunds_under_way} refunds wait`);
    return findings;
  }
  if (hold && hold.refunded_cents !== refunded_cents)
    find('refund_not_posted', `${refunded_cents} cents here, ${hold.refunded_cents} in the ledger`);
  if (record.order_found && record.order_refunded_cents !== refunded_cents)
    find('refund_not_booked', `${refunded_cents} cents here, ${record.order_refunded_cents} on the order`);
  return findings;
}

/** All that is not as it should be with one payment. */
function differences({ intent, record, ledger: told }: Compared, now_ms: number): Finding[] {
  // What a card pays for goods is none of the ledger's, which keeps wallets.
  const ledger = record?.purpose === 'goods' ? agreeing(intent, record) : told;
  const findings: Finding[] = [];
  const payment = record?.id ?? intent?.id ?? '';
  const find = (code: string, detail: string) => findings.push({ code, payment, detail });
  const captured = intent?.amount_received ?? 0;

  if (!record) {
    if (captured > 0)
      find('unknown_payment', `${captured} cents are captured and nothing of ours knows of them`);
    return findings;
  }
  if (!intent) {
    if (record.captured_cents > 0)
      find('unknown_at_stripe', `Stripe does not list ${record.payment_intent_id}`);
    // A page that was never paid ends by itself, and so does a try with a saved card.
    const over = now_ms - record.created_at.getTime() > 25 * 60 * 60_000;
    if (over && (record.state === 'open' || (record.state === 'new' && record.way === 'saved_card')))
      find('still_open', 'its page has ended');
    if (record.captured_cents === 0) return findings;
  }
  if (captured === 0 && intent) {
    if (ledger && ledger.credited_cents > 0)
      find('credited_without_capture', `${ledger.credited_cents} cents`);
    return findings;
  }
  if (captured !== record.captured_cents && intent)
    find('not_seen', `${captured} cents are captured at Stripe`);
  const expected = intent ? captured : record.captured_cents;
  if (ledger?.credited_cents !== expected)
    find('not_credited', `captured ${expected}, credited ${ledger?.credited_cents ?? 0}`);
  if (ledger && ledger.person_id !== record.person_id) find('credited_to_another', ledger.person_id);
  if (!record.order_found) find('no_order', 'paid, and without an order');
  else if (record.order_captured_cents !== expected)
    find('order_differs', `captured ${expected}, the order says ${record.order_captured_cents}`);

  const charge = intent?.latest_charge as Stripe.Charge | null | undefined;
  const refunded = charge?.amount_refunded ?? record.refunded_cents;
  // One that the bank has not taken yet counts at Stripe already.
  if (record.refunds_under_way === 0) {
    if (refunded !== record.refunded_cents)
      find('refund_not_seen', `${refunded} cents are refunded at Stripe, ${record.refunded_cents} here`);
    if (ledger && ledger.refunded_cents !== record.refunded_cents)
      find(
        'refund_not_posted',
        `${record.refunded_cents} cents here, ${ledger.refunded_cents} in the ledger`,
      );
    if (record.order_found && record.order_refunded_cents !== record.refunded_cents)
      find(
        'refund_not_booked',
        `${record.refunded_cents} cents here, ${record.order_refunded_cents} on the order`,
      );
  } else find('refund_under_way', `${record.refunds_under_way} refunds wait`);
  if (charge?.disputed && record.disputed_cents === 0 && ledger?.disputed_cents !== 0)
    find('dispute_not_seen', 'disputed at Stripe');
  return findings;
}
