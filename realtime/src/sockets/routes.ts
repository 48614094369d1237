/** Tickets for sockets, sign-outs from the site, and what plain HTTP is told at the socket's address. */

import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { z } from 'zod';
import { problem } from '../../contract/http.ts';
import { SOCKET_VERSION, signOut, socketTicket, TICKET_PREFIX } from '../../contract/socket.ts';
import type { Clock } from '../clock.ts';
import { sendProblem } from '../problems.ts';
import { openEndpoint, SOCKET_PATH, type SocketLimits } from './endpoint.ts';
import type { Hub } from './hub.ts';
import type { SocketMetrics } from './metrics.ts';
import { TICKET_LIFE_MS, type Tickets } from './tickets.ts';

export interface SocketParts {
  hub: Hub;
  tickets: Tickets;
  metrics: SocketMetrics;
  /** The origin of the only page that may connect. */
  origin: string;
  limits?: Partial<SocketLimits>;
}

/** Closing the server closes the sockets first, with 1012. */
export function registerSockets(
  app: FastifyInstance,
  sockets: SocketParts,
  around: { clock: Clock; log: Logger; isProxy: (address: string) => boolean },
): void {
  const { hub, tickets } = sockets;
  const { clock } = around;
  const endpoint = openEndpoint({ server: app.server, ...sockets, ...around });
  app.addHook('preClose', async () => {
    await endpoint.close();
    hub.close();
  });
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post(
    '/api/socket-tickets',
    {
      config: { access: { people: ['client', 'reader', 'admin'] } },
      schema: {
        tags: ['Sockets'],
        summary: `A ticket that opens one socket within ${TICKET_LIFE_MS / 1_000} seconds`,
        response: { 201: socketTicket, 401: problem, 403: problem, 429: problem, 503: problem },
      },
    },
    async (request, reply) => {
      const ticket = await tickets.issue(request.person.person_id);
      return reply.code(201).header('cache-control', 'no-store').send(ticket);
    },
  );

  routes.put(
    '/service/sign-outs/:id',
    {
      config: { access: { services: ['site'] } },
      schema: {
        tags: ['Sockets'],
        summary: 'Closes a person’s sockets whose ticket is not younger than the sign-out',
        description: 'Again with the same content changes nothing. A time in the future counts as now.',
        params: z.object({ id: z.uuid() }),
        body: signOut,
        response: { 204: z.undefined().describe('Done'), 400: problem, 401: problem, 429: problem },
      },
    },
    async (request, reply) => {
      const { person_id } = request.body;
      const at_ms = Math.min(request.body.at_ms, clock.now());
      await tickets.signOut({ person_id, at_ms });
      hub.closePerson(person_id, 'signed_out', at_ms);
      return reply.code(204).send();
    },
  );

  routes.get(
    SOCKET_PATH,
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['Sockets'],
        summary: 'The socket: a WebSocket handshake with a ticket',
        description: `Subprotocols: \`${SOCKET_VERSION}\`, and \`${TICKET_PREFIX}\` with a ticket. Messages: \`realtime/contract/socket.ts\`.`,
        response: { 426: problem },
      },
    },
    async (request, reply) =>
      sendProblem(request, reply.header('upgrade', 'websocket').header('connection', 'upgrade'), 426, {
        code: 'upgrade_required',
        title: 'This address speaks WebSocket',
      }),
  );
}
