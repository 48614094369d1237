/** The dashboard: what people do at Stripe's side. Payments, refunds, disputes, and what becomes of events. */

import type { IncomingMessage } from 'node:http';
import {
  fromOutside,
  heldInOrder,
  ORDERS,
  type Order,
  readSwitches,
  resend,
  setSwitches,
} from './control.ts';
import type { Deliverer } from './deliveries.ts';
import { decideDispute, openDispute, REASONS } from './disputes.ts';
import { ApiError, badParameter } from './errors.ts';
import { formatMoney, parseMoney } from './money.ts';
import { type Answer, alert, escapeHtml, frame, notice, readForm } from './pages.ts';
import { createRefund, failRefund } from './refunds.ts';
import type { Charge, PaymentIntent } from './types.ts';
import { findBy, get, type Work } from './work.ts';

const SHOWN = 50;

type Run = <Result>(work: (work: Work) => Promise<Result>) => Promise<Result>;
type Form = Record<string, string>;

/** Answers a page of the dashboard, or nothing when the path is none. */
export async function dashboardPage(
  request: IncomingMessage,
  run: Run,
  deliverer: Pick<Deliverer, 'release'>,
): Promise<Answer | undefined> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (path === '/') return { to: '/dashboard' };
  if (path !== '/dashboard' && !path.startsWith('/dashboard/')) return undefined;
  if (request.method === 'GET' || request.method === 'HEAD') return run((work) => show(work, path));
  if (request.method !== 'POST') return notice(405, 'Not here', 'That is not how this page works.');

  const form = await readForm(request);
  if (!form) return notice(400, 'That form can’t be read', 'Go back and try again.');
  // Sending may take a while: no transaction waits for it.
  if (path === '/dashboard/release') {
    const order: Order = ORDERS.find((one) => one === form.order) ?? 'as_made';
    const ids = await run((work) => heldInOrder(work, order, Date.now() % 2 ** 31));
    await deliverer.release(ids);
    return { to: '/dashboard#events' };
  }
  try {
    return await run((work) => act(fromOutside(work), path, form));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const page = form.payment ? `/dashboard/payments/${form.payment}` : '/dashboard';
    const shown = await run((work) => show(work, page, error.message));
    return 'to' in shown ? shown : { ...shown, status: 422 };
  }
}

async function act(work: Work, path: string, form: Form): Promise<Answer> {
  const [, , kind = '', id = '', what = ''] = path.split('/');
  const back = {
    to: form.payment ? `/dashboard/payments/${encodeURIComponent(form.payment)}` : '/dashboard#events',
  };
  switch (`${kind}/${what}`) {
    case 'payments/refund': {
      await createRefund(work, {
        payment_intent: id,
        amount: await amountIn(work, id, form),
        reason: 'requested_by_customer',
      });
      return { to: `/dashboard/payments/${id}` };
    }
    case 'payments/dispute': {
      const reason = REASONS.find((one) => one === form.reason) ?? 'fraudulent';
      const inquiry = form.inquiry === 'yes';
      await openDispute(work, {
        payment_intent: id,
        amount: await amountIn(work, id, form),
        reason,
        inquiry,
      });
      return { to: `/dashboard/payments/${id}` };
    }
    case 'disputes/decide':
      await decideDispute(work, id, form.outcome === 'won' ? 'won' : 'lost');
      return back;
    case 'refunds/fail':
      await failRefund(work, id, 'expired_or_canceled_card');
      return back;
    case 'events/resend':
      await resend(work, id, { times: form.times === '2' ? 2 : 1 });
      return back;
    case 'switches/': {
      const delay = Number(form.delay_seconds || 0);
      const copies = Number(form.copies || 1);
      if (!(delay >= 0 && delay <= 3_600)) throw badParameter('The delay must be from 0 to 3600 seconds.');
      if (![1, 2, 3].includes(copies)) throw badParameter('Events can be sent once, twice or three times.');
      await setSwitches(work, { hold: form.hold === 'yes', delay_ms: Math.round(delay * 1_000), copies });
      return back;
    }
    default:
      return notice(404, 'Nothing here', 'This address leads nowhere.');
  }
}

/** What was typed as an amount of this payment's currency; nothing stands for all of it. */
async function amountIn(work: Work, id: string, form: Form): Promise<number | undefined> {
  if (!form.amount?.trim()) return undefined;
  const { body } = await get(work, 'payment_intent', id);
  const amount = parseMoney(form.amount, body.currency);
  if (!amount) throw badParameter(`“${form.amount.slice(0, 40)}” is no amount. Give it like 12.50.`);
  return amount;
}

async function show(work: Work, path: string, problem?: string): Promise<Answer> {
  const id = /^\/dashboard\/payments\/(pi_[A-Za-z0-9]+)$/.exec(path)?.[1];
  if (id) return showPayment(work, id, problem);
  if (path !== '/dashboard') return notice(404, 'Nothing here', 'This address leads nowhere.', home);
  return showAll(work, problem);
}

const home = { to: '/dashboard', says: 'To the dashboard' };

interface PaymentRow {
  body: PaymentIntent;
  charge: Charge | null;
}

