import type { Order } from '../shop/shop.ts';
import { cardName } from './wallet.ts';
import { countryName, money } from './words.ts';

// What the pages of the shop say.

/** Why something could not be put into the cart, or changed in it. */
export function cartTrouble(code: string): string {
  switch (code) {
    case 'not_enough_stock':
      return 'There aren’t so many of it left. What is in your cart has stayed as it was.';
    case 'cart_full':
      return 'That is more than one order can hold: at most 20 of one thing and 50 different ones.';
    case 'unknown_product':
      return 'That isn’t sold here any more.';
    case 'cart_busy':
      return 'This cart is being paid at the moment. Wait a few seconds, then look at your orders.';
    case 'not_found':
      return 'That cart has been ordered or is gone. Choose once more.';
    default:
      return 'The shop isn’t answering just now. What is in your cart is kept; try again in a minute.';
  }
}

/** Why an order could not be begun or made. */
export function orderTrouble(code: string): string {
  switch (code) {
    case 'insufficient_balance':
      return 'There isn’t enough in your wallet for this. Nothing was taken: add money first, or pay by card.';
    case 'spending_limit':
      return 'This would go over a limit that you have set for yourself. Nothing was taken. Limits can be raised, which holds after a day.';
    case 'spending_paused':
      return 'You have paused all spending from your wallet. Nothing was taken.';
    case 'sold_out':
      return 'Somebody else was quicker: not all of it is left. Nothing was taken.';
    case 'total_changed':
    case 'cart_changed':
      return 'What the cart costs has changed since you looked. Nothing was taken: look at the new total and choose once more.';
    case 'delivery_missing':
      return 'Say first where it should be sent.';
    case 'no_delivery_there':
      return 'We can’t send anything there. Choose another address.';
    case 'cart_empty':
    case 'not_found':
      return 'There is nothing in your cart any more. Perhaps it has been ordered already: look at your orders.';
    case 'already_ordered':
      return 'This cart was ordered already, and this payment was let go. Nothing was taken twice.';
    case 'cart_busy':
      return 'This cart is being paid at the moment. Wait a few seconds, then look at your orders.';
    case 'too_many_requests':
      return 'That was a lot of tries in one hour. Nothing was taken; wait a while and try again.';
    case 'key_reused':
    case 'key_missing':
      return 'That form was old. Nothing was taken: choose once more.';
    case 'ended':
      return 'Your session has ended. Nothing was taken: sign in again, then choose once more.';
    case 'unavailable':
    case 'payments_unavailable':
      return 'Orders can’t be taken just now. Nothing was taken; try again in a few minutes.';
    default:
      return 'That order couldn’t be finished, and nothing was taken. Your cart is as it was: try again.';
  }
}

export interface OrderWords {
  title: string;
  text: string;
  wrong?: true;
}

/** How an order stands, told to whoever made it. */
export function orderWords(order: Order): OrderWords {
  const { state, way, failure, total_cents, refunded_cents, card } = order;
  const sum = money(total_cents);
  const by = way === 'wallet' ? 'from your wallet' : card ? `by ${cardName(card)}` : 'by card';
  const back = way === 'wallet' ? 'into your wallet' : 'to your card';
  switch (state) {
    case 'open':
      return failure
        ? {
            title: 'That card wasn’t accepted',
            text: `${failure.message} Nothing was charged. You can try again, or with another card.`,
            wrong: true,
          }
        : {
            title: 'This order waits to be paid',
            text: `${sum} by card, on the secure page of our payment service. Nothing is charged before that.`,
          };
    case 'processing':
      return {
        title: 'One moment',
        text: 'Your order is being made. This page looks again by itself; you may also leave it.',
      };
    case 'paid':
      return {
        title: 'Thank you',
        text: `Paid ${by}: ${sum}.${refunded_cents > 0 ? ` ${money(refunded_cents)} of it went back ${back}.` : ''}`,
      };
    case 'refunded':
      return {
        title: 'Given back',
        text: `${sum} went back ${back}. Files of this order can’t be downloaded any more.`,
      };
    case 'disputed':
      return {
        title: 'Your bank has taken this back',
        text: `The payment of ${sum} is disputed at your bank, so its files can’t be downloaded for now. Write to us if you didn’t mean that.`,
        wrong: true,
      };
    case 'expired':
    case 'failed':
      return {
        title: 'There is no order',
        text: failure
          ? orderTrouble(failure.code)
          : 'The payment page has closed in the meantime. Nothing was charged, and your cart is as it was.',
        wrong: true,
      };
  }
}

export const sendingWords: Record<NonNullable<Order['order']>['sending'], string> = {
  nothing_to_send: 'To download',
  preparing: 'Being packed',
  sent: 'On its way',
  delivered: 'Delivered',
  cancelled: 'Cancelled',
};

/** A postal address, line by line. */
export const addressLines = (to: {
  name: string;
  address_1: string;
  address_2: string | null;
  city: string;
  postal_code: string;
  province: string | null;
  country_code: string;
}): string[] =>
  [
    to.name,
    to.address_1,
    to.address_2,
    `${to.postal_code} ${to.city}`.trim(),
    to.province,
    countryName(to.country_code.toUpperCase()),
  ].filter((line) => line !== null && line !== '') as string[];

/** “1.4 MB” of 1 400 000. */
export function fileSize(bytes: number): string {
  const large = bytes >= 1_000_000;
  return new Intl.NumberFormat('en-GB', {
    style: 'unit',
    unit: large ? 'megabyte' : 'kilobyte',
    maximumFractionDigits: 1,
  }).format(bytes / (large ? 1_000_000 : 1_000));
}
