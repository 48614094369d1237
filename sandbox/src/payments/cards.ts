/**
 * The bank: Stripe's test cards and what each of them does. https://docs.stripe.com/testing
 * Their numbers are public and open no account.
 */

import { createHash } from 'node:crypto';
import { docUrl } from './errors.ts';
import type { PaymentError } from './types.ts';

export interface Decline {
  code: string;
  decline_code?: string;
  message: string;
}

export interface TestCard {
  number: string;
  brand: 'amex' | 'discover' | 'mastercard' | 'visa';
  funding: 'credit' | 'debit';
  /** What it does, for the people who look at the list on the pages. */
  does: string;
  /** `pm_card_…` and `tok_…` that stand for it in the API. */
  names: string[];
  /** Refused when charged. */
  decline?: Decline;
  /** Refused only then: it can be saved without anybody noticing. */
  attaches?: true;
  /** The bank wants to see the person: at every payment, or only until it was set up for payments without them. */
  challenge?: 'always' | 'unless_set_up';
  /** Disputed by itself, soon after the payment. */
  dispute?: { reason: string; inquiry?: true };
  /** What becomes of refunds, soon after they were made. */
  refunds?: 'fail' | 'pend';
}

const declined = (decline_code: string, message = 'Your card was declined.'): Decline => ({
  code: 'card_declined',
  decline_code,
  message,
});

const visa = { brand: 'visa', funding: 'credit' } as const;

