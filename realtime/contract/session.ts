/** Sessions, readers' presence and the line for a busy reader. Times are milliseconds since 1970, amounts whole US cents. */

import { z } from 'zod';
import { problem } from './http.ts';
import { text } from './text.ts';

export const modality = z.enum(['video', 'voice', 'chat']);
export const sessionState = z.enum([
  'created',
  'waiting',
  'active',
  'paused',
  'reconnecting',
  'ended',
  'finalized',
]);
const side = z.enum(['client', 'reader']);
const by = z.enum(['client', 'reader', 'staff', 'system']);
export const endReason = z.enum([
  'ended_by_client',
  'ended_by_reader',
  'ended_by_staff',
  'out_of_money',
  'spending_limit',
  'agreed_maximum',
  'grace_expired',
  'too_many_pauses',
  'declined',
  'cancelled',
  'not_answered',
  'not_joined',
  'suspended',
]);

/** The most minutes that can be agreed on at first; the client may raise it. */
export const MOST_MINUTES = 600;

export const sessionRequest = z
  .object({
    reader_id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
    modality,
    maximum_minutes: z.int().min(1).max(MOST_MINUTES).describe('what the client agrees to pay for at most'),
    queue_if_busy: z.boolean().default(false).describe('get in line when somebody else has the reader'),
  })
  .meta({ id: 'SessionRequest' });
export type SessionRequest = z.infer<typeof sessionRequest>;

export const sessionSummary = z
  .object({
    active_ms: z.int(),
    charged_minutes: z
      .int()
      .describe('paid in the end: without `given_back` and what staff gave back before the end'),
    owed_minutes: z.int(),
    given_back: z.array(z.int()).describe('minutes charged beyond the time both were there'),
    missing_minutes: z.int().describe('owed and never paid, since the money had run out'),
    paid_cents: z.int(),
    reader_cents: z.int(),
    platform_cents: z.int(),
    pauses: z.int(),
  })
  .meta({ id: 'SessionSummary' });
export type SessionSummary = z.infer<typeof sessionSummary>;

/** What one of the two, or staff, sees of a session. */
export const sessionView = z
  .object({
    id: z.uuid(),
    version: z.int(),
    state: sessionState,
    you: z.enum(['client', 'reader', 'staff']),
    server_time_ms: z.int(),
    client: z.object({ person_id: z.uuid(), name: z.string() }),
    reader: z.object({
      person_id: z.uuid(),
      reader_id: z.string(),
      name: z.string(),
      slug: z.string().nullable(),
    }),
    modality,
    rate_cents: z.int(),
    maximum_minutes: z.int(),
    created_ms: z.int(),
    accepted: z.boolean().describe('the reader said yes'),
    in: z
      .object({ client: z.boolean(), reader: z.boolean() })
      .describe('who is in the room, as far as known'),
    deadline_ms: z
      .int()
      .nullable()
      .describe('when time itself moves the session on: answer, grace, reconnecting'),
    pause: z.object({ side, cause: z.enum(['left', 'lost']), since_ms: z.int() }).nullable(),
    pauses: z.int().nullable(),
    active_ms: z.int().describe('active time until the clock last stopped'),
    running_since_ms: z.int().nullable().describe('the clock runs since; add it to active_ms'),
    paid_minutes: z.int(),
    cost_cents: z.int().describe('paid so far, less what was given back'),
    minutes_left: z.int().nullable().describe('for the client: by money, limits and maximum'),
    balance_cents: z.int().nullable().describe('for the client'),
    warned: z
      .object({ minutes: z.int().min(1).max(3), at_ms: z.int() })
      .optional()
      .describe('for the client: the last warning of `low` on the socket, while nothing has changed since'),
    end: z
      .object({
        reason: endReason,
        by,
        at_ms: z.int(),
        said: z.string().nullable().describe('the words of staff who ended it'),
      })
      .nullable(),
    given_back: z
      .array(z.object({ minute: z.int(), reason: z.string(), at_ms: z.int() }))
      .describe('by staff'),
    summary: sessionSummary.nullable(),
  })
  .meta({ id: 'Session' });
export type SessionView = z.infer<typeof sessionView>;

export const sessionList = z
  .object({ sessions: z.array(sessionView), next: z.string().nullable() })
  .meta({ id: 'SessionList' });

