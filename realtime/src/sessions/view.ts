/** Sessions as the two people and staff see them. What the wallet holds, the client alone is told. */

import { type RawBuilder, sql } from 'kysely';
import {
  MINUTES_TO_REVIEW,
  type ReviewRight,
  type SessionSummary,
  type SessionView,
} from '../../contract/session.ts';
import { minutesLeft } from '../billing/rules.ts';
import type { Clock } from '../clock.ts';
import type { Executor } from '../ledger/ledger.ts';
import { ABSENT_MS, deadlineOf, type Side, sideOf } from './session.ts';
import { fromRow, type SessionRow } from './store.ts';

interface ViewRow extends SessionRow {
  client_name: string | null;
  reader_name: string | null;
  reader_slug: string | null;
  active_ms: string;
  running_since_ms: string | null;
  paid_minutes: number;
  maximum_minutes: number;
  balance: string;
  allowance: string | null;
  given_back: { minute: number; reason: string; at_ms: number }[] | null;
  ended_with: string | null;
  /** Neither left nor silent for too long. */
  here: Partial<Record<Side, boolean>> | null;
  warnings: { until_minute: number; minutes: number; at_ms: number }[] | null;
}

/** Whoever looks: one of the two, or staff, who see what both see. */
export type Viewer = { person_id: string; staff?: boolean };

export interface Page {
  sessions: SessionView[];
  next: string | null;
}

export function createViews({ db, clock }: { db: Executor; clock: Clock }) {
  /** Sessions `where` holds, the newest first. */
  async function views(where: RawBuilder<unknown>, viewer: Viewer, limit: number): Promise<SessionView[]> {
    const nowMs = clock.now();
    const { rows } = await sql<ViewRow>`
      select s.*, c.display_name as client_name, r.name as reader_name, r.slug as reader_slug,
        m.active_ms, m.running_since_ms, m.paid_minutes, m.maximum_minutes, w.balance,
        least(case when w.ceiling_until > to_timestamp(${nowMs} / 1000.0) or w.ceiling_until is null then w.spend_ceiling - w.spent end,
          b.limit_cents - b.used_cents) as allowance,
        (select jsonb_agg(jsonb_build_object('minute', g.minute, 'reason', g.reason, 'at_ms', g.at_ms) order by g.minute)
          from session_give_backs g where g.session_id = s.id) as given_back,
        (select e.why from session_events e where e.session_id = s.id and e.by = 'staff' and s.end_reason = 'ended_by_staff'
          order by e.version desc limit 1) as ended_with,
        (select jsonb_object_agg(p.side, p.here and p.seen_ms > ${nowMs - ABSENT_MS}) from session_presence p where p.session_id = s.id) as here,
        (select jsonb_agg(jsonb_build_object('until_minute', n.until_minute, 'minutes', n.minutes, 'at_ms', n.at_ms) order by n.minutes)
          from session_warnings n where n.session_id = s.id) as warnings
      from sessions s
      join meters m on m.session_id = s.id join accounts w on w.id = m.wallet_id left join budgets b on b.id = m.budget_id
      left join people c on c.person_id = s.client_id
      left join readers r on r.reader_id = s.reader_id
      where ${where} order by s.created_ms desc, s.id desc limit ${limit}`.execute(db);
    return rows.map((row) => toView(row, viewer, nowMs));
  }

  return {
    /** One session, or nothing for whoever has no part in it. */
    async one(id: string, viewer: Viewer): Promise<SessionView | undefined> {
      const [view] = await views(sql`s.id = ${id} and ${isFor(viewer)}`, viewer, 1);
      return view;
    },

    /** A person's own sessions, a page at a time. */
    async own(
      viewer: Viewer,
      { state, before, limit }: { state: 'open' | 'past' | 'all'; before: string | null; limit: number },
    ): Promise<Page> {
      const which =
        state === 'all'
          ? sql`true`
          : state === 'open'
            ? sql`s.state not in ('ended', 'finalized')`
            : sql`s.state in ('ended', 'finalized')`;
      const [ms, id] = before?.split('_') ?? [];
      const after = ms && id ? sql`(s.created_ms, s.id) < (${Number(ms)}::bigint, ${id}::uuid)` : sql`true`;
      const found = await views(
        sql`(s.client_id = ${viewer.person_id} or s.reader_person_id = ${viewer.person_id}) and ${which} and ${after}`,
        viewer,
        limit + 1,
      );
      const sessions = found.slice(0, limit);
      const last = sessions.at(-1);
      return { sessions, next: found.length > limit && last ? `${last.created_ms}_${last.id}` : null };
    },

    /** S13: whether a person may review a session, or nothing where there is none. */
    async reviewRight(id: string, personId: string): Promise<ReviewRight | undefined> {
      const [view] = await views(sql`s.id = ${id}`, { person_id: personId, staff: true }, 1);
      if (!view) return undefined;
      const paid_minutes = view.cost_cents / view.rate_cents;
      const why_not =
        view.you !== 'client'
          ? 'not_the_client'
          : view.state !== 'finalized'
            ? 'not_finalized'
            : paid_minutes < MINUTES_TO_REVIEW
              ? 'too_few_minutes'
              : null;
      return {
        may_review: why_not === null,
        why_not,
        reader_id: view.reader.reader_id,
        paid_minutes,
        ended_at_ms: view.end?.at_ms ?? null,
      };
    },

    /** All that are open now, for staff. */
    live: (staffId: string) =>
      views(sql`s.id in (select session_id from session_seats)`, { person_id: staffId, staff: true }, 1_000),
  };
}

