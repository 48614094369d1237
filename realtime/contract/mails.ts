/** Mails that programs ask realtime to send: it knows the address, the words and the mail server. */

import { z } from 'zod';
import { text } from './text.ts';

const cents = z.int().min(1).max(999_999_999);

/** What is said in each mail, by its template. */
const mailValues = {
  /** The application was approved: the role and the page are there. */
  reader_application_approved: z.object({}),
  reader_application_declined: z.object({
    reason: text(2_000).describe('why, in words for the applicant'),
  }),
  /** W9: money was added by itself. */
  automatic_top_up: z.object({ amount_cents: cents, card: text(60) }),
  /** W9: it could not be; `off`: it has been switched off now. */
  automatic_top_up_failed: z.object({
    amount_cents: cents,
    card: text(60),
    reason: text(300).describe('what the bank said'),
    needs_person: z.boolean().describe('the bank wants to ask them'),
    off: z.boolean(),
  }),
  /** P1: goods were paid. */
  order_paid: z.object({
    amount_cents: cents,
    paid_by: text(60).describe('such as “your wallet”'),
    order_id: z.string().regex(/^order_[0-9a-f]{32}$/),
    downloads: z.boolean().describe('something of it can be downloaded'),
  }),
  /** D3: a favourite came online, and they wished to know. */
  favourite_online: z.object({ reader_name: text(80), reader_slug: text(100) }),
};
export type MailValues = { [Name in keyof typeof mailValues]: z.infer<(typeof mailValues)[Name]> };
export type MailTemplate = keyof MailValues;

const request = <Name extends MailTemplate>(template: Name) =>
  z.object({ to_person_id: z.uuid(), template: z.literal(template), values: mailValues[template] });

/** What `PUT {realtime}/service/mails/{key}` takes. */
export const mailRequest = z
  .discriminatedUnion('template', [
    request('reader_application_approved'),
    request('reader_application_declined'),
    request('automatic_top_up'),
    request('automatic_top_up_failed'),
    request('order_paid'),
    request('favourite_online'),
  ])
  .meta({ id: 'MailRequest' });
export type MailRequest = z.infer<typeof mailRequest>;

/** The caller's key of a mail, unique over all time: `reader-application:7:approved`. */
export const mailKey = text(200);
