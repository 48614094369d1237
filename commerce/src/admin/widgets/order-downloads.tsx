import { defineWidgetConfig } from '@medusajs/admin-sdk';
import { useCallback, useEffect, useState } from 'react';

/** What `GET /admin/shop/orders/{order}` answers. */
interface Shown {
  payment: { way: string; state: string; captured_cents: number; refunded_cents: number };
  downloads: {
    id: string;
    files: string[];
    downloads: number;
    most_downloads: number;
    taken_back: boolean;
  }[];
}

const dollars = (cents: number) => `$${(cents / 100).toFixed(2)}`;

/** On an order of goods: how it was paid, and what of it was downloaded. */
function OrderDownloads({ data }: { data: { id: string } }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const look = useCallback(async () => {
    const answer = await fetch(`/admin/shop/orders/${data.id}`);
    // Not found: an order that is a top-up.
    setShown(answer.ok ? ((await answer.json()) as Shown) : null);
  }, [data.id]);
  useEffect(() => {
    look().catch(() => setShown(null));
  }, [look]);

  if (!shown) return null;
  const { payment, downloads } = shown;
  const takeBack = async (id: string) => {
    await fetch(`/admin/shop/orders/${data.id}/downloads/${id}/take-back`, { method: 'POST' });
    await look();
  };
  return (
    <section
      aria-label="Payment and downloads"
      className="shadow-elevation-card-rest bg-ui-bg-base w-full rounded-lg divide-y"
    >
      <h2 className="font-sans font-medium px-6 py-4">Payment and downloads</h2>
      <p className="txt-small px-6 py-4">
        Paid {payment.way === 'wallet' ? 'from the wallet' : 'by card'}: {dollars(payment.captured_cents)}
        {payment.refunded_cents > 0 ? `, given back: ${dollars(payment.refunded_cents)}` : ''}
      </p>
      {downloads.length > 0 && (
        <ul className="px-6 py-4">
          {downloads.map((line) => (
            <li className="txt-small flex justify-between py-1" key={line.id}>
              <span>
                {line.files.join(', ') || 'No file yet'}{' '}
                <span className="text-ui-fg-subtle">
                  {line.taken_back ? 'taken back' : `${line.downloads} of ${line.most_downloads} downloads`}
                </span>
              </span>
              {!line.taken_back && (
                <button
                  type="button"
                  className="text-ui-fg-error"
                  onClick={() => {
                    takeBack(line.id).catch(() => {});
                  }}
                >
                  Take back
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export const config = defineWidgetConfig({ zone: 'order.details.side.before' });

export default OrderDownloads;
