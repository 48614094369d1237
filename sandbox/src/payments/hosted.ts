/** The hosted Checkout page and the bank's challenge, as a person sees them: plain HTML that needs no JavaScript. */

import type { IncomingMessage } from 'node:http';
import { SHOWN_CARDS, TEST_CARDS, type TestCard } from './cards.ts';
import { type ChallengeOutcome, findChallenge, finishChallenge } from './challenges.ts';
import { type PageInput, savedCards, submitSession, successUrl } from './checkout.ts';
import { formatMoney } from './money.ts';
import { type Answer, alert, escapeHtml, frame, notice, readForm } from './pages.ts';
import type { CheckoutSession, LineItem, PaymentMethod } from './types.ts';
import { find, type Work } from './work.ts';

const SESSION_PATH = /^\/c\/pay\/(cs_test_[A-Za-z0-9]+)$/;
const CHALLENGE_PATH = /^\/challenge\/((?:pi|seti)_[A-Za-z0-9]+)$/;

/** The fields of the form, as they were typed. */
type Typed = Record<string, string>;
/** What is wrong with which field. */
type Wrong = Partial<Record<'card_number' | 'cvc' | 'email' | 'expiry' | 'name' | 'page', string>>;

/** Answers a page of these, or nothing when the path is none; `run` gives one transaction. */
export async function hostedPage(
  request: IncomingMessage,
  run: <Result>(work: (work: Work) => Promise<Result>) => Promise<Result>,
): Promise<Answer | undefined> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const session = SESSION_PATH.exec(url.pathname)?.[1];
  const intent = CHALLENGE_PATH.exec(url.pathname)?.[1];
  if (!session && !intent) return undefined;
  const posted = request.method === 'POST';
  const form = posted ? await readForm(request) : {};
  if (!form) return notice(400, 'That form can’t be read', 'Go back and try again.');

  if (session) return run((work) => (posted ? submit(work, session, form) : show(work, session, form, {})));
  return run((work) => {
    const token = (posted ? form.token : url.searchParams.get('token')) ?? '';
    return posted
      ? decide(work, intent ?? '', token, form.outcome === 'pass')
      : challenge(work, intent ?? '', token);
  });
}

async function show(work: Work, id: string, typed: Typed, wrong: Wrong): Promise<Answer> {
  const session = await find(work, 'session', id);
  if (!session) return notice(404, 'Nothing to pay here', 'This address leads to no payment.');
  const { body, hidden } = session;
  const back = body.cancel_url ? { to: body.cancel_url, says: 'Back to SoulSeer' } : undefined;
  if (body.status === 'complete') {
    return notice(200, 'That is done', 'Nothing more is to be paid here.', {
      to: successUrl(body),
      says: 'Back to SoulSeer',
    });
  }
  if (body.status !== 'open' || body.expires_at <= work.now) {
    return notice(410, 'This payment has expired', 'Nothing was charged. Go back and start again.', back);
  }
  return {
    status: Object.keys(wrong).length > 0 ? 422 : 200,
    formTargets: originsOf(body.success_url),
    html: page(body, {
      items: hidden.line_items,
      saved: await savedCards(work, body),
      keeps: hidden.payment_intent_data.setup_future_usage !== undefined,
      typed,
      wrong: Object.keys(wrong).length > 0 ? wrong : await lastTime(work, body),
    }),
  };
}

/** Why the try before did not work, for who comes back from the bank. */
async function lastTime(work: Work, { payment_intent, setup_intent }: CheckoutSession): Promise<Wrong> {
  const payment = payment_intent ? await find(work, 'payment_intent', payment_intent) : undefined;
  const setup = setup_intent ? await find(work, 'setup_intent', setup_intent) : undefined;
  const error = payment?.body.last_payment_error ?? setup?.body.last_setup_error;
  return error ? { page: error.message } : {};
}

function originsOf(...urls: (string | null | undefined)[]): string[] {
  return [...new Set(urls.flatMap((url) => URL.parse(url ?? '')?.origin ?? []))];
}

async function submit(work: Work, id: string, typed: Typed): Promise<Answer> {
  const session = await find(work, 'session', id);
  if (session?.body.status !== 'open') return show(work, id, typed, {});
  const read = readInput(typed, session.body);
  if ('wrong' in read) return show(work, id, typed, read.wrong);

  const outcome = await submitSession(work, id, read.input);
  if ('done' in outcome) return { to: outcome.done };
  if ('challenge' in outcome) return { to: outcome.challenge };
  if ('over' in outcome) return show(work, id, typed, {});
  const { code, message } = outcome.declined;
  return show(work, id, typed, { [FIELDS[code] ?? 'page']: message });
}

