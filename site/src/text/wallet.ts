import type { WalletEntry } from 'realtime/contract';
import type { LimitName } from '../wallet/limits.ts';
import type { MovementKind } from '../wallet/movements.ts';
import type { Automatic, TopUp } from '../wallet/top-ups.ts';
import { money } from './words.ts';

// What the pages of a wallet say.

const brands: Record<string, string> = {
  amex: 'American Express',
  diners: 'Diners Club',
  discover: 'Discover',
  jcb: 'JCB',
  mastercard: 'Mastercard',
  unionpay: 'UnionPay',
  visa: 'Visa',
};

/** “Visa ending in 4242”. */
export const cardName = ({ brand, last4 }: { brand: string; last4: string }): string =>
  `${brands[brand.toLowerCase()] ?? 'Card'} ending in ${last4}`;

export interface TopUpWords {
  title: string;
  text: string;
  /** Not as it was meant to be. */
  wrong?: true;
}

/** How a top-up stands, told to whoever made it. `cancelled`: they came back from the payment page by themselves. */
export function topUpWords(topUp: TopUp, cancelled: boolean): TopUpWords {
  const { state, failure, amount_cents, credited_cents, refunded_cents, card } = topUp;
  const sum = money(amount_cents);
  const by = card ? ` by ${cardName(card)}` : '';
  switch (state) {
    case 'open':
      if (failure)
        return {
          title: 'That card wasn’t accepted',
          text: `${sentence(failure.message)} Nothing was charged. You can try again, or with another card.`,
          wrong: true,
        };
      return cancelled
        ? {
            title: 'You came back without paying',
            text: `Nothing was charged. ${sum} can still be added whenever you like.`,
          }
        : {
            title: `Add ${sum} to your wallet?`,
            text: 'You pay on the secure page of our payment service; your card’s number never comes to us. Until you pay there, nothing is charged.',
          };
    case 'processing':
      return {
        title: 'Your bank is thinking',
        text: `It hasn’t answered yet about ${sum}${by}. This page looks again by itself; you may also leave it.`,
      };
    case 'paid':
      return {
        title: 'Paid, and on its way',
        text: `${sum} has been paid${by} and will be in your wallet in a moment. You don’t need to do anything.`,
      };
    case 'credited': {
      const rest = amount_cents - credited_cents;
      const back = refunded_cents > 0 ? ` ${money(refunded_cents)} of it went back to your card.` : '';
      return {
        title: `${money(credited_cents)} is in your wallet`,
        text: `Paid${by}.${rest > 0 ? ` ${money(rest)} of ${sum} wasn’t charged.` : ''}${back} You can spend it on any reading.`,
      };
    }
    case 'refunded':
      return {
        title: 'Given back',
        text: `${sum} went back to your card${card ? `, ${cardName(card)}` : ''}.`,
      };
    case 'disputed':
      return {
        title: 'Your bank has taken this back',
        text: `The payment of ${sum} is disputed at your bank, so it isn’t in your wallet. Write to us if you didn’t mean that.`,
        wrong: true,
      };
    case 'expired':
      return {
        title: 'That payment wasn’t finished',
        text: 'The payment page has closed in the meantime. Nothing was charged; begin again whenever you like.',
      };
    case 'failed':
      return {
        title: 'That card wasn’t accepted',
        text: `${failure ? `${sentence(failure.message)} ` : ''}Nothing was charged. Try another card.`,
        wrong: true,
      };
  }
}

/** With a full stop, as banks' words come with or without one. */
const sentence = (words: string): string => (/[.!?]$/.test(words.trim()) ? words.trim() : `${words.trim()}.`);

/** Why a top-up could not be begun or charged. */
export function topUpTrouble(code: string, figures: Record<string, number> = {}): string {
  const { least_cents, most_cents } = figures;
  switch (code) {
    case 'amount_out_of_limits':
      return least_cents !== undefined && most_cents !== undefined
        ? `Choose an amount from ${money(least_cents)} to ${money(most_cents)}.`
        : 'That amount can’t be added at once.';
    case 'unknown_pack':
      return 'That amount isn’t offered any more. Choose another one.';
    case 'card_declined':
      return 'That card was declined. Nothing was charged: try another card.';
    case 'card_needs_confirmation':
      return 'Your bank wants to ask you first. Nothing was charged yet: go on to the payment page.';
    case 'too_many_requests':
      return 'That was a lot of tries in one hour. Nothing was charged; wait a while and try again.';
    case 'key_reused':
    case 'key_missing':
      return 'That form was old. Nothing was charged: choose once more.';
    case 'ended':
      return 'Your session has ended. Nothing was charged: sign in again, then choose once more.';
    default:
      return 'Money can’t be added just now: the payment service isn’t answering. Nothing was charged. Try again in a few minutes.';
  }
}

