import { defineWidgetConfig } from '@medusajs/admin-sdk';
import { useEffect, useState } from 'react';

/** What `GET /admin/top-ups/{order}` answers. */
interface Shown {
  top_up: {
    state: string;
    person_id: string;
    payment_intent_id: string | null;
    credited_cents: number;
    refunded_cents: number;
    disputed_cents: number;
  };
  wallet: {
    balance_cents: number;
    debt_cents: number;
    refundable_cents: number;
    reserved_cents: number;
  } | null;
  refunds: {
    id: string;
    amount_cents: number;
    state: string;
    refused_code: string | null;
    failed_late: boolean;
  }[];
}

const dollars = (cents: number) => `$${(cents / 100).toFixed(2)}`;

const STATES: Record<string, string> = {
  paid: 'Paid, on its way to the wallet',
  credited: 'In the wallet',
  refunded: 'Refunded',
  disputed: 'Disputed',
};
const REFUNDS: Record<string, string> = {
  wanted: 'asked for',
  reserved: 'reserved in the wallet',
  sent: 'waits for the bank',
  posted: 'made',
  booked: 'made',
  refused: 'refused',
};

/** On the order of a top-up: how the wallet stands, and how much can still be given back. */
function TopUp({ data }: { data: { id: string } }) {
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    fetch(`/admin/top-ups/${data.id}`)
      // Not found: an order that is no top-up.
      .then(async (answer) => (answer.ok ? ((await answer.json()) as Shown) : null))
      .then(setShown)
      .catch(() => setShown(null));
  }, [data.id]);

  if (!shown) return null;
  const { top_up, wallet, refunds } = shown;
  const lines: [string, string][] = [
    ['State', STATES[top_up.state] ?? top_up.state],
    ['Credited', dollars(top_up.credited_cents)],
    ['Refunded', dollars(top_up.refunded_cents)],
    ...(top_up.disputed_cents > 0
      ? [['Disputed', dollars(top_up.disputed_cents)] satisfies [string, string]]
      : []),
    ['Can still be refunded', wallet ? dollars(wallet.refundable_cents) : 'can’t be asked at the moment'],
    ['Wallet now', wallet ? dollars(wallet.balance_cents) : 'can’t be asked at the moment'],
    ...(wallet && wallet.debt_cents > 0
      ? [['Debt', dollars(wallet.debt_cents)] satisfies [string, string]]
      : []),
  ];
  return (
    <section
      aria-label="Wallet top-up"
      className="shadow-elevation-card-rest bg-ui-bg-base w-full rounded-lg divide-y"
    >
      <h2 className="font-sans font-medium px-6 py-4">Wallet top-up</h2>
      <dl className="px-6 py-4">
        {lines.map(([name, value]) => (
          <div className="flex justify-between py-1" key={name}>
            <dt className="txt-small text-ui-fg-subtle">{name}</dt>
            <dd className="txt-small">{value}</dd>
          </div>
        ))}
      </dl>
      {refunds.length > 0 && (
        <ul className="px-6 py-4">
          {refunds.map((refund) => (
            <li className="txt-small text-ui-fg-subtle py-1" key={refund.id}>
              Refund of {dollars(refund.amount_cents)}: {REFUNDS[refund.state] ?? refund.state}
              {refund.refused_code ? ` (${refund.refused_code})` : ''}
              {refund.failed_late ? '; the bank has sent it back since, and it is in the wallet again' : ''}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export const config = defineWidgetConfig({ zone: 'order.details.side.before' });

export default TopUp;
