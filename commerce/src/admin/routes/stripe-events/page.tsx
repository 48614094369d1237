import { defineRouteConfig } from '@medusajs/admin-sdk';
import { useCallback, useEffect, useState } from 'react';

/** What `GET /admin/stripe-events` answers. */
interface Event {
  id: string;
  type: string;
  attempts: number;
  last_error: string | null;
  received_at: string;
}

const BUTTON =
  'txt-compact-small-plus shadow-buttons-neutral bg-ui-button-neutral text-ui-fg-base rounded-md px-2 py-1';

/** Stripe's events that could not be worked at, after many tries: each can be tried again. */
function StripeEvents() {
  const [events, setEvents] = useState<Event[] | null>(null);
  const [problem, setProblem] = useState(false);

  const load = useCallback(() => {
    fetch('/admin/stripe-events?state=dead')
      .then(async (answer) => {
        if (!answer.ok) throw new Error(String(answer.status));
        return ((await answer.json()) as { events: Event[] }).events;
      })
      .then((found) => {
        setEvents(found);
        setProblem(false);
      })
      .catch(() => setProblem(true));
  }, []);
  useEffect(load, [load]);

  const retry = (id: string) => {
    fetch(`/admin/stripe-events/${id}/retry`, { method: 'POST' })
      .then(load)
      .catch(() => setProblem(true));
  };

  return (
    <section
      aria-label="Stripe events"
      className="shadow-elevation-card-rest bg-ui-bg-base w-full rounded-lg divide-y"
    >
      <h1 className="font-sans font-medium px-6 py-4">Stripe events that need a look</h1>
      {problem && (
        <p className="txt-small text-ui-fg-error px-6 py-4" role="alert">
          The events can’t be read at the moment. Please try again.
        </p>
      )}
      {events?.length === 0 && (
        <p className="txt-small text-ui-fg-subtle px-6 py-4">None: every event has been worked at.</p>
      )}
      <ul>
        {events?.map((event) => (
          <li className="flex items-center justify-between gap-4 px-6 py-4" key={event.id}>
            <div>
              <p className="txt-small">
                {event.type} · {event.id}
              </p>
              <p className="txt-small text-ui-fg-subtle">
                {new Date(event.received_at).toLocaleString()} · {event.attempts} tries ·{' '}
                {event.last_error ?? 'no error kept'}
              </p>
            </div>
            <button className={BUTTON} onClick={() => retry(event.id)} type="button">
              Try again
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export const config = defineRouteConfig({ label: 'Stripe events' });

export default StripeEvents;