/** Those that the pages show come first. */
export const TEST_CARDS: readonly TestCard[] = [
  {
    ...visa,
    number: '4242424242424242',
    does: 'Succeeds',
    names: ['pm_card_visa', 'tok_visa'],
  },
  {
    ...visa,
    number: '4000000000000002',
    does: 'Is declined',
    names: ['pm_card_visa_chargeDeclined', 'pm_card_chargeDeclined', 'tok_chargeDeclined'],
    decline: declined('generic_decline'),
  },
  {
    ...visa,
    number: '4000000000009995',
    does: 'Has insufficient funds',
    names: [
      'pm_card_visa_chargeDeclinedInsufficientFunds',
      'pm_card_chargeDeclinedInsufficientFunds',
      'tok_chargeDeclinedInsufficientFunds',
    ],
    decline: declined('insufficient_funds', 'Your card has insufficient funds.'),
  },
  {
    ...visa,
    number: '4000002500003155',
    does: 'Asks for 3-D Secure until it has been saved for later',
    names: ['pm_card_authenticationRequiredOnSetup'],
    challenge: 'unless_set_up',
  },
  {
    ...visa,
    number: '4000000000003220',
    does: 'Asks for 3-D Secure every time',
    names: ['pm_card_threeDSecure2Required', 'tok_threeDSecure2Required'],
    challenge: 'always',
  },
  {
    ...visa,
    number: '4000000000000341',
    does: 'Can be saved, but is declined when charged',
    names: ['pm_card_chargeCustomerFail', 'tok_chargeCustomerFail'],
    attaches: true,
    decline: declined('generic_decline'),
  },
  {
    ...visa,
    number: '4000000000000259',
    does: 'Succeeds, and is disputed soon after',
    names: ['pm_card_createDispute', 'tok_createDispute'],
    dispute: { reason: 'fraudulent' },
  },
  {
    brand: 'mastercard',
    funding: 'credit',
    number: '5555555555554444',
    does: 'Succeeds (Mastercard)',
    names: ['pm_card_mastercard', 'tok_mastercard'],
  },
  {
    brand: 'amex',
    funding: 'credit',
    number: '378282246310005',
    does: 'Succeeds (American Express, CVC of 4 digits)',
    names: ['pm_card_amex', 'tok_amex'],
  },
  {
    brand: 'discover',
    funding: 'credit',
    number: '6011111111111117',
    does: 'Succeeds (Discover)',
    names: ['pm_card_discover', 'tok_discover'],
  },
  {
    brand: 'visa',
    funding: 'debit',
    number: '4000056655665556',
    does: 'Succeeds (Visa debit)',
    names: ['pm_card_visa_debit', 'tok_visa_debit'],
  },
  {
    ...visa,
    number: '4000002760003184',
    does: 'Asks for 3-D Secure every time, also when saved',
    names: ['pm_card_authenticationRequired'],
    challenge: 'always',
  },
  {
    ...visa,
    number: '4000008400001629',
    does: 'Asks for 3-D Secure, then is declined',
    names: ['pm_card_threeDSecureRequiredChargeDeclined'],
    challenge: 'always',
    decline: declined('generic_decline'),
    attaches: true,
  },
  {
    ...visa,
    number: '4000000000009987',
    does: 'Was lost',
    names: ['pm_card_visa_chargeDeclinedLostCard', 'tok_visa_chargeDeclinedLostCard'],
    decline: declined('lost_card'),
  },
  {
    ...visa,
    number: '4000000000009979',
    does: 'Was stolen',
    names: ['pm_card_visa_chargeDeclinedStolenCard', 'tok_visa_chargeDeclinedStolenCard'],
    decline: declined('stolen_card'),
  },
  {
    ...visa,
    number: '4000000000000069',
    does: 'Has expired',
    names: ['pm_card_chargeDeclinedExpiredCard', 'tok_chargeDeclinedExpiredCard'],
    decline: { code: 'expired_card', message: 'Your card has expired.' },
  },
  {
    ...visa,
    number: '4000000000000127',
    does: 'Has another security code',
    names: ['pm_card_chargeDeclinedIncorrectCvc', 'tok_chargeDeclinedIncorrectCvc'],
    decline: { code: 'incorrect_cvc', message: 'Your card’s security code is incorrect.' },
  },
  {
    ...visa,
    number: '4000000000000119',
    does: 'Meets an error at the bank',
    names: ['pm_card_chargeDeclinedProcessingError', 'tok_chargeDeclinedProcessingError'],
    decline: {
      code: 'processing_error',
      message: 'An error occurred while processing your card. Try again in a little bit.',
    },
  },
  {
    ...visa,
    number: '4100000000000019',
    does: 'Is blocked as fraud',
    names: ['pm_card_radarBlock', 'tok_radarBlock'],
    decline: declined('fraudulent'),
  },
  {
    ...visa,
    number: '4000000000002685',
    does: 'Succeeds, and is disputed: product not received',
    names: ['pm_card_createDisputeProductNotReceived', 'tok_createDisputeProductNotReceived'],
    dispute: { reason: 'product_not_received' },
  },
  {
    ...visa,
    number: '4000000000001976',
    does: 'Succeeds, and the bank inquires',
    names: ['pm_card_createDisputeInquiry', 'tok_createDisputeInquiry'],
    dispute: { reason: 'fraudulent', inquiry: true },
  },
  {
    ...visa,
    number: '4000000000007726',
    does: 'Succeeds; refunds of it take a while',
    names: ['pm_card_pendingRefund', 'tok_pendingRefund'],
    refunds: 'pend',
  },
  {
    ...visa,
    number: '4000000000005126',
    does: 'Succeeds; refunds of it fail after a while',
    names: ['pm_card_refundFail', 'tok_refundFail'],
    refunds: 'fail',
  },
];

/** How many of them the pages show at once. */
export const SHOWN_CARDS = 7;

const byNumber = new Map(TEST_CARDS.map((card) => [card.number, card]));
const byName = new Map(TEST_CARDS.flatMap((card) => card.names.map((name) => [name, card] as const)));

/** The card of a number that is kept here; it has been checked when it came. */
export function cardOf(number: string): TestCard {
  const card = byNumber.get(number);
  if (!card) throw new Error('a card is kept that no test card is');
  return card;
}

/** The card that a `pm_card_…` or `tok_…` stands for. */
export function cardNamed(name: string): TestCard | undefined {
  return byName.get(name);
}

