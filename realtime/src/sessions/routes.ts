/** Sessions over HTTP. What can't be done now is a problem with a code that the page can speak about. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { problem } from '../../contract/http.ts';
import {
  endRequest,
  giveBackRequest,
  heartbeatAnswer,
  maximumRequest,
  messageRequest,
  note,
  noteRequest,
  ownPresence,
  queuePlace,
  queuePlaces,
  queueRequest,
  readersPresence,
  readerWish,
  reviewRight,
  rtcToken,
  sessionList,
  sessionMessage,
  sessionMessages,
  sessionProblem,
  sessionRequest,
  sessionView,
} from '../../contract/session.ts';
import { sendProblem } from '../problems.ts';
import type { SessionModule } from './module.ts';
import type { QueueRefusal } from './readers.ts';
import { isOpen, sideOf } from './session.ts';
import type { Acted, CreateRefusal, GiveBackRefusal, Refusal } from './sessions.ts';

type Code = (CreateRefusal | Refusal | GiveBackRefusal | QueueRefusal)['code'];

/** What each refusal says, and as what. Whoever has no part in a session is told that there is none. */
const REFUSALS: Record<Code, [status: number, title: string]> = {
  not_found: [404, 'There is nothing here'],
  reader_not_found: [404, 'There is no such reader'],
  own_session: [409, 'Nobody can have a session with themselves'],
  modality_not_offered: [409, 'This reader doesn’t offer that'],
  reader_busy: [409, 'The reader is with somebody else'],
  reader_away: [409, 'The reader is away'],
  reader_offline: [409, 'The reader is not online'],
  reader_free: [409, 'The reader is free: start now'],
  already_in_session: [409, 'You are in a session already'],
  insufficient_balance: [402, 'There is not enough money in the wallet'],
  spending_limit: [409, 'A spending limit is in the way'],
  agreed_maximum: [409, 'The agreed maximum is reached'],
  key_reused: [409, 'That key was used for something else'],
  not_asked_yet: [409, 'The session was not asked for yet'],
  not_started: [409, 'The session has not started yet'],
  already_started: [409, 'The session has started already'],
  session_paused: [409, 'The session is paused: come back first'],
  session_reconnecting: [409, 'The session is being taken up again'],
  session_ended: [409, 'The session has ended'],
  grace_expired: [409, 'The time to come back is over'],
  only_the_reader: [403, 'Only the reader can do that'],
  only_the_client: [403, 'Only the client can do that'],
  not_yet: [409, 'It is too early for that'],
  not_a_raise: [409, 'That is no more than was agreed already'],
  queue_full: [409, 'The line for this reader is full'],
  too_many_places: [409, 'You are in too many lines already'],
  minute_not_charged: [409, 'A minute was never charged'],
  already_given_back: [409, 'A minute was given back already'],
  staff_in_session: [403, 'It is your own session: somebody else of the staff has to do that'],
};

/** Everybody may be a client; who is the reader of a session, the session says. */
const EVERYBODY = { people: ['client', 'reader', 'admin'] } as const;
const READERS = { people: ['reader'] } as const;
const STAFF = { people: ['admin'] } as const;

/** In small letters, as ids are kept: they are also compared, and name keys and rooms. */
const uuid = z.uuid().toLowerCase();
const id = z.object({ id: uuid });
const readerId = z.object({ reader_id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) });
const refusals = {
  400: problem,
  401: problem,
  402: sessionProblem,
  403: problem,
  404: problem,
  409: sessionProblem,
};
const tags = ['Sessions'];

export function registerSessions(app: FastifyInstance, parts: SessionModule): void {
  app.register(async (scope) => {
    takeEmptyJson(scope);
    registerRoutes(scope, parts);
  });
}

/** An act says all in its address: a body that is announced as JSON and empty, as beacons have it, is none. */
function takeEmptyJson(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null);
    else void parse(request, body, done);
  });
}

