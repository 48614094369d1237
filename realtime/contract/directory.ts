/** People and readers as the CMS tells the other programs: docs/service-calls.md. */

import { z } from 'zod';
import { text } from './text.ts';

export const role = z.enum(['client', 'reader', 'admin']);
export type Role = z.infer<typeof role>;

/** The number of the CMS's outbox row: it only grows for one document. */
const version = z.int().min(1);
const cents = z.int().min(1).max(10_000);

export const directoryPerson = z
  .object({
    person_id: z.uuid(),
    version,
    issuer: text(500),
    subject: text(500),
    email: z.email().max(320).nullable(),
    email_verified: z.boolean(),
    display_name: text(60),
    role,
    status: z.enum(['active', 'suspended']),
  })
  .meta({ id: 'DirectoryPerson' });
export type DirectoryPerson = z.infer<typeof directoryPerson>;

/** Only what is published; a reader that is no longer is `published: false`, and one that is deleted likewise. */
export const directoryReader = z
  .object({
    reader_id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
    version,
    person_id: z.uuid().nullable(),
    slug: text(100),
    name: text(80),
    published: z.boolean(),
    time_zone: text(64),
    /** US cents a minute; null where the reader doesn't offer it. */
    rates: z.object({
      video_cents: cents.nullable(),
      voice_cents: cents.nullable(),
      chat_cents: cents.nullable(),
    }),
  })
  .meta({ id: 'DirectoryReader' });
export type DirectoryReader = z.infer<typeof directoryReader>;

/** What `POST {cms}/api/service/people` takes; it answers a `directoryPerson`. */
export const personSeen = z.object({
  issuer: text(500),
  subject: text(500),
  email: z.email().max(320).optional(),
  email_verified: z.boolean().optional(),
  display_name: text(60).optional(),
});
export type PersonSeen = z.infer<typeof personSeen>;

/** `GET /api/me`: who the caller is here. */
export const me = z
  .object({
    person_id: z.uuid(),
    role,
    display_name: z.string(),
    time_zone: z.string().nullable().describe('a reader’s own; null for everybody else'),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof me>;
