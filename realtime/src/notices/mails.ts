/**
 * Mails: queued once for each key, sent by whichever node comes first, at least once. A node that dies between the mail
 * server's yes and our note of it leaves a mail that is sent again when its lease is over; both copies have the same
 * Message-ID, by which mailboxes may see that they are one.
 */

import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import nodemailer, { type Transporter } from 'nodemailer';
import type { Logger } from 'pino';
import { type MailRequest, type MailTemplate, type MailValues, mailRequest } from '../../contract/mails.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database.ts';
import type { Executor } from '../ledger/ledger.ts';
import { writeMail } from './templates.ts';

/** Whoever takes a mail has it to themselves for so long; far longer than the mail server is waited for. */
const LEASE_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 60 * 60_000;
/** After this it is given up. */
const MOST_AGE_MS = 3 * 24 * 60 * 60_000;
const MOST_IN_A_TURN = 50;

export interface Mails {
  /** Queues a mail, once for each key: the first stays. In the caller's transaction, where one is given. */
  queue(key: string, request: MailRequest, tx?: Executor): Promise<void>;
  /** Sends what is due, and answers how many were sent. */
  sweep(): Promise<number>;
}

interface Due {
  id: string;
  key: string;
  template: MailTemplate;
  contents: unknown;
  queued_at: Date;
  attempts: number;
  /** Null where the directory knows no verified one. */
  email: string | null;
  display_name: string | null;
}

export interface MailsParts {
  db: Database;
  clock: Clock;
  log: Logger;
  transport: Pick<Transporter, 'sendMail'>;
  /** `SoulSeer <hello@soulseer.example>` */
  from: string;
  siteUrl: string;
  /** From then on no further mail is begun. */
  isStopping?: () => boolean;
}

/** A connection to the mail server at `smtp://` or `smtps://`, opened for each mail. */
export function openTransport(url: string): Transporter {
  return nodemailer.createTransport({
    url,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    // A mail of ours holds what it says and nothing else.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

export function createMails({
  db,
  clock,
  log,
  transport,
  from,
  siteUrl,
  isStopping = () => false,
}: MailsParts): Mails {
  const domain = /@([a-z0-9.-]+)>?$/i.exec(from)?.[1] ?? 'soulseer';

  /** Takes the one that is due longest, for as long as the lease. */
  async function take(): Promise<Due | undefined> {
    const now = new Date(clock.now());
    const { rows } = await sql<Due>`
      WITH due AS (
        SELECT id FROM mails
        WHERE sent_at IS NULL AND given_up_at IS NULL AND next_attempt_at <= ${now}
        ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
      ), taken AS (
        UPDATE mails m SET attempts = attempts + 1, next_attempt_at = ${new Date(clock.now() + LEASE_MS)}
        FROM due WHERE m.id = due.id
        RETURNING m.*
      )
      SELECT t.id, t.key, t.template, t.contents, t.queued_at, t.attempts, p.display_name,
        CASE WHEN p.email_verified THEN p.email END AS email
      FROM taken t LEFT JOIN people p ON p.person_id = t.to_person_id`.execute(db);
    return rows[0];
  }

  async function send({ key, template, contents, email, display_name }: Due): Promise<void> {
    if (email === null) throw new Error('no verified address is known');
    const mail = writeMail(
      template,
      contents as MailValues[typeof template],
      { display_name: display_name ?? '' },
      siteUrl,
    );
    await transport.sendMail({
      ...mail,
      from,
      to: { name: display_name ?? '', address: email },
      messageId: `<${createHash('sha256').update(key).digest('hex').slice(0, 32)}@${domain}>`,
      // So that nobody's holiday answers us.
      headers: { 'auto-submitted': 'auto-generated' },
    });
  }

  async function finish({ id, attempts, queued_at }: Due, failure: unknown): Promise<void> {
    const now = clock.now();
    const row = db.updateTable('mails').where('id', '=', id).where('sent_at', 'is', null);
    if (failure === undefined) {
      await row.set({ sent_at: new Date(now), contents: null, last_error: null }).execute();
      return;
    }
    const last_error = (failure instanceof Error ? failure.message : String(failure)).slice(0, 300);
    const giveUp = isFinal(failure) || now - queued_at.getTime() >= MOST_AGE_MS;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 20));
    await row
      .set(
        giveUp
          ? { given_up_at: new Date(now), contents: null, last_error }
          : { next_attempt_at: new Date(now + pause), last_error },
      )
      .execute();
  }

  return {
    async queue(key, request, tx = db) {
      const { to_person_id, template, values } = mailRequest.parse(request);
      const now = new Date(clock.now());
      await tx
        .insertInto('mails')
        .values({
          key,
          to_person_id,
          template,
          contents: JSON.stringify(values),
          queued_at: now,
          next_attempt_at: now,
        })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .execute();
    },

    async sweep() {
      let sent = 0;
      for (let turn = 0; turn < MOST_IN_A_TURN && !isStopping(); turn += 1) {
        const due = await take();
        if (!due) break;
        let failure: unknown;
        try {
          await send(due);
          sent += 1;
        } catch (error) {
          failure = error;
          // The key and not the address; what the mail server says may name somebody.
          log.warn(
            {
              key: due.key,
              attempts: due.attempts,
              code: (error as { code?: unknown }).code ?? 'not_sent',
            },
            'a mail could not be sent',
          );
        }
        await finish(due, failure);
      }
      return sent;
    },
  };
}

/** The mail server says that this address will never do. */
function isFinal(error: unknown): boolean {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  return code === 'EENVELOPE' && typeof responseCode === 'number' && responseCode >= 500;
}
