/**
 * Brings ledger and order to what Stripe says of a payment now. Forward only: what is captured is credited, whatever fails
 * after it, and each step that is done stays done. Doing it again, or from any state that a crash leaves, ends the same.
 */

import type { Gateway, Present, StripeRefund } from './gateway';
import type { Ledger, Written } from './ledger';
import type { BookedRefund, Ordered } from './orders';
import type { Payment, PaymentStateName, Refund, Store } from './store';
import { isRefusal } from './stripe';

/** How long the ledger keeps money back for a refund that Stripe is asked for, in milliseconds. */
const RESERVE_MS = 30 * 24 * 60 * 60_000;

export interface Convergence {
  gateway: Pick<Gateway, 'present' | 'refund'>;
  ledger: Pick<
    Ledger,
    | 'credit'
    | 'reserveRefund'
    | 'postRefund'
    | 'failRefund'
    | 'releaseRefund'
    | 'openDispute'
    | 'closeDispute'
  >;
  /** Of the connection that holds the payment's lock. */
  store: Store;
  order: {
    /** The order of the payment, made when there is none. */
    ensure(payment: Payment, present: Present): Promise<Ordered>;
    bookRefund(medusa_payment_id: string, refund: BookedRefund): Promise<void>;
    /** The refund has failed since. */
    unbookRefund(medusa_payment_id: string, stripe_refund_id: string): Promise<void>;
  };
}

/** The ledger refused what can't be refused: our own fault, for people to look at. */
export class Unsettled extends Error {
  override readonly name = 'Unsettled';
}