/** Which field a refusal belongs to; the others are said above the form. */
const FIELDS: Record<string, keyof Wrong> = {
  incorrect_number: 'card_number',
  invalid_expiry_month: 'expiry',
  invalid_expiry_year: 'expiry',
  invalid_cvc: 'cvc',
};

function readInput(typed: Typed, session: CheckoutSession): { input: PageInput } | { wrong: Wrong } {
  const wrong: Wrong = {};
  const text = (name: string) => (typed[name] ?? '').trim().slice(0, 200);
  const email = text('email');
  if (!session.customer_details?.email && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)) {
    wrong.email = 'Please give an email address.';
  }
  const chosen = text('card');
  const input = {
    email: email || null,
    name: text('name') || null,
    save: typed.save === 'yes',
  };
  if (chosen !== '' && chosen !== 'new') {
    return Object.keys(wrong).length > 0 ? { wrong } : { input: { ...input, card: { saved: chosen } } };
  }
  const expiry = /^(\d{1,2})\s*\/?\s*(\d{2}|\d{4})$/.exec(text('expiry'));
  if (!text('card_number')) wrong.card_number = 'Please give a card number.';
  if (!expiry) wrong.expiry = 'Please give month and year, such as 12 / 34.';
  if (!text('cvc')) wrong.cvc = 'Please give the security code.';
  if (!input.name) wrong.name = 'Please give the name on the card.';
  if (!expiry || Object.keys(wrong).length > 0) return { wrong };
  const [, month = '', year = ''] = expiry;
  const card = {
    number: text('card_number'),
    exp_month: Number(month),
    exp_year: Number(year),
    cvc: text('cvc'),
  };
  return { input: { ...input, card } };
}

function page(
  session: CheckoutSession,
  {
    items,
    saved,
    keeps,
    typed,
    wrong,
  }: { items: LineItem[]; saved: PaymentMethod[]; keeps: boolean; typed: Typed; wrong: Wrong },
): string {
  const setup = session.mode === 'setup';
  const manyItems = items.length > 1 || (items[0]?.quantity ?? 1) > 1;
  const total = formatMoney(session.amount_total ?? 0, session.currency ?? 'usd');
  const title = setup ? 'Save a card' : `Pay ${total}`;
  const known = session.customer_details?.email;
  const chosen = typed.card ?? saved[0]?.id ?? 'new';
  const asksToSave = session.saved_payment_method_options?.payment_method_save === 'enabled';
  const summary = setup
    ? `<h1>Save a card</h1><p>SoulSeer keeps it for payments that you allow. Nothing is charged now.</p>`
    : `<h1>Pay SoulSeer</h1><p class="amount">${escapeHtml(total)}</p>
      <ul class="items">${items.map(lineOf).join('')}
      ${manyItems ? `<li><strong>Total</strong> <strong>${escapeHtml(total)}</strong></li>` : ''}</ul>`;

  return frame(
    title,
    `<div class="pay"><section aria-label="Summary">${summary}
    ${
      session.cancel_url
        ? `<p><a href="${escapeHtml(session.cancel_url)}">Cancel and go back to SoulSeer</a></p>`
        : ''
    }
    </section>
    <section aria-label="Card"><form method="post" novalidate>
      ${wrong.page ? alert(wrong.page) : ''}
      ${
        known
          ? `<p>Email <br><strong>${escapeHtml(known)}</strong></p>`
          : field('email', 'Email', 'type="email" autocomplete="email"', typed, wrong)
      }
      ${saved.length > 0 ? savedChoices(saved, chosen) : ''}
      <fieldset><legend>${saved.length > 0 ? 'Another card' : 'Card'}</legend>
      ${field('card_number', 'Card number', 'inputmode="numeric" autocomplete="cc-number" placeholder="4242 4242 4242 4242"', typed, wrong)}
      <div class="two">
      ${field('expiry', 'Expires (month / year)', 'inputmode="numeric" autocomplete="cc-exp" placeholder="12 / 34"', typed, wrong)}
      ${field('cvc', 'Security code', 'inputmode="numeric" autocomplete="cc-csc" placeholder="123"', {}, wrong)}
      </div>
      ${field('name', 'Name on the card', 'autocomplete="cc-name"', typed, wrong)}
      </fieldset>
      ${asksToSave ? `<label class="choice"><input type="checkbox" name="save" value="yes"${typed.save === 'yes' ? ' checked' : ''}> Save this card for later payments to SoulSeer</label>` : ''}
      ${keeps || setup ? '<p class="quiet">By going on you allow SoulSeer to charge this card for later payments that you agree to.</p>' : ''}
      ${session.custom_text.submit ? `<p class="quiet">${escapeHtml(session.custom_text.submit.message)}</p>` : ''}
      <button class="main whole">${setup ? 'Save card' : `Pay ${escapeHtml(total)}`}</button>
    </form></section>
    <section class="cards" aria-label="Cards to try">${cardList()}</section></div>`,
  );
}