async function showAll(work: Work, problem?: string): Promise<Answer> {
  const { rows: payments } = await work.db.query<PaymentRow>(
    `SELECT intent.body, charge.body AS charge FROM payments.objects AS intent
     LEFT JOIN payments.objects AS charge ON charge.id = intent.body ->> 'latest_charge'
     WHERE intent.kind = 'payment_intent' ORDER BY intent.seq DESC LIMIT $1`,
    [SHOWN],
  );
  const { rows: events } = await work.db.query<EventRow>(
    `SELECT event.id, type, event.created::int, count(delivery.id)::int AS total,
       count(*) FILTER (WHERE delivered_at IS NOT NULL)::int AS delivered,
       count(*) FILTER (WHERE held AND delivered_at IS NULL)::int AS held,
       coalesce(sum(attempts), 0)::int AS attempts, max(last_error) AS error
     FROM (SELECT * FROM payments.events ORDER BY seq DESC LIMIT $1) AS event
     LEFT JOIN payments.deliveries AS delivery ON delivery.event_id = event.id
     GROUP BY event.id, type, event.created, event.seq ORDER BY event.seq DESC`,
    [SHOWN],
  );
  const { rows: counts } = await work.db.query<{ held: number }>(
    'SELECT count(*)::int AS held FROM payments.deliveries WHERE held AND delivered_at IS NULL',
  );
  const switches = await readSwitches(work);
  const held = counts[0]?.held ?? 0;
  return {
    status: 200,
    html: frame(
      'Payments',
      `<h1>Payments</h1>
      ${problem ? alert(problem) : ''}
      ${
        payments.length > 0
          ? `<div class="scroll" role="region" aria-label="Payments" tabindex="0"><table><thead><tr><th scope="col">Payment</th><th scope="col">Made</th><th scope="col">State</th><th scope="col" class="number">Amount</th><th scope="col" class="number">Refunded</th></tr></thead>
        <tbody>${payments.map(paymentRow).join('')}</tbody></table></div>`
          : '<p>There are no payments yet.</p>'
      }
      <h2 id="events">Events</h2>
      <form method="post" action="/dashboard/switches" class="row">
        <label class="choice"><input type="checkbox" name="hold" value="yes"${switches.hold ? ' checked' : ''}> Hold new events</label>
        <label>Delay, in seconds <input name="delay_seconds" type="number" min="0" max="3600" value="${switches.delay_ms / 1_000}"></label>
        <label>Send each <select name="copies">${[1, 2, 3]
          .map(
            (times) =>
              `<option value="${times}"${times === switches.copies ? ' selected' : ''}>${['once', 'twice', 'three times'][times - 1]}</option>`,
          )
          .join('')}</select></label>
        <button>Set</button>
      </form>
      <form method="post" action="/dashboard/release" class="row">
        <p class="label">${held === 1 ? '1 delivery is held.' : `${held} deliveries are held.`}</p>
        <button name="order" value="as_made">Send as made</button>
        <button name="order" value="reversed">Send reversed</button>
        <button name="order" value="shuffled">Send shuffled</button>
      </form>
      ${
        events.length > 0
          ? `<div class="scroll" role="region" aria-label="Events" tabindex="0"><table><thead><tr><th scope="col">Event</th><th scope="col">Made</th><th scope="col">Delivery</th><th scope="col">Again</th></tr></thead>
        <tbody>${events.map(eventRow).join('')}</tbody></table></div>`
          : '<p>There are no events yet.</p>'
      }`,
      true,
    ),
  };
}

function paymentRow({ body, charge }: PaymentRow): string {
  const refunded = charge?.paid ? charge.amount_refunded : 0;
  return `<tr><td><a href="/dashboard/payments/${body.id}"><code>${body.id}</code></a>${body.description ? `<br>${escapeHtml(body.description)}` : ''}</td>
    <td>${time(body.created)}</td><td>${stateOf(body, charge)}</td>
    <td class="number">${money(body.amount, body.currency)}</td>
    <td class="number">${refunded > 0 ? money(refunded, body.currency) : '–'}</td></tr>`;
}

const STATES: Record<string, string> = {
  requires_payment_method: 'waits for a card',
  requires_confirmation: 'waits to be confirmed',
  requires_action: 'waits for the bank’s challenge',
  requires_capture: 'held, not captured',
  canceled: 'cancelled',
  succeeded: 'paid',
};

function stateOf(intent: PaymentIntent, charge: Charge | null): string {
  const state =
    charge?.refunded && intent.status === 'succeeded' ? 'refunded' : (STATES[intent.status] ?? intent.status);
  const error = intent.last_payment_error ? `: ${intent.last_payment_error.message}` : '';
  return escapeHtml(`${state}${charge?.disputed ? ', disputed' : ''}${error}`);
}

interface EventRow {
  id: string;
  type: string;
  created: number;
  total: number;
  delivered: number;
  held: number;
  attempts: number;
  error: string | null;
}

