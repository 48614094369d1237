/** The audit log: acts of staff and refusals, told by each program once, read by admins. No secret, token or body is in it. */

import { z } from 'zod';
import { text, wholeJson } from './text.ts';

/** What happened to whom: `reader_application.approve`, `person.suspend`. */
const action = z
  .string()
  .regex(/^[a-z][a-z0-9_.:-]{0,99}$/, 'must be a short name in small letters, such as person.suspend');
const outcome = z.enum(['done', 'refused', 'failed']);
const source = z.enum(['realtime', 'cms', 'commerce', 'site']);

/** What `PUT {realtime}/service/audit/{event_id}` takes. */
export const auditEvent = z
  .object({
    at_ms: z.int().min(0).max(8_640_000_000_000_000).describe('when it happened'),
    actor_person_id: z.uuid().nullable().describe('who did it, where that is known'),
    action,
    subject: text(200).nullable().describe('what it was done to: `person:{id}`, `reader:{id}`'),
    outcome,
    reason: text(500).nullable(),
    address: text(64).nullable().describe('the network address it came from'),
    details: wholeJson(4_000),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEvent = z.infer<typeof auditEvent>;

export const auditEntry = auditEvent
  .extend({
    id: z.string().describe('grows with each entry'),
    event_id: z.uuid(),
    source: source.describe('which program told it'),
    recorded_at_ms: z.int(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditPage = z
  .object({
    entries: z.array(auditEntry).describe('the newest first'),
    next_cursor: z.string().nullable().describe('where the next page begins; null at the end'),
  })
  .meta({ id: 'AuditPage' });
export type AuditPage = z.infer<typeof auditPage>;

const queryTime = z
  .string()
  .regex(/^\d{1,15}$/, 'must be milliseconds since 1970')
  .transform(Number);

export const auditQuery = z.object({
  cursor: z
    .string()
    .regex(/^\d{1,18}$/, 'must be a cursor of an earlier page')
    .optional(),
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, 'must be 1 to 100')
    .transform(Number)
    .default(50),
  action: action.optional(),
  outcome: outcome.optional(),
  source: source.optional(),
  actor_person_id: z.uuid().optional(),
  subject: text(200).optional(),
  from_ms: queryTime.optional().describe('not before this moment'),
  until_ms: queryTime.optional().describe('before this moment'),
});
export type AuditQuery = z.infer<typeof auditQuery>;