/** A kept card was asked, and no answer came: nobody can say yet whether it was charged. */
export const chargeUnheard =
  'No answer came in time. If the money isn’t in your wallet in a minute, press again: you are charged once at most.';

/** How money comes by itself, or why it doesn't. */
export function automaticWords(automatic: Automatic): { title: string; text: string } {
  const { on, off_reason, card, last_failure, amount_cents, threshold_cents, ceiling_cents, month_cents } =
    automatic;
  if (on)
    return {
      title: 'It is on',
      text: `${money(amount_cents)} is added by ${card} when there is less than ${money(threshold_cents)} in your wallet. This month ${money(month_cents)} of at most ${money(ceiling_cents)} came so.${
        last_failure
          ? ` The last time it didn’t work: ${sentence(last_failure.message)} Nothing was charged.`
          : ''
      }`,
    };
  switch (off_reason) {
    case 'failures':
      return {
        title: 'It has switched itself off',
        text: `Three charges in a row weren’t accepted${last_failure ? `: ${sentence(last_failure.message)}` : '.'} Nothing was charged. Choose another card, or switch it on again.`,
      };
    case 'card_gone':
      return {
        title: 'It is off',
        text: `You have removed the card that it was paid by, ${card}. Choose another one to switch it on again.`,
      };
    case null:
      return { title: 'It is off', text: 'Nothing is charged by itself.' };
  }
}

/** Why it could not be switched on or off. */
export function automaticTrouble(code: string, figures: Record<string, number> = {}): string {
  switch (code) {
    case 'amount_out_of_limits':
      return topUpTrouble(code, figures).replace('Choose an amount', 'Each time an amount can be added');
    case 'unknown_card':
    case 'invalid_request':
      return 'That card isn’t kept here any more. Choose another one. Nothing was changed.';
    case 'ceiling_too_low':
      return 'What may be added in a month has to be at least what is added each time.';
    case 'ended':
      return 'Your session has ended. Nothing was changed: sign in again, then set it once more.';
    default:
      return 'That couldn’t be set just now: the payment service isn’t answering. Nothing was changed. Try again in a few minutes.';
  }
}

export const movementKindWords: Record<MovementKind, string> = {
  added: 'Money added',
  readings: 'Readings',
  gifts: 'Gifts and tips',
  shop: 'Shop',
  back: 'Given back',
};

/** What a movement was for. */
export function movementWords({ kind, of_kind, minute, reader }: WalletEntry): string {
  const whom = reader ? reader.name : 'a reader';
  const minuteOf = minute === null ? `A minute with ${whom}` : `Minute ${minute} with ${whom}`;
  switch (kind) {
    case 'top_up':
      return 'Added by card';
    case 'promotion':
      return 'A present from SoulSeer';
    case 'minute':
      return minuteOf;
    case 'gift':
      return `Gift for ${whom}`;
    case 'tip':
      return `Tip for ${whom}`;
    case 'purchase':
      return 'Bought in the shop';
    case 'reserve':
      return 'Set aside for an order';
    case 'settle':
      return 'Rest of what was set aside for an order';
    case 'release':
      return 'Set aside for an order, and back again';
    case 'order_refund':
      return 'An order, given back';
    case 'refund_reserve':
      return 'On its way back to your card';
    case 'refund_settle':
      return 'Rest of what was on its way to your card';
    case 'refund_release':
      return 'Didn’t reach your card, and is back';
    case 'card_refund':
      return 'Back to your card';
    case 'refund_failed':
      return 'Your bank couldn’t take it, and it is back';
    case 'dispute_open':
      return 'Taken back by your bank';
    case 'dispute_won':
      return 'Settled with your bank, and back';
    case 'reversal':
      if (of_kind === 'minute') return `${minuteOf}, given back`;
      if (of_kind === 'gift' || of_kind === 'tip')
        return `${of_kind === 'gift' ? 'Gift' : 'Tip'} for ${whom}, given back`;
      return 'Put right';
  }
}

/** “−$3.99” and “+$50.00”: which way it went is never told by a colour alone. */
export const signedMoney = (cents: number): string =>
  cents < 0 ? `−${money(-cents)}` : cents > 0 ? `+${money(cents)}` : money(0);

export const limitWords: Record<
  LimitName,
  { title: string; name: string; per: string; so_far: string; label: string }
> = {
  day: {
    title: 'In a day',
    name: 'The limit for a day',
    per: 'a day',
    so_far: 'today',
    label: 'The most in a day, in US dollars',
  },
  week: {
    title: 'In a week',
    name: 'The limit for a week',
    per: 'a week',
    so_far: 'this week',
    label: 'The most in a week, in US dollars',
  },
  session: {
    title: 'In one reading',
    name: 'The limit for a reading',
    per: 'a reading',
    so_far: '',
    label: 'The most in one reading, in US dollars',
  },
};