function registerRoutes(app: FastifyInstance, parts: SessionModule): void {
  const { clock, sessions, readers, room, views, tokens } = parts;
  const routes = app.withTypeProvider<ZodTypeProvider>();

  function refuse(
    request: FastifyRequest,
    reply: FastifyReply,
    refused: { code: Code } & Record<string, unknown>,
  ): FastifyReply {
    const [status, title] = REFUSALS[refused.code];
    const told = { title, ...refused };
    return sendProblem(request, reply, status, told);
  }

  /** Answers the session as whoever asked sees it now. */
  async function answer(request: FastifyRequest, reply: FastifyReply, acted: Acted, status = 200) {
    if (!acted.ok) return refuse(request, reply, acted.refused);
    const { person_id } = request.person;
    const view = await views.one(acted.session.id, { person_id });
    if (!view) return refuse(request, reply, { code: 'not_found' });
    return reply.code(status).header('cache-control', 'no-store').send(view);
  }

  routes.post(
    '/api/sessions',
    {
      config: { access: EVERYBODY },
      schema: {
        tags,
        summary: 'Asks a reader for a session',
        description:
          'Refused with `insufficient_balance` (what is needed and there), `reader_busy` (when asked for, with a place in line, or with why there is none), `reader_offline`, `reader_away`, `already_in_session`, `spending_limit`, `modality_not_offered`, `own_session`. With an `Idempotency-Key` a second try answers the first one’s session.',
        headers: z.object({ 'idempotency-key': z.string().min(1).max(200).optional() }),
        body: sessionRequest,
        response: { 200: sessionView, 201: sessionView, ...refusals },
      },
    },
    async (request, reply) => {
      const { person_id } = request.person;
      const made = await sessions.create(person_id, request.body, request.headers['idempotency-key'] ?? null);
      if (made.ok) return answer(request, reply, made, made.replayed ? 200 : 201);
      if (made.refused.code !== 'reader_busy' || !request.body.queue_if_busy)
        return refuse(request, reply, made.refused);
      const { reader_id, modality } = request.body;
      const line = await readers.getInLine(person_id, reader_id, modality, true);
      if (line.ok) return refuse(request, reply, { ...made.refused, queue: line.place });
      const { code } = line.refused;
      return refuse(request, reply, { ...made.refused, queue_refused: code, detail: REFUSALS[code][1] });
    },
  );

  routes.get(
    '/api/sessions',
    {
      config: { access: EVERYBODY },
      schema: {
        tags,
        summary: 'One’s own sessions, the newest first',
        querystring: z.object({
          state: z.enum(['open', 'past', 'all']).default('all'),
          before: z
            .string()
            .regex(/^\d{1,15}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
            .optional()
            .describe('`next` of the page before'),
          limit: z.coerce.number().int().min(1).max(100).default(20),
        }),
        response: { 200: sessionList, ...refusals },
      },
    },
    async (request, reply) => {
      const { before = null, ...query } = request.query;
      const page = await views.own({ person_id: request.person.person_id }, { ...query, before });
      return reply.header('cache-control', 'no-store').send(page);
    },
  );

  routes.get(
    '/api/sessions/:id',
    {
      config: { access: EVERYBODY },
      schema: {
        tags,
        summary: 'A session of one’s own',
        params: id,
        response: { 200: sessionView, ...refusals },
      },
    },
    async (request, reply) => {
      const { person_id, role } = request.person;
      await sessions.current(request.params.id);
      const view = await views.one(request.params.id, { person_id, staff: role === 'admin' });
      if (!view) return refuse(request, reply, { code: 'not_found' });
      return reply.header('cache-control', 'no-store').send(view);
    },
  );

  const acts = {
    join: 'Comes into the room; with the reader’s yes and both in it, the clock starts',
    leave: 'Leaves the room: the clock stops and the grace time begins',
    reconnect: 'Comes back after a pause, when grace and money allow it',
    end: 'Ends the session',
    accept: 'The reader says yes',
    decline: 'The reader says no',
    cancel: 'The client takes the request back',
  } as const;
  for (const name of Object.keys(acts) as (keyof typeof acts)[]) {
    routes.post(
      `/api/sessions/:id/${name}`,
      {
        config: { access: EVERYBODY },
        schema: {
          tags,
          summary: acts[name],
          description: 'The same again changes nothing and answers the session as it is.',
          params: id,
          response: { 200: sessionView, ...refusals },
        },
      },
      async (request, reply) =>
        answer(request, reply, await sessions[name](request.params.id, request.person.person_id)),
    );
  }

  routes.post(
    '/api/sessions/:id/heartbeat',
    {
      config: { access: EVERYBODY },
      schema: {
        tags,
        summary: 'Still in the room; every 5 s',
        params: id,
        response: { 200: heartbeatAnswer, ...refusals },
      },
    },
    async (request, reply) => {
      const beat = await sessions.heartbeat(request.params.id, request.person.person_id);
      if (!beat.ok) return refuse(request, reply, beat.refused);
      return reply
        .header('cache-control', 'no-store')
        .send({ state: beat.state, version: beat.version, server_time_ms: clock.now() });
    },
  );

  routes.post(
    '/api/sessions/:id/maximum',
    {
      config: { access: EVERYBODY },
      schema: {
        tags,
        summary: 'Raises the agreed maximum, by the client’s consent',
        params: id,
        body: maximumRequest,
        response: { 200: sessionView, ...refusals },
      },
    },
    async (request, reply) =>
      answer(
        request,
        reply,
        await sessions.raise(request.params.id, request.person.person_id, request.body.maximum_minutes),
      ),
  );

  routes.post(
    '/api/sessions/:id/rtc-token',
    {
      config: { access: EVERYBODY },
      schema: {
        tags,
        summary: 'What it takes to meet in the room, for 1200 s',
        description: 'Refused without balance, before the reader’s yes and after the end.',
        params: id,
        response: { 200: rtcToken, ...refusals },
      },
    },
    async (request, reply) => {
      const { person_id } = request.person;
      const session = await sessions.current(request.params.id);
      const side = session && sideOf(session, person_id);
      if (!session || !side) return refuse(request, reply, { code: 'not_found' });
      if (!isOpen(session.state)) return refuse(request, reply, { code: 'session_ended' });
      const mayMeet =
        session.state === 'waiting' ? session.accepted_ms !== null : session.state !== 'created';
      if (!mayMeet) return refuse(request, reply, { code: 'not_started' });
      const refused = await sessions.canGoOn(session, side);
      if (refused) return refuse(request, reply, refused);
      // In a chat nobody sends picture or sound.
      const role = session.modality === 'chat' ? 'subscriber' : 'publisher';
      return reply.header('cache-control', 'no-store').send(tokens.issue(session.channel, person_id, role));
    },
  );

  routes.get(
    '/api/sessions/:id/messages',
    {
      config: { access: EVERYBODY },
      schema: {
        tags,
        summary: 'The transcript, in order',
        params: id,
        querystring: z.object({
          after: z.coerce.number().int().min(0).max(2_147_483_647).default(0),
          limit: z.coerce.number().int().min(1).max(500).default(200),
        }),
        response: { 200: sessionMessages, ...refusals },
      },
    },
    async (request, reply) => {
      const { after, limit } = request.query;
      const found = await room.read(request.params.id, request.person.person_id, after, limit);
      if (!found.ok) return refuse(request, reply, found);
      return reply.header('cache-control', 'no-store').send({ messages: found.value });
    },
  );

  routes.post(
    '/api/sessions/:id/messages',
    {
      config: { access: EVERYBODY },
      schema: {
        tags,
        summary: 'Writes into the room, once for each key',
        params: id,
        body: messageRequest,
        response: { 200: sessionMessage, ...refusals },
      },
    },
    async (request, reply) => {
      const { key, text } = request.body;
      const written = await room.write(request.params.id, request.person.person_id, key, text);
      if (!written.ok) return refuse(request, reply, written);
      return reply.header('cache-control', 'no-store').send(written.value);
    },
  );

  routes.get(
    '/api/sessions/:id/note',
    {
      config: { access: EVERYBODY },
      schema: { tags, summary: 'One’s own note', params: id, response: { 200: note, ...refusals } },
    },
    async (request, reply) => {
      const found = await room.readNote(request.params.id, request.person.person_id);
      if (!found.ok) return refuse(request, reply, found);
      return reply.header('cache-control', 'no-store').send(found.value);
    },
  );

  routes.put(
    '/api/sessions/:id/note',
    {
      config: { access: EVERYBODY },
      schema: {
        tags,
        summary: 'Replaces one’s own note; nobody else reads it',
        params: id,
        body: noteRequest,
        response: { 200: note, ...refusals },
      },
    },
    async (request, reply) => {
      const { id, text } = { ...request.params, ...request.body };
      const written = await room.writeNote(id, request.person.person_id, text);
      if (!written.ok) return refuse(request, reply, written);
      return reply.header('cache-control', 'no-store').send(written.value);
    },
  );

  routes.get(
    '/api/readers/presence',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['Readers'],
        summary: 'Who is online, busy, away or offline',
        querystring: z.object({
          reader_ids: z
            .string()
            .regex(/^[A-Za-z0-9-]{1,64}(,[A-Za-z0-9-]{1,64}){0,199}$/)
            .optional()
            .describe('with commas between; all when it is left out'),
        }),
        response: { 200: readersPresence, 400: problem },
      },
    },
    async (request, reply) =>
      reply.header('cache-control', 'no-store').send({
        readers: await readers.statuses(request.query.reader_ids?.split(',') ?? null),
        server_time_ms: clock.now(),
      }),
  );

  routes.get(
    '/api/readers/me/presence',
    {
      config: { access: READERS },
      schema: {
        tags: ['Readers'],
        summary: 'What others see of me',
        response: { 200: ownPresence, ...refusals },
      },
    },
    async (request, reply) =>
      reply.header('cache-control', 'no-store').send(await readers.own(request.person.person_id)),
  );

  routes.put(
    '/api/readers/me/presence',
    {
      config: { access: READERS },
      schema: {
        tags: ['Readers'],
        summary: 'Says online, away or offline; holds for 90 s, so say it again every 30 s',
        body: readerWish,
        response: { 200: ownPresence, ...refusals },
      },
    },
    async (request, reply) =>
      reply
        .header('cache-control', 'no-store')
        .send(await readers.say(request.person.person_id, request.body.status)),
  );

  routes.get(
    '/api/queue',
    {
      config: { access: EVERYBODY },
      schema: {
        tags: ['Readers'],
        summary: 'One’s places in line',
        response: { 200: queuePlaces, ...refusals },
      },
    },
    async (request, reply) =>
      reply
        .header('cache-control', 'no-store')
        .send({ places: await readers.places(request.person.person_id) }),
  );

  routes.put(
    '/api/readers/:reader_id/queue',
    {
      config: { access: EVERYBODY },
      schema: {
        tags: ['Readers'],
        summary: 'Gets in line for a busy reader, once',
        params: readerId,
        body: queueRequest,
        response: { 200: queuePlace, ...refusals },
      },
    },
    async (request, reply) => {
      const { reader_id } = request.params;
      const line = await readers.getInLine(request.person.person_id, reader_id, request.body.modality);
      if (!line.ok) return refuse(request, reply, line.refused);
      return reply.header('cache-control', 'no-store').send(line.place);
    },
  );

  routes.delete(
    '/api/readers/:reader_id/queue',
    {
      config: { access: EVERYBODY },
      schema: {
        tags: ['Readers'],
        summary: 'Gets out of line',
        params: readerId,
        response: { 204: z.undefined().describe('Out of line'), ...refusals },
      },
    },
    async (request, reply) => {
      await readers.leaveLine(request.person.person_id, request.params.reader_id);
      return reply.code(204).send();
    },
  );

  routes.get(
    '/api/admin/sessions',
    {
      config: { access: STAFF },
      schema: {
        tags: ['Staff'],
        summary: 'Sessions that are open now',
        response: { 200: sessionList, ...refusals },
      },
    },
    async (request, reply) =>
      reply
        .header('cache-control', 'no-store')
        .send({ sessions: await views.live(request.person.person_id), next: null }),
  );

  routes.post(
    '/api/admin/sessions/:id/end',
    {
      config: { access: STAFF },
      schema: {
        tags: ['Staff'],
        summary: 'Ends a session, with a reason',
        params: id,
        body: endRequest,
        response: { 200: sessionView, ...refusals },
      },
    },
    async (request, reply) => {
      const { person_id } = request.person;
      const acted = await sessions.endByStaff(request.params.id, person_id, request.body.reason);
      if (!acted.ok) return refuse(request, reply, acted.refused);
      const view = await views.one(acted.session.id, { person_id, staff: true });
      if (!view) return refuse(request, reply, { code: 'not_found' });
      return reply.header('cache-control', 'no-store').send(view);
    },
  );

  routes.post(
    '/api/admin/sessions/:id/give-back',
    {
      config: { access: STAFF },
      schema: {
        tags: ['Staff'],
        summary: 'Gives charged minutes back, with a reason that both see',
        params: id,
        body: giveBackRequest,
        response: { 200: sessionView, ...refusals },
      },
    },
    async (request, reply) => {
      const { person_id } = request.person;
      const { minutes, reason } = request.body;
      const acted = await sessions.giveBack(request.params.id, person_id, minutes, reason);
      if (!acted.ok) return refuse(request, reply, { ...acted.refused });
      const view = await views.one(acted.session.id, { person_id, staff: true });
      if (!view) return refuse(request, reply, { code: 'not_found' });
      return reply.header('cache-control', 'no-store').send(view);
    },
  );

  routes.get(
    '/service/sessions/:id/review-right',
    {
      config: { access: { services: ['cms'] } },
      schema: {
        tags,
        summary: 'Whether a person may review a session: their own, finalised, with enough paid minutes',
        params: id,
        querystring: z.object({ person_id: uuid }),
        response: { 200: reviewRight, 400: problem, 401: problem, 404: problem, 429: problem },
      },
    },
    async (request, reply) => {
      const right = await views.reviewRight(request.params.id, request.query.person_id);
      if (!right) return refuse(request, reply, { code: 'not_found' });
      return reply.header('cache-control', 'no-store').send(right);
    },
  );
}