function eventRow({ id, type, created, total, delivered, held, attempts, error }: EventRow): string {
  const state =
    total === 0
      ? 'nobody wants it'
      : `${delivered} of ${total} delivered, ${attempts} ${attempts === 1 ? 'try' : 'tries'}`;
  return `<tr><td>${escapeHtml(type)}<br><code>${id}</code></td><td>${time(created)}</td>
    <td>${state}${held > 0 ? `, ${held} held` : ''}${error && delivered < total ? `<br><span class="quiet">${escapeHtml(error)}</span>` : ''}</td>
    <td><form method="post" action="/dashboard/events/${id}/resend" class="row">
      <button name="times" value="1" aria-label="Resend ${escapeHtml(type)}">Resend</button>
      <button name="times" value="2" aria-label="Resend ${escapeHtml(type)} twice">Twice</button></form></td></tr>`;
}

function time(seconds: number): string {
  const iso = new Date(seconds * 1_000).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')}</time>`;
}

function money(amount: number, currency: string): string {
  return escapeHtml(formatMoney(amount, currency));
}

async function showPayment(work: Work, id: string, problem?: string): Promise<Answer> {
  const { rows } = await work.db.query<PaymentRow>(
    `SELECT intent.body, charge.body AS charge FROM payments.objects AS intent
     LEFT JOIN payments.objects AS charge ON charge.id = intent.body ->> 'latest_charge'
     WHERE intent.id = $1 AND intent.kind = 'payment_intent'`,
    [id],
  );
  const [found] = rows;
  if (!found) return notice(404, 'No such payment', 'This address leads to no payment.', home);
  const { body, charge } = found;
  const refunds = (await findBy(work, 'refund', 'payment_intent', id)).map((one) => one.body);
  const disputes = (await findBy(work, 'dispute', 'payment_intent', id)).map((one) => one.body);
  const left = charge?.captured ? charge.amount - charge.amount_refunded : 0;
  const payment = `<input type="hidden" name="payment" value="${id}">`;
  const whole = `Amount, empty for all of ${money(left, body.currency)}`;

  return {
    status: 200,
    html: frame(
      'Payment',
      `<p><a href="/dashboard">All payments</a></p>
      <h1>Payment of ${money(body.amount, body.currency)}</h1>
      ${problem ? alert(problem) : ''}
      <dl><dt>Payment</dt><dd><code>${id}</code></dd>
        <dt>State</dt><dd>${stateOf(body, charge)}</dd>
        <dt>Made</dt><dd>${time(body.created)}</dd>
        <dt>Captured</dt><dd>${money(body.amount_received, body.currency)}</dd>
        <dt>Customer</dt><dd>${body.customer ? `<code>${body.customer}</code>` : '–'}</dd>
        <dt>Card</dt><dd>${escapeHtml(charge?.payment_method_details?.card?.brand ?? '–')} ${escapeHtml(charge?.payment_method_details?.card?.last4 ?? '')}</dd>
        ${Object.entries(body.metadata)
          .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`)
          .join('')}</dl>
      <h2>Refunds</h2>
      ${
        refunds.length > 0
          ? `<ul class="items">${refunds
              .map(
                (refund) =>
                  `<li><span>${money(refund.amount, refund.currency)}, ${escapeHtml(refund.status ?? '')}${refund.failure_reason ? ` (${escapeHtml(refund.failure_reason)})` : ''}<br><code>${refund.id}</code></span>${
                    charge?.captured && (refund.status === 'succeeded' || refund.status === 'pending')
                      ? `<form method="post" action="/dashboard/refunds/${refund.id}/fail">${payment}<button>Let it fail</button></form>`
                      : ''
                  }</li>`,
              )
              .join('')}</ul>`
          : '<p>Nothing was refunded.</p>'
      }
      ${
        left > 0
          ? `<form method="post" action="/dashboard/payments/${id}/refund" class="row">${payment}
        <label>${whole} <input name="amount" inputmode="decimal" autocomplete="off"></label><button class="main">Refund</button></form>`
          : ''
      }
      <h2>Dispute</h2>
      ${disputes
        .map(
          (
            dispute,
          ) => `<p>${money(dispute.amount, dispute.currency)}, ${escapeHtml(dispute.reason)}: <strong>${escapeHtml(dispute.status)}</strong> <code>${dispute.id}</code></p>
        ${
          ['won', 'lost', 'warning_closed'].includes(dispute.status)
            ? ''
            : `<form method="post" action="/dashboard/disputes/${dispute.id}/decide" class="row">${payment}
          <button name="outcome" value="won">We win</button><button name="outcome" value="lost">We lose</button></form>`
        }`,
        )
        .join('')}
      ${
        left > 0 && disputes.length === 0
          ? `<form method="post" action="/dashboard/payments/${id}/dispute" class="row">${payment}
        <label>${whole} <input name="amount" inputmode="decimal" autocomplete="off"></label>
        <label>Reason <select name="reason">${REASONS.map((reason) => `<option>${reason}</option>`).join('')}</select></label>
        <label class="choice"><input type="checkbox" name="inquiry" value="yes"> Inquiry only</label>
        <button>Open a dispute</button></form>`
          : disputes.length === 0
            ? '<p>There is nothing to dispute.</p>'
            : ''
      }`,
      true,
    ),
  };
}