const isFor = ({ person_id, staff }: Viewer) =>
  staff ? sql`true` : sql`(s.client_id = ${person_id} or s.reader_person_id = ${person_id})`;

function toView(row: ViewRow, viewer: Viewer, nowMs: number): SessionView {
  const session = fromRow(row);
  const side = sideOf(session, viewer.person_id);
  const you = side ?? 'staff';
  const isClient = you === 'client';
  const backByStaff = row.given_back ?? [];
  const summary = (row['summary'] as SessionSummary | null) ?? null;
  // Minutes that finalising gave back may be among those of staff.
  const kept = summary
    ? row.paid_minutes - new Set([...summary.given_back, ...backByStaff.map(({ minute }) => minute)]).size
    : row.paid_minutes - backByStaff.length;
  const isIn = (of: Side) =>
    'in' in session ? session.in[of] : session.state === 'active' || row.here?.[of] === true;
  const over = session.state === 'ended' || session.state === 'finalized';
  const left =
    isClient && !over
      ? minutesLeft(
          {
            rate_cents: session.rate_cents,
            maximum_minutes: row.maximum_minutes,
            balance_cents: Number(row.balance),
            allowance_cents: row.allowance === null ? null : Number(row.allowance),
          },
          row.paid_minutes,
        )
      : null;
  const warned =
    left === null
      ? undefined
      : row.warnings?.find(({ until_minute }) => until_minute === row.paid_minutes + left);
  return {
    id: session.id,
    version: session.version,
    state: session.state,
    you,
    server_time_ms: nowMs,
    client: { person_id: session.client_id, name: row.client_name ?? '' },
    reader: {
      person_id: session.reader_person_id,
      reader_id: session.reader_id,
      name: row.reader_name ?? '',
      slug: row.reader_slug,
    },
    modality: session.modality,
    rate_cents: session.rate_cents,
    maximum_minutes: row.maximum_minutes,
    created_ms: session.created_ms,
    accepted: session.state === 'waiting' ? session.accepted_ms !== null : session.state !== 'created',
    in: over ? { client: false, reader: false } : { client: isIn('client'), reader: isIn('reader') },
    deadline_ms: deadlineOf(session),
    pause:
      'pause_side' in session
        ? { side: session.pause_side, cause: session.pause_cause, since_ms: session.paused_ms }
        : null,
    pauses: 'pauses' in session ? session.pauses : null,
    active_ms: Number(row.active_ms),
    running_since_ms: row.running_since_ms === null ? null : Number(row.running_since_ms),
    paid_minutes: row.paid_minutes,
    cost_cents: kept * session.rate_cents,
    minutes_left: left,
    balance_cents: isClient ? Number(row.balance) : null,
    ...(warned ? { warned: { minutes: warned.minutes, at_ms: warned.at_ms } } : {}),
    end:
      'end_reason' in session
        ? {
            reason: session.end_reason,
            by: session.ended_by,
            at_ms: session.ended_ms,
            said: row.ended_with,
          }
        : null,
    given_back: backByStaff,
    summary,
  };
}
