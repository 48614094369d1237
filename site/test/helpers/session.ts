import type { SessionView } from 'realtime/contract';

/** A session as its client sees it: not answered yet, unless something else is said. */
export const aSession = (
  own: Pick<SessionView, 'id' | 'client' | 'reader'> & Partial<SessionView>,
): SessionView => ({
  version: 1,
  state: 'waiting',
  you: 'client',
  server_time_ms: 1_000_000,
  modality: 'chat',
  rate_cents: 399,
  maximum_minutes: 30,
  created_ms: 1_000_000,
  accepted: false,
  in: { client: false, reader: false },
  deadline_ms: 1_060_000,
  pause: null,
  pauses: null,
  active_ms: 0,
  running_since_ms: null,
  paid_minutes: 0,
  cost_cents: 0,
  minutes_left: 10,
  balance_cents: 4_000,
  end: null,
  given_back: [],
  summary: null,
  ...own,
});
