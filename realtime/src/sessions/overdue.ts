/** What is overdue by the clock, as one condition: the sweep asks it of all sessions that are open, a request of its own. */

import { type RawBuilder, sql } from 'kysely';
import { ABSENT_MS } from './session.ts';

/** Whether there is something to be done for `s`, an open session. */
export const isOverdue = (nowMs: number): RawBuilder<boolean> => sql<boolean>`(
  coalesce(s.deadline_ms <= ${nowMs}, false) or (s.state = 'paused' and s.grace_ends_ms <= ${nowMs})
  or exists (
    select from session_presence p where p.session_id = s.id and p.seen_ms <= ${nowMs - ABSENT_MS} and (
      s.state = 'active' or (s.state in ('waiting', 'reconnecting') and case p.side when 'client' then s.client_in else s.reader_in end))
  )
  or (s.state in ('paused', 'reconnecting') and s.pause_cause = 'left' and exists (
    select from session_presence p join session_runs r on r.session_id = p.session_id
    where p.session_id = s.id and p.side <> s.pause_side and p.seen_ms <= ${nowMs - ABSENT_MS}
      and r.until_ms > greatest(p.seen_ms, r.from_ms)
      and r.number = (select max(number) from session_runs where session_id = s.id)))
  or (s.state = 'active' and exists (select from meters m where m.session_id = s.id and m.stop_reason is not null))
  or exists (
    select from people p where p.person_id in (s.client_id, s.reader_person_id)
      and (p.status <> 'active' or (p.person_id = s.reader_person_id and p.role <> 'reader')))
)`;