export interface CardInput {
  /** Spaces may stand in it. */
  number: string;
  exp_month: number;
  /** Two digits or four. */
  exp_year: number;
  cvc?: string | undefined;
}

export type CheckedCard = { card: TestCard; exp_month: number; exp_year: number } | { refused: Decline };

/** Checks what somebody typed; `nowMs` is the time, in milliseconds. */
export function checkCard(input: CardInput, nowMs: number): CheckedCard {
  const number = input.number.replace(/[ -]/g, '');
  if (!/^\d{12,19}$/.test(number) || !passesLuhn(number)) {
    return { refused: { code: 'incorrect_number', message: 'Your card number is incorrect.' } };
  }
  const card = byNumber.get(number);
  if (!card) {
    return {
      refused: declined(
        'test_mode_live_card',
        'Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://stripe.com/docs/testing.',
      ),
    };
  }
  const { exp_month } = input;
  const exp_year = input.exp_year < 100 ? 2000 + input.exp_year : input.exp_year;
  const now = new Date(nowMs);
  if (!Number.isInteger(exp_month) || exp_month < 1 || exp_month > 12) {
    return {
      refused: { code: 'invalid_expiry_month', message: 'Your card’s expiration month is invalid.' },
    };
  }
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth() + 1];
  if (!Number.isInteger(exp_year) || exp_year < year || exp_year > year + 50) {
    return { refused: { code: 'invalid_expiry_year', message: 'Your card’s expiration year is invalid.' } };
  }
  if (exp_year === year && exp_month < month) {
    return {
      refused: { code: 'invalid_expiry_month', message: 'Your card’s expiration month is invalid.' },
    };
  }
  const digits = card.brand === 'amex' ? 4 : 3;
  if (input.cvc !== undefined && !new RegExp(`^\\d{${digits}}$`).test(input.cvc)) {
    return { refused: { code: 'invalid_cvc', message: 'Your card’s security code is invalid.' } };
  }
  return { card, exp_month, exp_year };
}

function passesLuhn(number: string): boolean {
  const digits = number.split('').reverse().map(Number);
  const sum = digits.reduce((total, digit, index) => {
    const weighed = index % 2 === 1 ? digit * 2 : digit;
    return total + (weighed > 9 ? weighed - 9 : weighed);
  }, 0);
  return sum % 10 === 0;
}

/** The same for the same number. */
export function fingerprintOf(number: string): string {
  return createHash('sha256')
    .update(`sandbox card ${number}`)
    .digest('base64url')
    .replace(/[-_]/g, '')
    .slice(0, 16);
}

export type BankAnswer = 'approved' | 'challenge' | { declined: Decline };

export interface BankQuestion {
  card: TestCard;
  setUp: boolean;
  /** The person is not there, so a challenge is a refusal. */
  offSession: boolean;
  /** The person has passed the challenge just now. */
  authenticated: boolean;
}

const AUTHENTICATION_REQUIRED: Decline = {
  code: 'authentication_required',
  decline_code: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
};

/** What the bank says to a charge. */
export function askForCharge({ card, setUp, offSession, authenticated }: BankQuestion): BankAnswer {
  const known = authenticated || (card.challenge === 'unless_set_up' && setUp);
  if (card.challenge && !known) return offSession ? { declined: AUTHENTICATION_REQUIRED } : 'challenge';
  return card.decline ? { declined: card.decline } : 'approved';
}

/** What the bank says to keeping a card for later. */
export function askForSetup({
  card,
  authenticated,
}: Pick<BankQuestion, 'card' | 'authenticated'>): BankAnswer {
  if (card.challenge && !authenticated) return 'challenge';
  return card.decline && !card.attaches ? { declined: card.decline } : 'approved';
}

export function toPaymentError(decline: Decline): PaymentError {
  return { type: 'card_error', ...decline, doc_url: docUrl(decline.code) };
}
