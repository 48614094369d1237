import { type Wallet, wallet } from 'realtime/contract';
import type { Identity } from '../identity/identity.ts';
import type { Session } from '../identity/sessions.ts';
import type { Logger } from '../server/logger.ts';
import { readApplication, type Submission, type Submitted, submitApplication } from './application.ts';

/** Something that another program knows, or that it can't be asked about now. */
export type Known<T> = { known: true; value: T } | { known: false };

export type ApplicationState =
  | { state: 'none' }
  | { state: 'submitted'; at: string }
  | { state: 'approved'; at: string }
  | { state: 'declined'; at: string; reason: string };

/** What somebody who is signed in sees of their own. */
export interface Account {
  /** What is in their wallet. */
  wallet(session: Session, requestId: string): Promise<Known<Wallet>>;
  /** How their application to become a reader stands. */
  application(session: Session, requestId: string): Promise<Known<ApplicationState>>;
  /** Sends an application to the CMS. */
  apply(session: Session, submission: Submission, requestId: string): Promise<Submitted>;
  /** How many applications wait for staff. */
  waiting(session: Session, requestId: string): Promise<Known<number>>;
}

interface Options {
  cmsUrl: string;
  realtimeUrl: string;
  identity: Identity;
  log: Logger;
}

const timeoutMs = 3_000;

/** Asks the other programs in a person's name, with their access token. */
export function createAccount({ cmsUrl, realtimeUrl, identity, log }: Options): Account {
  /** The answer's JSON, read by `view`; unknown when there is none, or it isn't what it should be. */
  async function ask<T>(
    session: Session,
    url: string,
    requestId: string,
    view: (body: unknown) => T | undefined,
  ): Promise<Known<T>> {
    const access = await identity.accessToken(session);
    if (access.state !== 'good') return { known: false };
    try {
      const response = await fetch(url, {
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${access.token}`,
          'x-request-id': requestId,
        },
        signal: AbortSignal.timeout(timeoutMs),
      });
      const value = response.ok ? view(await response.json()) : undefined;
      if (value !== undefined) return { known: true, value };
      await response.body?.cancel().catch(() => {});
      log.warn(
        { request_id: requestId, path: new URL(url).pathname, status: response.status },
        'no answer to show',
      );
    } catch (error) {
      log.warn({ request_id: requestId, path: new URL(url).pathname, err: error }, 'no answer to show');
    }
    return { known: false };
  }

  return {
    wallet: (session, requestId) =>
      ask(session, `${realtimeUrl}/api/wallet`, requestId, (body) => wallet.safeParse(body).data),

    application: (session, requestId) =>
      ask(
        session,
        // The CMS shows a person their own applications and nobody else's.
        `${cmsUrl}/api/reader-applications?limit=1&depth=0&sort=-createdAt`,
        requestId,
        readApplication,
      ),

    async apply(session, submission, requestId) {
      const access = await identity.accessToken(session);
      if (access.state !== 'good') return { ok: false, problem: access.state };
      return submitApplication({ cmsUrl, token: access.token, submission, requestId, log });
    },

    waiting: (session, requestId) =>
      ask(
        session,
        `${cmsUrl}/api/reader-applications?limit=1&depth=0&where[status][equals]=submitted`,
        requestId,
        (body) => {
          const total = (body as { totalDocs?: unknown } | null)?.totalDocs;
          return Number.isSafeInteger(total) ? (total as number) : undefined;
        },
      ),
  };
}