/** Needs the payment's lock. Throws when a step could not be done; what was done before it stays. */
export async function converge(convergence: Convergence, payment_id: string): Promise<Payment> {
  const { gateway, ledger, store, order } = convergence;
  const read = async () => {
    const found = await store.payment(payment_id);
    if (!found) throw new Error(`There is no payment ${payment_id}.`);
    return found;
  };
  let payment = await read();
  // Stripe knows nothing of it, and has no say in what it is.
  if (!payment.checkout_session_id && !payment.payment_intent_id) return payment;
  const change = async (fields: Parameters<Store['change']>[1]) => {
    await store.change(payment_id, fields);
    payment = await read();
  };

  const wanted = await store.refunds(payment_id);
  const present = await gateway.present({ ...payment, has_refunds: wanted.length > 0 });
  await change({
    payment_intent_id: present.payment_intent_id ?? payment.payment_intent_id,
    captured_cents: Math.max(payment.captured_cents, present.captured_cents),
    card_brand: present.card?.brand ?? payment.card_brand,
    card_last4: present.card?.last4 ?? payment.card_last4,
    failure_code: present.failure?.code ?? null,
    failure_message: present.failure?.message ?? null,
    state: stateOf(payment, present),
  });
  const { payment_intent_id, person_id, captured_cents } = payment;
  if (captured_cents === 0 || !payment_intent_id) return payment;

  if (payment.credited_cents !== captured_cents) {
    mustBeTaken(await ledger.credit(payment_intent_id, person_id, captured_cents), 'credit');
    await change({
      credited_cents: captured_cents,
      state: stateOf({ ...payment, credited_cents: captured_cents }, present),
    });
  }
  if (!payment.order_id || !payment.medusa_payment_id) await change(await order.ensure(payment, present));

  for (const dispute of present.disputes) {
    const told = (await store.disputes(payment_id)).find((one) => one.id === dispute.id)?.told;
    if (dispute.status === 'inquiry' || told === dispute.status) continue;
    const { id, amount_cents } = dispute;
    if (told === undefined) {
      const opened = { person_id, payment_id: payment_intent_id, amount_cents };
      mustBeTaken(await ledger.openDispute(id, opened), 'dispute');
      await store.keepDispute({ id, payment_id, amount_cents, told: 'open' });
    }
    if (dispute.status === 'open') continue;
    const won = dispute.status === 'won';
    mustBeTaken(await ledger.closeDispute(id, { person_id, amount_cents, won }), 'end of a dispute');
    await store.keepDispute({ id, payment_id, amount_cents, told: dispute.status });
  }

  await refunds(present.refunds);
  const all = await store.refunds(payment_id);
  const refunded_cents = all
    .filter((one) => (one.state === 'posted' || one.state === 'booked') && !one.failed_late)
    .reduce((sum, one) => sum + one.amount_cents, 0);
  const disputed_cents = (await store.disputes(payment_id))
    .filter((one) => one.told !== 'won')
    .reduce((sum, one) => sum + one.amount_cents, 0);
  await change({
    refunded_cents,
    disputed_cents,
    state: stateOf({ ...payment, refunded_cents, disputed_cents }, present),
  });
  return payment;

  async function refunds(atStripe: StripeRefund[]): Promise<void> {
    const known = await store.refunds(payment_id);
    for (const refund of atStripe) {
      const ours = known.some((one) => one.stripe_refund_id === refund.id || one.id === refund.key);
      // Made in Stripe's dashboard; one that failed there took nothing.
      if (!ours && refund.status !== 'failed')
        await store.addRefund({
          id: refund.id,
          payment_id,
          amount_cents: refund.amount_cents,
          state: 'sent',
          stripe_refund_id: refund.id,
        });
    }
    for (const refund of await store.refunds(payment_id)) await advance(refund, atStripe);
  }

  async function advance(refund: Refund, atStripe: StripeRefund[]): Promise<void> {
    const { id, amount_cents } = refund;
    const of = { person_id, payment_id: payment_intent_id as string, amount_cents };
    let { state } = refund;
    const to = async (next: Refund['state'], fields: Parameters<Store['changeRefund']>[1] = {}) => {
      await store.changeRefund(id, { state: next, ...fields });
      state = next;
    };
    let made = atStripe.find((one) => one.id === refund.stripe_refund_id || one.key === id);

    if (state === 'wanted') {
      const reserved = await ledger.reserveRefund(id, {
        ...of,
        ends_at_ms: refund.created_at.getTime() + RESERVE_MS,
      });
      if (!reserved.ok) {
        const refundable_cents = reserved.figures.refundable_cents ?? null;
        return to('refused', { refused_code: reserved.code, refundable_cents });
      }
      await to('reserved');
    }
    if (state === 'reserved') {
      if (!made) {
        try {
          made = await gateway.refund(of.payment_id, id, amount_cents);
        } catch (error) {
          if (!isRefusal(error)) throw error;
          mustBeTaken(await ledger.releaseRefund(id), 'release of a refund');
          return to('refused', { refused_code: 'refused_by_stripe', refused_detail: error.message });
        }
      }
      await to('sent', { stripe_refund_id: made.id });
    }
    if (state === 'sent' && made) {
      if (made.status === 'pending') return;
      if (made.status === 'failed') {
        // One of the dashboard's was reserved by nobody.
        if (id !== made.id) mustBeTaken(await ledger.releaseRefund(id), 'release of a refund');
        return to('refused', {
          refused_code: 'failed_at_stripe',
          refused_detail: 'The bank could not take it.',
        });
      }
      mustBeTaken(await ledger.postRefund(id, of), 'refund');
      await to('posted');
    }
    const { medusa_payment_id } = payment;
    const stripe_refund_id = refund.stripe_refund_id ?? made?.id ?? id;
    const failed = made?.status === 'failed';
    if (state === 'posted' && medusa_payment_id && !failed) {
      await order.bookRefund(medusa_payment_id, {
        stripe_refund_id,
        amount_cents,
        note: refund.note,
        reason_id: refund.reason_id,
        created_by: refund.created_by,
      });
      await to('booked');
    }
    if ((state === 'posted' || state === 'booked') && failed && !refund.failed_late) {
      mustBeTaken(await ledger.failRefund(id, of), 'refund that failed');
      if (state === 'booked' && medusa_payment_id)
        await order.unbookRefund(medusa_payment_id, stripe_refund_id);
      await store.changeRefund(id, { failed_late: true });
    }
  }
}

function mustBeTaken(written: Written, what: string): void {
  if (!written.ok) throw new Unsettled(`The ledger refused a ${what}: ${written.code}`);
}

function stateOf(
  payment: Pick<Payment, 'captured_cents' | 'credited_cents' | 'refunded_cents' | 'disputed_cents'>,
  present: Present,
): PaymentStateName {
  const captured_cents = Math.max(payment.captured_cents, present.captured_cents);
  if (captured_cents > 0) {
    if (payment.credited_cents < captured_cents) return 'paid';
    if (payment.disputed_cents > 0) return 'disputed';
    return payment.refunded_cents >= captured_cents ? 'refunded' : 'credited';
  }
  switch (present.status) {
    case 'open':
      return 'open';
    case 'processing':
    case 'capturable':
      return 'processing';
    case 'declined':
      return 'failed';
    case 'captured':
    case 'over':
      return 'expired';
  }
}