function lineOf({ description, quantity, amount_total, currency }: LineItem): string {
  const name = `${description ?? ''}${(quantity ?? 1) > 1 ? ` × ${quantity}` : ''}`;
  return `<li><span>${escapeHtml(name)}</span> <span>${escapeHtml(formatMoney(amount_total, currency))}</span></li>`;
}

function savedChoices(saved: PaymentMethod[], chosen: string): string {
  const choice = (value: string, label: string) =>
    `<label class="choice"><input type="radio" name="card" value="${escapeHtml(value)}"${value === chosen ? ' checked' : ''}> ${label}</label>`;
  return `<fieldset><legend>Pay with</legend>
    ${saved
      .map(({ id, card }) =>
        choice(
          id,
          `${escapeHtml(card?.brand ?? 'card')} ending in ${escapeHtml(card?.last4 ?? '')}, expires ${card?.exp_month ?? ''}/${card?.exp_year ?? ''}`,
        ),
      )
      .join('')}
    ${choice('new', 'Another card')}</fieldset>`;
}

function field(name: keyof Wrong, label: string, attributes: string, typed: Typed, wrong: Wrong): string {
  const problem = wrong[name];
  return `<div><label>${label}
    <input name="${name}" ${attributes} value="${escapeHtml(typed[name] ?? '')}"${
      problem ? ` aria-invalid="true" aria-describedby="${name}-wrong"` : ''
    }></label>${problem ? `<span class="wrong" id="${name}-wrong" role="alert">${escapeHtml(problem)}</span>` : ''}</div>`;
}

function cardList(): string {
  const rows = (cards: readonly TestCard[]) =>
    `<table><thead><tr><th scope="col">Number</th><th scope="col">What it does</th></tr></thead><tbody>${cards
      .map(
        ({ number, does }) =>
          `<tr><td><code>${number.replace(/(\d{4})(?=\d)/g, '$1 ')}</code></td><td>${escapeHtml(does)}</td></tr>`,
      )
      .join('')}</tbody></table>`;
  return `<details open><summary>Cards to try</summary>
    <p class="quiet">Any date to come, any three digits.</p>
    ${rows(TEST_CARDS.slice(0, SHOWN_CARDS))}
    <details><summary>More cards</summary>${rows(TEST_CARDS.slice(SHOWN_CARDS))}</details></details>`;
}

async function challenge(work: Work, id: string, token: string): Promise<Answer> {
  const found = await findChallenge(work, id, token);
  if (!found) return challengeOver();
  const { intent, last4 } = found;
  const session = found.session ? await find(work, 'session', found.session) : undefined;
  const returnUrl = intent.next_action?.redirect_to_url?.return_url;
  const what =
    intent.object === 'payment_intent'
      ? `a payment of ${formatMoney(intent.amount, intent.currency)} to SoulSeer`
      : 'keeping your card with SoulSeer';
  return {
    status: 200,
    formTargets: originsOf(session?.body.success_url, returnUrl),
    html: frame(
      'Confirm with your bank',
      `<h1>Confirm with your bank</h1>
      <p>This stands in for the 3-D Secure page of the bank. It asks whether you allow ${escapeHtml(what)}, with the card ending in ${escapeHtml(last4)}.</p>
      <form method="post" class="row"><input type="hidden" name="token" value="${escapeHtml(token)}">
        <button class="main" name="outcome" value="pass">Yes, that is me</button>
        <button name="outcome" value="fail">No, refuse it</button></form>`,
    ),
  };
}

function challengeOver(): Answer {
  return notice(
    410,
    'This question is answered',
    'The bank asks nothing here any more. Go back to SoulSeer.',
  );
}

async function decide(work: Work, id: string, token: string, passed: boolean): Promise<Answer> {
  const found = await findChallenge(work, id, token);
  const outcome: ChallengeOutcome = await finishChallenge(work, id, token, passed);
  if ('done' in outcome) return { to: outcome.done };
  if ('challenge' in outcome) return { to: outcome.challenge };
  if ('declined' in outcome) return { to: `/c/pay/${found?.session ?? ''}` };
  if ('over' in outcome) return challengeOver();
  return outcome.back
    ? { to: outcome.back }
    : notice(200, 'Thank you', 'The bank has your answer. You can close this page.');
}