/** S13: whether somebody may review a session's reader, asked by the CMS. Once for each session is the CMS's to see to. */
export const reviewRight = z
  .object({
    may_review: z.boolean(),
    why_not: z
      .enum(['not_the_client', 'not_finalized', 'too_few_minutes'])
      .nullable()
      .describe('null when they may'),
    reader_id: z.string(),
    paid_minutes: z.int().describe('paid in the end, less what was given back'),
    ended_at_ms: z.int().nullable(),
  })
  .meta({ id: 'ReviewRight' });
export type ReviewRight = z.infer<typeof reviewRight>;
/** The fewest minutes that somebody has to have paid, to judge. */
export const MINUTES_TO_REVIEW = 4;

export const heartbeatAnswer = z
  .object({ state: sessionState, version: z.int(), server_time_ms: z.int() })
  .meta({ id: 'Heartbeat' });

export const maximumRequest = z.object({ maximum_minutes: z.int().min(1).max(100_000) });
/** Why staff do something; blanks are no reason. */
const reason = text(500).trim().min(1);
export const endRequest = z.object({ reason });
export const giveBackRequest = z.object({
  minutes: z.array(z.int().min(1).max(100_000)).min(1).max(1_000),
  reason,
});

export const noteRequest = z.object({ text: z.union([z.literal(''), text(10_000)]) });
export const note = z
  .object({ text: z.string(), updated_ms: z.int().nullable() })
  .meta({ id: 'SessionNote' });

export const messageRequest = z.object({
  key: z.uuid().describe('the writer’s own, so that a second try is the same message'),
  text: text(2_000),
});
export const sessionMessage = z
  .object({ number: z.int(), side, key: z.uuid(), at_ms: z.int(), text: z.string() })
  .meta({ id: 'SessionMessage' });
export type SessionMessage = z.infer<typeof sessionMessage>;
export const sessionMessages = z
  .object({ messages: z.array(sessionMessage) })
  .meta({ id: 'SessionMessages' });

export const iceServer = z.object({
  urls: z.array(z.string()),
  username: z.string().optional(),
  credential: z.string().optional(),
});
/** How to meet: by Agora when it is set up, otherwise peer to peer. */
export const rtcToken = z
  .discriminatedUnion('mode', [
    z.object({
      mode: z.literal('agora'),
      app_id: z.string(),
      channel: z.string(),
      account: z.string(),
      rtc_token: z.string(),
      rtm_token: z.string(),
      expires_at_ms: z.int(),
    }),
    z.object({
      mode: z.literal('p2p'),
      channel: z.string(),
      account: z.string(),
      ice_servers: z.array(iceServer),
      expires_at_ms: z.int(),
    }),
  ])
  .meta({ id: 'RtcToken' });
export type RtcToken = z.infer<typeof rtcToken>;

export const readerStatus = z.enum(['online', 'busy', 'away', 'offline']);
export type ReaderStatus = z.infer<typeof readerStatus>;
export const readerWish = z.object({ status: z.enum(['online', 'away', 'offline']) });
export const ownPresence = z
  .object({
    status: readerStatus,
    wish: z.enum(['online', 'away', 'offline']),
    until_ms: z.int().describe('holds until then unless said again'),
    queue_length: z.int(),
  })
  .meta({ id: 'OwnPresence' });
export const readersPresence = z
  .object({
    readers: z.array(z.object({ reader_id: z.string(), status: readerStatus })),
    server_time_ms: z.int(),
  })
  .meta({ id: 'ReadersPresence' });

export const queueRequest = z.object({ modality });
/** A place in the line for a reader. `estimate_ms` is null when there is nothing to judge by. */
export const queuePlace = z
  .object({
    reader_id: z.string(),
    modality,
    place: z.int().min(1),
    joined_ms: z.int(),
    estimate_ms: z.int().nullable().describe('about how long it will take, by the reader’s last sessions'),
    turn_until_ms: z.int().nullable().describe('it is your turn, and until when'),
  })
  .meta({ id: 'QueuePlace' });
export type QueuePlace = z.infer<typeof queuePlace>;
export const queuePlaces = z.object({ places: z.array(queuePlace) }).meta({ id: 'QueuePlaces' });

/** A refusal that the page can speak about; `code` decides which of the rest is there. */
export const sessionProblem = problem
  .extend({
    needed_cents: z.int().optional(),
    available_cents: z.int().optional(),
    session_id: z.uuid().optional().describe('the session that one is in already'),
    queue: queuePlace.optional(),
    queue_refused: z
      .string()
      .optional()
      .describe('why there is no place in line, which was asked for: `queue_full`, `too_many_places` …'),
  })
  .meta({ id: 'SessionProblem' });
